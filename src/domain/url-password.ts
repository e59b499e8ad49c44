import { isCredential } from './secret-parameter.ts'

/** The scheme may be missing: the text may begin with a reference that holds it. */
const userInfoPattern = /^(?:[^:/?]*:\/\/)?([^?]*)@/

/** Percent-decoded, or as it stands when it is not percent-encoded text. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const queryPasswords = (url: string): readonly string[] => {
  const start = url.indexOf('?')
  if (start === -1) return []
  return url
    .slice(start + 1)
    .split('&')
    .map((pair) => pair.split(/=(.*)/s))
    .flatMap(([name, value]) => (isCredential(name ?? '') && value ? [value] : []))
}

/**
 * Every password in a URL, as written and decoded. The user part ends at the last `@` before the query, so that a password
 * with an unencoded `/`, `#` or `@` is found whole.
 */
export const passwordsOf = (url: string): readonly string[] => {
  const userInfo = userInfoPattern.exec(url)?.[1] ?? ''
  const colon = userInfo.indexOf(':')
  const inUserInfo = colon === -1 ? '' : userInfo.slice(colon + 1)
  const written = [inUserInfo, ...queryPasswords(url)].filter((password) => password !== '')
  return [...new Set(written.flatMap((password) => [password, decoded(password)]))]
}
