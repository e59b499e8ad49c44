// Writes a dump of invented recordings in the Travtus shape, about 345 bytes a row, and the same rows shaped as they lie in
// call_recordings (for the floor). The same numbers make the same rows.
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

const columns = [
  'conversation_id',
  'message_id',
  'created_at',
  'portfolio_id',
  'message_text',
  'first_name',
  'last_name',
  'sender_ext_ref',
  'phone_number',
  'email_address',
  'message_direction',
  'number_dialed_by_user',
  'call_duration_in_sec',
  'recording_url',
]

const words =
  'hello this is about the two bedroom apartment on the third floor is it still free and when could we come to see it thank you'.split(
    ' ',
  )

const uuidOf = (text) => {
  const hex = createHash('md5').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const textOf = (n) => {
  let text = ''
  for (let at = 0; text.length < 100; at += 1) text += `${words[(n * 7 + at * (1 + (n % 5))) % words.length]} `
  return text.trimEnd()
}

const phone = (n) => `+1512555${String(n % 10_000).padStart(4, '0')}`

/** One recording in so many is another one in the changed dump. */
const changedOneIn = 100

const rowOf = (n, changed) => {
  const id = uuidOf(`recording ${n}`)
  const inbound = n % 3 !== 0
  const isChanged = changed && n % changedOneIn === 0
  return [
    uuidOf(`call ${Math.floor(n / 2)}`),
    id,
    new Date(Date.UTC(2023, 0, 1) + n * 61_003).toISOString().replace(/\.\d+Z$/, 'Z'),
    `community-${n % 40}`,
    isChanged ? `${textOf(n)} again` : textOf(n),
    `First${n % 500}`,
    `Last${n % 3000}`,
    `lead-${n % 200_000}`,
    phone(n),
    `person${n % 200_000}@example.com`,
    inbound ? 'inbound' : 'outbound',
    phone(n * 31),
    String(n % 900),
    `https://recordings.example.com/a/${id}.mp3`,
  ]
}

const write = async (path, lines) => {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 })
  for (const line of lines) if (!file.write(line)) await new Promise((resolve) => file.once('drain', resolve))
  file.end()
  await finished(file)
}

function* inBlocks(rows, lineOf) {
  let block = ''
  for (const row of rows) {
    block += lineOf(row)
    if (block.length > 1 << 18) {
      yield block
      block = ''
    }
  }
  yield block
}

function* rows(count, changed, from) {
  for (let n = from; n < from + count; n += 1) yield rowOf(n, changed)
}

/** Plain CSV; with `quoted` every cell in quotes, which csv-parse alone handles. */
export const writeDump = async (path, { count, changed = false, from = 0, quoted = false }) => {
  const lineOf = quoted ? (row) => `"${row.join('","')}"\n` : (row) => `${row.join(',')}\n`
  await write(
    path,
    (function* () {
      yield `${columns.join(',')}\n`
      yield* inBlocks(rows(count, changed, from), lineOf)
    })(),
  )
}

export { columns }
