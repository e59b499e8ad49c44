export type Env = Readonly<Record<string, string | undefined>>

export interface Reference {
  /** Name of the environment variable. */
  readonly name: string
  /** What stands for an unset or empty variable; null = nothing does. */
  readonly fallback: string | null
}

/** Text and references in the order written. */
export type Template = readonly (string | Reference)[]

/** `$${` is an escaped `${`; the last branch finds what begins like a reference and is none. */
const templatePattern = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g

const pieceOf = ([text, name, fallback]: RegExpExecArray): string | Reference | null => {
  if (text === '$${') return '${'
  if (name === undefined || fallback?.includes('${')) return null
  return { name, fallback: fallback ?? null }
}

/** The references in a text; null when one is malformed or nested in another. */
export const parseTemplate = (text: string): Template | null => {
  const pieces: (string | Reference)[] = []
  let end = 0
  for (const match of text.matchAll(templatePattern)) {
    const piece = pieceOf(match)
    if (piece === null) return null
    if (match.index > end) pieces.push(text.slice(end, match.index))
    pieces.push(piece)
    end = match.index + match[0].length
  }
  return end < text.length ? [...pieces, text.slice(end)] : pieces
}

/** The reference that is the whole template, or null. */
export const soleReference = (template: Template): Reference | null => {
  const [piece] = template
  return template.length === 1 && piece !== undefined && typeof piece !== 'string' ? piece : null
}

/** Names of the variables that are needed and not set. */
export const unsetNames = (template: Template, env: Env): readonly string[] => [
  ...new Set(
    template.flatMap((piece) =>
      typeof piece === 'string' || piece.fallback !== null || env[piece.name] !== undefined ? [] : [piece.name],
    ),
  ),
]

/** The text with its references replaced, once: values are not scanned again. As in a shell, `:-` also stands for an empty value. */
export const fillTemplate = (template: Template, env: Env): string =>
  template
    .map((piece) => {
      if (typeof piece === 'string') return piece
      const value = env[piece.name] ?? ''
      return value === '' ? (piece.fallback ?? '') : value
    })
    .join('')
