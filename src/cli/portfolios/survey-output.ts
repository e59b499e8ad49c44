import type { PortfolioRule } from '../../domain/portfolio-rule.ts'
import type { PortfolioSurvey, RuleUse } from '../../pipeline/survey-portfolios.ts'
import { counted } from '../../terminal/counted.ts'
import { renderTable } from '../../terminal/table.ts'
import { excerpt } from '../../transform/excerpt.ts'

/** A survey, and the rules it is of. */
export interface Surveyed {
  readonly survey: PortfolioSurvey
  readonly rules: readonly PortfolioRule[]
  /** Where each rule is written. */
  readonly places: readonly string[]
  readonly shadows: readonly (number | null)[]
}

interface JudgedRule extends RuleUse {
  readonly rule: PortfolioRule
  readonly place: string
  /** Why it places nothing; null = it places rows. */
  readonly idle: 'fits no row' | 'an earlier rule takes its rows' | 'an earlier rule is for the same value' | null
  /** Where that earlier rule is written. */
  readonly shadowedBy: string | null
}

const judged = ({ survey, rules, places, shadows }: Surveyed): readonly JudgedRule[] =>
  rules.map((rule, index) => {
    const use = survey.rules[index] ?? { fits: 0, places: 0 }
    const shadow = shadows[index] ?? null
    const idle = shadow !== null ? 'an earlier rule is for the same value' : idleOf(use)
    const shadowedBy = shadow === null ? null : (places[shadow] ?? null)
    return { rule, place: places[index] ?? '', ...use, idle, shadowedBy }
  })

const idleOf = (use: RuleUse): JudgedRule['idle'] => {
  if (use.places > 0) return null
  return use.fits === 0 ? 'fits no row' : 'an earlier rule takes its rows'
}

/** The document of `portfolios --json`; see docs/operator.md. */
export const surveyDocument = (surveyed: Surveyed, limit: number) => {
  const { survey } = surveyed
  return {
    rows: survey.rows,
    placed_by: { rule: survey.by.rule, source: survey.by.stated, default: survey.by.default },
    unmapped_rows: survey.by.nothing,
    outdated_rows: survey.outdated,
    portfolios: survey.portfolios,
    rules: judged(surveyed).map(({ rule, place, fits, places, idle, shadowedBy }) => ({
      attribute: rule.attribute,
      value: rule.value,
      connection: rule.connection,
      portfolio_id: rule.portfolioId,
      written_at: place,
      rows_it_fits: fits,
      rows_it_places: places,
      idle,
      shadowed_by: shadowedBy,
    })),
    unmatched: survey.unmatched.slice(0, limit),
  }
}

export const surveyText = (surveyed: Surveyed, limit: number): string =>
  [
    totalsText(surveyed.survey),
    portfoliosText(surveyed.survey, limit),
    idleText(surveyed),
    unmatchedText(surveyed.survey, limit),
  ]
    .filter((part) => part !== '')
    .join('\n')

const number = (count: number): string => count.toLocaleString('en')

const totalsText = ({ rows, by, outdated }: PortfolioSurvey): string => {
  const total = `${number(rows)} ${rows === 1 ? 'row' : 'rows'}: ${number(by.rule)} placed by a rule, ${number(by.stated)} by their source, ${number(by.default)} by the default, ${number(by.nothing)} unmapped\n`
  if (outdated === 0) return total
  return `${total}${number(outdated)} of them ${outdated === 1 ? 'has' : 'have'} another portfolio than today's map gives: reelhouse replay --map\n`
}

const beyond = (all: number, limit: number): string =>
  all > limit ? `... and ${number(all - limit)} more (--limit)\n` : ''

const portfoliosText = ({ portfolios }: PortfolioSurvey, limit: number): string => {
  const rows = portfolios.slice(0, limit).map(({ portfolio_id, rows }) => [portfolio_id ?? '(unmapped)', rows])
  return rows.length === 0 ? '' : renderTable(['portfolio', 'rows'], rows) + beyond(portfolios.length, limit)
}

/** `own_number "+15125550100" (connection front-desk)` */
export const ruleText = ({ attribute, value, connection }: PortfolioRule): string =>
  `${attribute} ${excerpt(value)}${connection === null ? '' : ` (connection ${connection})`}`

/** What is wrong is not cut off at a limit. */
const idleText = (surveyed: Surveyed): string => {
  const rules = judged(surveyed)
  const idle = rules.filter((rule) => rule.idle !== null)
  if (rules.length === 0) return 'No rule is configured.\n'
  if (idle.length === 0) return `Every one of ${counted(rules.length, 'rule')} places rows.\n`
  const cells = idle.map(({ rule, place, idle: why, shadowedBy }) => [
    ruleText(rule),
    place,
    shadowedBy === null ? why : `${why}: ${shadowedBy}`,
  ])
  const head = `Of ${counted(rules.length, 'rule')} ${number(idle.length)} ${idle.length === 1 ? 'places' : 'place'} nothing:\n`
  return head + renderTable(['rule', 'written at', 'why'], cells)
}

const unmatchedText = ({ unmatched, unmatchedBeyond }: PortfolioSurvey, limit: number): string => {
  if (unmatched.length === 0) return ''
  const cells = unmatched
    .slice(0, limit)
    .map(({ connection, attribute, value, rows }) => [connection, attribute, excerpt(value), rows])
  const further =
    unmatchedBeyond === 0
      ? ''
      : `... and ${number(unmatchedBeyond)} rows with values of which there are too many to count\n`
  return `No rule knows:\n${renderTable(['connection', 'attribute', 'value', 'rows'], cells)}${beyond(unmatched.length, limit)}${further}`
}
