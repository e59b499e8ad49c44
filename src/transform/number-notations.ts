import { parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** What may stand between two digits of one number. */
const between = '[-. ()/\u00a0]{0,3}'

/** A bracket stands last: Postgres takes `[:` for the name of a class. A phone number in JSON may be a text of its own, a `tel:` or `sip:` address, or digits without quotes. */
const before = '(^|[":,[])(tel:|sips?:)?[(+]{0,2}'
const behind = '( ?(x|ext[.]?|;ext=) ?[0-9]{1,6})?([",}@;]|]|$)'

/** Digits of the number as texts may write it: international with and without prefix, national with and without trunk digit. */
export const digitsOf = (e164: string): readonly string[] => {
  const international = e164.slice(1)
  const national = parsePhoneNumberFromString(e164)?.nationalNumber ?? international
  return [...new Set([international, national, `0${national}`, `00${international}`, `011${international}`])]
}

const anyOf = (e164: string): string =>
  `(${digitsOf(e164)
    .map((digits) => [...digits].join(between))
    .join('|')})`

/** Regular expressions for Postgres and JavaScript alike: where a JSON text has the number as a value of its own. */
export const numberAsValue = (e164: string): string => `${before}${anyOf(e164)}${behind}`

/** The same, where any text has the number among others. */
export const numberInText = (e164: string): string => `(^|[^0-9])${anyOf(e164)}([^0-9]|$)`

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

/** An address in lower case; match without regard to case. */
export const emailAsValue = (email: string): string => `"(mailto:)?${escaped(email)}"`

export const emailInText = (email: string): string => `(^|[^a-z0-9._%+-])${escaped(email)}([^a-z0-9-]|$)`

const valuesOfNumbers = new RegExp(`[":,[](?:tel:|sips?:)?[(+]{0,2}([0-9](?:${between}[0-9]){5,18})(?![0-9])`, 'g')

const valuesOfEmails = /"(?:mailto:)?([^"\s@]{1,64}@[^"\s@]{1,255})"/g

/** Numbers and addresses that a JSON text has as values of their own. */
export const partiesIn = (
  json: string,
): { readonly digits: readonly string[]; readonly emails: readonly string[] } => ({
  digits: Array.from(json.matchAll(valuesOfNumbers), ([, number = '']) => number.replaceAll(/\D/g, '')),
  emails: Array.from(json.matchAll(valuesOfEmails), ([, email = '']) => email.toLowerCase()),
})

/** Groups of digits that one number may be written in. */
const mostGroups = 6
const longest = 18

const grouped = /[0-9]+(?:[-. ()/\u00a0]{1,3}[0-9]+)*/g

const emailsInText = /[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,255}/gi

/** `10 (512) 555-0142` may be one number or two: every run of neighbouring groups is one. */
const runsOf = (groups: readonly string[]): readonly string[] =>
  groups.flatMap((_, from) => {
    const runs: string[] = []
    let run = ''
    for (const group of groups.slice(from, from + mostGroups)) {
      run += group
      if (run.length > longest) break
      if (run.length >= 6) runs.push(run)
    }
    return runs
  })

/** Whatever in a text may be a number or an address. */
export const mentionsIn = (text: string): ReturnType<typeof partiesIn> => ({
  digits: Array.from(text.matchAll(grouped), ([match]) => runsOf(match.split(/[^0-9]+/))).flat(),
  emails: Array.from(text.matchAll(emailsInText), ([email]) => email.toLowerCase().replace(/[.-]+$/, '')),
})
