import type { TestDatabase } from './database.ts'

const base64Of = (text: string): readonly string[] =>
  [0, 1, 2].map((offset) => {
    const bytes = Buffer.from(text)
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  })

/**
 * Tables of ours that have a person's digits in any notation, or one of the other texts. Its search is of its own: a pattern
 * of the program under test would miss what the program misses.
 */
export const tablesWith = async (
  { rows }: Pick<TestDatabase, 'rows'>,
  digits: string,
  texts: readonly string[] = [],
): Promise<readonly string[]> => {
  const tables = await rows<{ readonly name: string }>(
    "select quote_ident(relname) as name from pg_class where relnamespace = to_regnamespace('reelhouse') and relkind = 'r'",
  )
  const found = await rows<{ readonly name: string }>(
    tables
      .map(
        ({ name }) => `(
          select '${name}' as name from reelhouse.${name} t
          where position($1 in regexp_replace(t::text, '[^0-9a-z]', '', 'gi')) > 0
            or exists (select from unnest($2::text[]) s where position(s in t::text) > 0)
          limit 1)`,
      )
      .join(' union all '),
    [digits, [...texts, ...base64Of(digits)]],
  )
  return found.map(({ name }) => name).sort()
}
