// Loads a dump of invented recordings, as `reelhouse sync` does it, beside the floor: the same rows, already shaped, by psql
// \copy into a temporary table and one INSERT ... ON CONFLICT ... WHERE distinct into the same table with all its columns
// and indexes, on the same server, alternating. Cases: first (an empty table), again (identical, forced), changed (1 %).
//
//   npm run bench:load -- --rows 1000000 --runs 3 [--records keys|payloads] [--quoted] [--json]
//
// Ratios are pairwise within one run; what is printed are medians. Without psql the floor is COPY of the same bytes.
import { spawnSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { columns, writeDump } from './dump.mjs'
import { median, options, table } from './options.mjs'
import { timedReelhouse, timedSync } from './timed-reelhouse.mjs'
import { measured, query, run, startWarehouse } from './warehouse.mjs'

const { rows, runs, records, quoted, json } = options({
  rows: 1_000_000,
  runs: 3,
  records: 'none',
  quoted: false,
  json: false,
})

const folder = await mkdtemp(join(tmpdir(), 'reelhouse-bench-'))
const say = (text) => (json ? process.stderr : process.stdout).write(`${text}\n`)
const hasPsql = spawnSync('psql', ['--version']).status === 0

const shaped = join(folder, 'rows.csv')
const changed = join(folder, 'changed.csv')
const dump = join(folder, 'dump.csv')

const stated = columns.join(', ')
const excluded = columns.filter((name) => name !== 'message_id')
const stage = 'create temp table stage (like reelhouse.call_recordings including defaults) on commit drop'
const constants = "'files', 'audio', message_id, 'available', 0, 1, now(), now(), 1"
const constantColumns =
  'source, media, record_id, recording_status, source_ordinal, connection_key, first_loaded_at, last_changed_at, run_id'
const looseStage = stage.replace(
  'stage (like reelhouse.call_recordings including defaults)',
  `stage (${columns.map((name) => `${name} ${{ created_at: 'timestamptz', call_duration_in_sec: 'integer' }[name] ?? 'text'}`).join(', ')})`,
)
const merge = `
  insert into reelhouse.call_recordings as t (${stated}, ${constantColumns})
  select ${stated}, ${constants} from stage
  on conflict (connection_key, message_id) do update set
    ${excluded.map((name) => `${name} = excluded.${name}`).join(', ')}, last_changed_at = excluded.last_changed_at, run_id = excluded.run_id
  where row (${excluded.map((name) => `t.${name}`).join(', ')}) is distinct from row (${excluded.map((name) => `excluded.${name}`).join(', ')})`

const floor = async (url, file) => {
  const copy = `copy stage (${stated}) from stdin with (format csv, header)`
  if (hasPsql) {
    const script = join(folder, 'floor.sql')
    const fromFile = `\\copy stage (${stated}) from '${file}' with (format csv, header)`
    await writeFile(script, `begin;\n${looseStage};\n${fromFile}\n${merge.replaceAll(/\s+/g, ' ')};\ncommit;\n`)
    await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url, '-f', script])
    return
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('begin')
  await client.query(looseStage)
  await pipeline(createReadStream(file), client.query(copyFrom(copy)))
  await client.query(merge)
  await client.query('commit')
  await client.end()
}

const config = `connections:
  - id: bench
    source: files
    records: ${records}
    paths: [dump.csv]
    shape: travtus
`

const written = async (url) =>
  (
    await query(
      url,
      `select count(*)::int as rows, md5(string_agg(md5(row (${stated})::text), '' order by message_id)) as digest from reelhouse.call_recordings`,
    )
  )[0]

const results = []

const pair = async (name, urls, file, ours) => {
  const contenders = [
    ['floor', () => measured(urls.floor, () => floor(urls.floor, file))],
    ['ours', () => measured(urls.ours, ours)],
  ]
  // Neither side always has the warmer machine.
  if (results.length % 2 === 1) contenders.reverse()
  const figures = {}
  for (const [who, work] of contenders) figures[who] = await work()
  const { seconds, wal, result } = figures.ours
  results.push({
    case: name,
    floor: figures.floor.seconds,
    ours: seconds,
    ratio: seconds / figures.floor.seconds,
    floorWal: figures.floor.wal,
    wal,
    rss: result.rss,
    cpu: result.cpu,
    counted: result.counted,
  })
  say(
    `  ${name}: floor ${figures.floor.seconds.toFixed(1)} s, ours ${seconds.toFixed(1)} s (${(seconds / figures.floor.seconds).toFixed(2)}),` +
      ` WAL ${(figures.floor.wal / 1e6).toFixed(0)} / ${(wal / 1e6).toFixed(1)} MB, RSS ${result.rss.toFixed(0)} MB, CPU ${result.cpu.toFixed(1)} s`,
  )
}

const sameRows = async (urls) => {
  const [a, b] = [await written(urls.floor), await written(urls.ours)]
  if (a.rows !== b.rows || a.digest !== b.digest) throw new Error(`the tables differ: ${JSON.stringify([a, b])}`)
}

let warehouse
try {
  await writeFile(join(folder, 'bench.yaml'), config)
  await writeDump(shaped, { count: rows })
  await writeDump(changed, { count: rows, changed: true })
  warehouse = await startWarehouse(folder)
  const [{ version }] = await query(warehouse.url, 'select version()')
  const machine = `${cpus().length} cores, Node ${process.version}, ${version.split(' on ')[0]}, floor by ${hasPsql ? 'psql' : 'COPY'}`
  say(`${rows} rows, records: ${records}${quoted ? ', every cell in quotes' : ''}; ${machine}`)
  for (let n = 1; n <= runs; n += 1) {
    const urls = { floor: await warehouse.create('floor'), ours: await warehouse.create('ours') }
    for (const url of Object.values(urls)) await timedReelhouse(folder, { DATABASE_URL: url }, 'migrate')
    await writeDump(dump, { count: rows, quoted })
    await pair('first', urls, shaped, () => timedSync(folder, { DATABASE_URL: urls.ours }))
    await sameRows(urls)
    for (const url of Object.values(urls))
      await query(url, 'vacuum (analyze) reelhouse.call_recordings, reelhouse.source_records')
    await pair('again', urls, shaped, () => timedSync(folder, { DATABASE_URL: urls.ours }, '--force'))
    await writeDump(dump, { count: rows, changed: true, quoted })
    await pair('changed', urls, changed, () => timedSync(folder, { DATABASE_URL: urls.ours }))
    await sameRows(urls)
  }
  const medians = ['first', 'again', 'changed'].map((name) => {
    const of = (key) => median(results.filter((one) => one.case === name).map((one) => one[key]))
    return [name, of('floor'), of('ours'), of('ratio'), of('floorWal') / 1e6, of('wal') / 1e6, of('rss'), of('cpu')]
  })
  const head = ['case', 'floor s', 'ours s', 'ratio', 'floor WAL MB', 'ours WAL MB', 'RSS MB', 'Node CPU s']
  const shown = medians.map(([name, ...figures]) => [name, ...figures.map((figure) => figure.toFixed(2))])
  say(`\nmedians of ${runs}:\n${table([head, ...shown])}`)
  if (json) process.stdout.write(`${JSON.stringify({ machine, rows, runs, records, quoted, results })}\n`)
} finally {
  await warehouse?.close()
  await rm(folder, { recursive: true, force: true })
}
