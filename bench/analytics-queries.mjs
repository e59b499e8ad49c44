// Times of the queries of docs/analytics.md: by sequential scans, with the indexes of the warehouse, without each that a plan
// uses, and with each candidate that a plan would use.
import { readFile } from 'node:fs/promises'
import { median } from './options.mjs'

const page = new URL('../docs/analytics.md', import.meta.url)

/** The queries, by the heading over each. */
export const documentedQueries = async () => {
  const text = await readFile(page, 'utf8')
  const found = text.matchAll(/^### (\d+\. [^\n]+)\n(?:(?!^#).)*?^```sql\n(.*?)^```$/gms)
  return Array.from(found, ([, name, sql]) => ({ name, sql: sql.trim().replace(/;$/, '') }))
}

const patience = 60_000

const bySequentialScan = ['indexscan', 'indexonlyscan', 'bitmapscan'].map((way) => `set local enable_${way} = off`)

const nodesOf = (plan) => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

/** How the plan gets at rows, such as `bitmap call_recordings_by_time`. */
const shapeOf = (plan) => {
  const scans = nodesOf(plan).flatMap((node) => {
    const what = node['Index Name'] ?? node['Relation Name']
    if (what === undefined || /^connections|^coverage/.test(what) || node['Node Type'] === 'Bitmap Heap Scan') return []
    return [`${node['Node Type'].split(' ')[0].toLowerCase()} ${what}`]
  })
  return [...new Set(scans)].join(' and ')
}

const indexesOf = (plan) => new Set(nodesOf(plan).flatMap((node) => node['Index Name'] ?? []))

/** Milliseconds, the median after one run to warm up; Infinity when it takes too long. What `before` does is rolled back. */
const timed = async (client, sql, runs, before) => {
  await client.query('begin')
  try {
    for (const statement of before) await client.query(statement)
    const { rows } = await client.query(`explain (format json) ${sql}`)
    const [{ Plan: plan }] = rows[0]['QUERY PLAN']
    await client.query(`set local statement_timeout = ${patience}`)
    const times = []
    for (let run = 0; run <= runs; run += 1) {
      const began = performance.now()
      await client.query(sql)
      times.push(performance.now() - began)
    }
    return { ms: median(times.slice(1)), plan }
  } catch (error) {
    if (error.code !== '57014') throw error
    return { ms: Number.POSITIVE_INFINITY, plan: null }
  } finally {
    await client.query('rollback')
  }
}

const drop = (names) =>
  names.length === 0 ? [] : [`drop index ${names.map((name) => `reelhouse.${name}`).join(', ')}`]

export const measureQueries = async (client, { runs, kept, candidates }, say) => {
  const figures = []
  for (const { name, sql } of await documentedQueries()) {
    const time = (before) => timed(client, sql, runs, before)
    const sequential = await time(bySequentialScan)
    const withKept = await time(drop(candidates))
    const used = indexesOf(withKept.plan)
    const without = {}
    for (const index of kept.filter((index) => used.has(index)))
      without[index] = (await time(drop([...candidates, index]))).ms
    const instead = {}
    for (const index of candidates) {
      const { ms, plan } = await time(drop(candidates.filter((other) => other !== index)))
      if (plan !== null && indexesOf(plan).has(index)) instead[index] = ms
    }
    const figure = { name, sequential: sequential.ms, ms: withKept.ms, shape: shapeOf(withKept.plan), without, instead }
    figures.push(figure)
    say(`  ${JSON.stringify(figure)}`)
  }
  return figures
}
