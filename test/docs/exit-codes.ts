import { type ExitName, exitCodes, worstExit } from '../../src/terminal/exit-code.ts'
import { generatedPage, table } from './markdown.ts'

const isName = (name: string): name is ExitName => name in exitCodes

const codesFromWorst = (): readonly number[] =>
  Object.keys(exitCodes)
    .filter(isName)
    .sort((a, b) => (worstExit([a, b]) === a ? -1 : 1))
    .map((name) => exitCodes[name].code)

export const exitCodesReference = (): string =>
  generatedPage(
    'Exit codes',
    `Every command ends with one of these. When several apply, the worst counts: ${codesFromWorst().join(', ')}.`,
    [
      table(
        ['code', 'name', 'meaning'],
        Object.entries(exitCodes).map(([name, { code, meaning }]) => [`${code}`, name, meaning]),
      ),
    ],
  )
