/** A cell of a Markdown table: one line, pipes escaped. */
const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()

const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')

export const code = (text: string): string => `\`${text}\``

/** A generated file: what it is, where it comes from, its parts. */
export const generatedPage = (title: string, about: string, parts: readonly string[]): string =>
  `${[`# ${title}`, `<!-- Generated: npm run docs. Do not edit. -->`, about, ...parts].join('\n\n')}\n`

export interface CodeBlock {
  readonly language: string
  readonly text: string
}

/** The fenced blocks of a page, without the indentation of the list they stand in. */
export const codeBlocks = (markdown: string): readonly CodeBlock[] =>
  Array.from(markdown.matchAll(/^( *)```(\S*)\n(.*?)^\1```$/gms), ([, indentation = '', language = '', text = '']) => ({
    language,
    text: text.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''),
  }))
