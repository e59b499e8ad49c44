// What the race came to, as a table.
import { table } from '../options.mjs'

export const shown = ({ seconds, late, failed, wrong }) => {
  if (late) return `> ${late} s`
  if (failed) return 'failed'
  return wrong ? 'wrong rows' : `${seconds.toFixed(1)} s`
}

const cell = (one, ours) => {
  if (one === undefined) return '-'
  if (one.seconds === undefined || one.wrong) return shown(one)
  return `${shown(one)} (${ours?.seconds === undefined ? '-' : (one.seconds / ours.seconds).toFixed(2)})`
}

const lineOf = ({ name, version, done }, ours, cases) => {
  const ended = Object.values(done).filter(({ seconds }) => seconds !== undefined)
  const rss = ended.length === 0 ? '-' : Math.max(...ended.map((one) => one.rss)).toFixed(0)
  const wal = cases.map((which) => done[which]?.wal?.toFixed(1) ?? '-').join(' / ')
  const correct = ended.length === 0 ? '-' : ended.some(({ wrong }) => wrong) ? 'no' : 'yes'
  return [`${name} ${version}`, ...cases.map((which) => cell(done[which], ours.done[which])), rss, wal, correct]
}

/** The first of the results is Reelhouse: what the others are times of. */
export const report = (results, cases) => {
  const [ours] = results
  const lines = results.filter(({ absent }) => !absent).map((one) => lineOf(one, ours, cases))
  const absent = results.filter((one) => one.absent).map((one) => `${one.name} is not measured: ${one.absent}`)
  const head = ['tool', ...cases, 'peak RSS MB', 'WAL MB', 'rows correct']
  return ['seconds (and times those of reelhouse):', table([head, ...lines]), ...absent].join('\n')
}
