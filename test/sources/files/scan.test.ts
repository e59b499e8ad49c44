import { createHash, randomBytes } from 'node:crypto'
import { appendFile, rm, utimes } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readRecords, scanFile } from '../../../src/sources/files/read-file.ts'
import { brief, context, dump, loaded, readFrom, scanned, settingsOf } from './dump.ts'

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()

describe('scanning', () => {
  test('hashes the bytes as stored and counts them as decompressed', async () => {
    const packed = gzipSync('id,at\n1,2\n')
    const scan = await scanned(await dump('hash.csv.gz', packed), settingsOf())
    expect(scan).toMatchObject({
      contentHash: createHash('sha256').update(packed).digest('hex'),
      contentBytes: 10,
      gzip: true,
      encoding: 'utf-8',
      format: 'csv',
      layout: { framing: { delimiter: ',' }, columns: ['id', 'at'], leadingRecords: 1 },
    })
    expect(JSON.parse(JSON.stringify(scan))).toEqual(scan)
  })

  test('a file that cannot be opened is named', async () => {
    const file = await dump('gone.csv', 'id\n')
    await rm(file.path)
    await expect(scanFile(file, settingsOf(), [], context)).rejects.toThrow(
      'gone.csv: the file cannot be read (ENOENT)',
    )
  })

  test('stops with the reason of the signal', async () => {
    const reason = new Error('stopped by the operator')
    const file = await dump('stop.csv', 'id\n1\n')
    await expect(scanFile(file, settingsOf(), [], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('encodings', () => {
  const text = 'id,at\n1,Zoë – €5 😀\n'
  const expected = [{ id: '1', at: 'Zoë – €5 😀' }]

  test.each([
    ['UTF-8', 'utf-8', Buffer.from(text)],
    ['UTF-8 with a mark', 'utf-8', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 LE with a mark', 'utf-16le', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 BE with a mark', 'utf-16be', utf16be(`\ufeff${text}`)],
  ])('%s is found, and the mark is no part of the first column', async (name, encoding, bytes) => {
    const file = await dump(`${name}.csv`, bytes)
    const settings = settingsOf()
    const scan = await scanned(file, settings, ['id'])
    expect(scan.encoding).toBe(encoding)
    expect(brief(await readFrom(scan, settings, 0))).toEqual(expected)
  })

  test('Windows-1252 is found when no byte sequence is UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('id,at\n1,Zo'), Buffer.from([0xeb, 0x20, 0x96, 0x20, 0x80, 0x35, 0x0a])])
    expect(brief(await loaded('western.csv', bytes))).toEqual([{ id: '1', at: 'Zoë – €5' }])
  })

  test('a declared encoding wins over what the bytes look like', async () => {
    expect(brief(await loaded('declared.csv', Buffer.from('id\né\n'), { encoding: 'windows-1252' }))).toEqual([
      { id: 'Ã©' },
    ])
    expect(brief(await loaded('unmarked.csv', utf16be('id\né\n'), { encoding: 'utf-16be' }))).toEqual([{ id: 'é' }])
    expect(
      brief(await loaded('strict.csv', Buffer.from([0x69, 0x64, 0x0a, 0xe9, 0x0a]), { encoding: 'utf-8' })),
    ).toEqual([{ line: 2, code: 'invalid-encoding', base64: Buffer.from([0xe9]).toString('base64') }])
  })

  test('a declaration against the mark is an error that names both', async () => {
    await expect(loaded('against.csv', `\ufeff${text}`, { encoding: 'windows-1252' })).rejects.toThrow(
      'against.csv: the settings say encoding windows-1252, but the file starts with the byte order mark of utf-8; set encoding: utf-8, or auto',
    )
  })

  test('characters are whole wherever the chunks of the file end', async () => {
    const cell = 'ä€😀'.repeat(30_000)
    expect(brief(await loaded('borders.csv', `id\n${cell}\n`))).toEqual([{ id: cell }])
    expect(brief(await loaded('borders16.csv', utf16be(`\ufeffid\n${cell}\n`)))).toEqual([{ id: cell }])
    expect(
      brief(await loaded('odd.csv', Buffer.concat([Buffer.from('\ufeffid\nx', 'utf16le'), Buffer.of(0x41)]))),
    ).toEqual([{ id: 'x\ufffd' }])
  })

  test('damage anywhere in a large file is seen', async () => {
    const settings = settingsOf()
    const lines = `${'x'.repeat(98)},é\n`.repeat(3_000)
    const file = await dump(
      'late.csv',
      Buffer.concat([Buffer.from(`id,at\n${lines}`), Buffer.of(0xff, 0x2c, 0x31, 0x0a)]),
    )
    const scan = await scanned(file, settings)
    expect(scan.encoding).toBe('damaged-utf-8')
    const records = await readFrom(scan, settings, 3_000)
    expect(brief(records)).toEqual([{ line: 3_002, code: 'invalid-encoding', base64: '/ywx' }])
  })
})

describe('files that are no text', () => {
  test.each([
    [
      'book.csv',
      Buffer.concat([Buffer.from('PK\x03\x04'), randomBytes(500)]),
      'a zip archive or Excel workbook (.xlsx)',
    ],
    ['scan.csv', Buffer.from('%PDF-1.7\n'), 'a PDF document'],
    ['rows.csv', Buffer.from('PAR1\x15\x00'), 'a Parquet file'],
    ['rows.zst.csv', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00]), 'zstd-compressed'],
    ['rows.bz2.csv', Buffer.from('BZh91AY&SY'), 'bzip2-compressed'],
    ['rows.xz.csv', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), 'xz-compressed'],
    ['calls.csv', Buffer.from('SQLite format 3\0'), 'an SQLite database'],
    ['logo.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), 'a PNG image'],
    ['twice.csv.gz', gzipSync(gzipSync('id\n')), 'compressed twice with gzip'],
    ['packed-book.csv.gz', gzipSync(Buffer.from('PK\x03\x04rest')), 'a zip archive or Excel workbook (.xlsx)'],
  ])('%s is called what it is', async (name, bytes, what) => {
    await expect(loaded(name, bytes)).rejects.toThrow(`${name}: the file is ${what}; expected CSV or JSON text`)
  })

  test('many control bytes are no text, a stray one is', async () => {
    await expect(loaded('noise.csv', randomBytes(20_000))).rejects.toThrow('noise.csv: the file is not text')
    await expect(loaded('zeros.csv', Buffer.alloc(20_000))).rejects.toThrow('zeros.csv: the file is not text')
    expect(brief(await loaded('stray.csv', 'id\n\u0000\n'))).toEqual([{ id: '\u0000' }])
    const padded = 'abcdefgh\u0000\u0000\u0000'
    expect(brief(await loaded('padded.csv', `id\n${padded}\n${padded}\n${padded}\n${padded}\n`))).toEqual(
      [padded, padded, padded, padded].map((id) => ({ id })),
    )
  })

  test('UTF-16 without a mark is recognised, and the setting for it is named', async () => {
    const failure = loaded('unmarked16.csv', Buffer.from('id,at\n1,2024-01-01\n', 'utf16le'))
    await expect(failure).rejects.toThrow('it may be UTF-16 without a byte order mark: set encoding: utf-16le')
  })
})

describe('compressed files', () => {
  const noise = randomBytes(150_000).toString('hex')
  const text = `id\n${noise}\nlast\n`

  test('members one after the other are one file, and zero padding is legal', async () => {
    const bytes = Buffer.concat([gzipSync('id\n1\n'), gzipSync('2\n'), Buffer.alloc(70_000)])
    expect(brief(await loaded('members.csv.gz', bytes))).toEqual([{ id: '1' }, { id: '2' }])
  })

  test('a cut file is an error that says how much was good', async () => {
    const packed = gzipSync(text)
    await expect(loaded('cut.csv.gz', packed.subarray(0, packed.length / 2))).rejects.toThrow(
      /^cut\.csv\.gz: the compressed data is cut off: [1-9]\d+ decompressed bytes before that were good; fetch or export the file again$/,
    )
    await expect(loaded('cut-end.csv.gz', gzipSync('id\n1\n').subarray(0, -3))).rejects.toThrow(
      'is cut off: 5 decompressed',
    )
    await expect(
      loaded('cut-member.csv.gz', Buffer.concat([gzipSync('id\n'), gzipSync('1\n').subarray(0, 11)])),
    ).rejects.toThrow('is cut off')
  })

  test('a corrupt file is an error', async () => {
    const packed = Buffer.from(gzipSync(text))
    packed.writeUInt8(packed.readUInt8(100_000) ^ 0xff, 100_000)
    await expect(loaded('corrupt.csv.gz', packed)).rejects.toThrow('corrupt.csv.gz: the compressed data is corrupt')
  })

  test('data behind the compressed data is an error, not silence', async () => {
    const lost = Buffer.concat([gzipSync('id\n1\n'), Buffer.alloc(10), gzipSync('2\n')])
    await expect(loaded('behind.csv.gz', lost)).rejects.toThrow(
      'behind.csv.gz: there are bytes after the end of the compressed data; compress the file again',
    )
    const apart = Buffer.concat([gzipSync('id\n1\n'), Buffer.alloc(140_000), gzipSync('2\n')])
    await expect(loaded('far-behind.csv.gz', apart)).rejects.toThrow('there are bytes after the end')
    await expect(loaded('junk.csv.gz', Buffer.concat([gzipSync('id\n1\n'), Buffer.from('junk')]))).rejects.toThrow(
      'is corrupt',
    )
  })
})

describe('files that change', () => {
  const message = /^changing-\w+\.csv: the file changed while it was read/

  test('between scan and read: no page is yielded', async () => {
    const settings = settingsOf()
    const file = await dump('changing-before.csv', 'id\n1\n')
    const scan = await scanned(file, settings)
    await appendFile(file.path, '2\n')
    await expect(readFrom(scan, settings, 0)).rejects.toThrow(message)
  })

  test('replaced by a file of the same size: the time of the change tells', async () => {
    const settings = settingsOf()
    const file = await dump('changing-time.csv', 'id\n1\n')
    const scan = await scanned(file, settings)
    await utimes(file.path, 1, 1)
    await expect(readFrom(scan, settings, 0)).rejects.toThrow(message)
  })

  test('during the read: pages yielded before are all there is', async () => {
    const settings = settingsOf()
    const file = await dump('changing-during.csv', `id\n${'1\n'.repeat(200_000)}`)
    const pages = readRecords(await scanned(file, settings), settings, 0, context)
    const first = await pages.next()
    expect(first.done === true ? 0 : first.value.records.length).toBe(1_000)
    await appendFile(file.path, '2\n')
    await expect(pages.next()).rejects.toThrow(message)
  })
})

describe('pages', () => {
  test('are of at most 1,000 records, and say how far the file was read', async () => {
    const settings = settingsOf()
    const file = await dump('pages.csv', `id\n${'1\n'.repeat(2_500)}`)
    const sizes: number[] = []
    for await (const page of readRecords(await scanned(file, settings), settings, 0, context)) {
      sizes.push(page.records.length)
      expect(page.bytesRead).toBe(5_003)
    }
    expect(sizes).toEqual([1_000, 1_000, 500])
  })

  test('end when the run is stopped', async () => {
    const settings = settingsOf()
    const file = await dump('stopped.csv', `id\n${'1\n'.repeat(5_000)}`)
    const stop = new AbortController()
    let records = 0
    for await (const page of readRecords(await scanned(file, settings), settings, 0, { signal: stop.signal })) {
      records += page.records.length
      stop.abort()
    }
    expect(records).toBe(1_000)
  })
})
