import { execFileSync, spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { main } from '../support/cli.ts'
import { type CliCase, callsConfig, createCliCase, csv } from '../support/cli-case.ts'
import { Leak, leakIn } from '../support/leak-net.ts'

const hasScript = (): boolean => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux')
  } catch {
    return false
  }
}

/** Runs the program with a pseudo terminal as stdin, stdout and stderr; what the terminal got. */
const inTerminal = (
  place: CliCase,
  args: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly screen: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', `"${process.execPath}" "${main}" ${args}`, '/dev/null'], {
      cwd: place.folder,
      env: { ...process.env, DATABASE_URL: place.database.url, TERM: 'xterm', REELHOUSE_BATCH_ROWS: '1000', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let screen = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text
    })
    child.on('error', reject)
    child.on('close', (code) => {
      const leak = leakIn(screen)
      if (leak === null) resolve({ code, screen: screen.replaceAll('\r\n', '\n') })
      else reject(new Leak(leak))
    })
  })

const esc = '\u001b'

/** What stands on the terminal in the end, as far as the program uses it: text, line ends, moves up and wiping. */
const linesLeft = (screen: string): readonly string[] => {
  const lines: string[] = ['']
  let row = 0
  let column = 0
  const pieces = screen.matchAll(new RegExp(`${esc}\\[([?\\d;]*)([A-Za-z])|([\\n\\r])|([^${esc}\\n\\r]+)`, 'g'))
  for (const [, argument = '', command, control, text] of pieces) {
    const line = lines[row] ?? ''
    if (control === '\n') {
      row += 1
      column = 0
      lines[row] ??= ''
    } else if (control === '\r') column = 0
    else if (text !== undefined) {
      lines[row] = line.slice(0, column).padEnd(column) + text + line.slice(column + text.length)
      column += text.length
    } else if (command === 'A') row = Math.max(0, row - Number(argument || 1))
    else if (command === 'G') column = Number(argument || 1) - 1
    else if (command === 'K') lines[row] = argument === '2' ? '' : line.slice(0, column)
    else if (command === 'J') lines.splice(row, lines.length, line.slice(0, column))
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '')
}

/** The connections whose bars the terminal showed at the same time, each time that it was drawn. */
const barsTogether = (screen: string): readonly string[] => {
  const drawn = Array.from(screen.matchAll(/ \| ETA[^\n]*\n?/g), ({ index, 0: text }) =>
    linesLeft(screen.slice(0, index + text.length))
      .filter((line) => line.includes(' | ETA'))
      .map((line) => line.split(' ')[0])
      .sort()
      .join(' and '),
  )
  return [...new Set(drawn)].sort()
}

const many = csv(...Array.from({ length: 20_000 }, (_, n) => `rec-${n},2026-01-01 10:00:00,${n},,,inbound,text ${n}`))

const bothFiles = { 'dumps/a.csv': many, 'other/b.csv': many }

const twoConnections = (more: string): string => `${callsConfig()}
  - id: others
    source: files
    paths: [../other/*]
    version: none
    columns: { message_id: id, created_at: { column: began, zone: America/Chicago } }
${more}`

describe.skipIf(!hasScript())('in a terminal', () => {
  test('a sync shows a bar while it reads, and leaves its log and its table', async () => {
    const place = await createCliCase({
      config: callsConfig(),
      files: { 'dumps/a.csv': many, 'dumps/b.csv': 'x\n', 'dumps/c.csv': many.replaceAll('rec-', 'more-') },
    })
    const { code, screen } = await inTerminal(place, 'sync')
    expect(code).toBe(1)
    expect(screen).toMatch(/calls \.\.\/dumps\/a\.csv .*% \| [\d,]+ records \| [\d,]+\/s \| ETA/)
    const left = linesLeft(screen)
    expect(left.slice(-2)).toEqual([
      'connection  state   read     listed  rejected  skipped  pending  inserted  updated  unchanged  stale  duplicate',
      'calls       failed  2 files  40,000         0        0        0    40,000        0          0      0          0',
    ])
    expect(left.filter((line) => line.includes('INFO') && line.includes('loading file'))).toHaveLength(2)
    expect(left.filter((line) => line.includes('WARN'))).toEqual([
      expect.stringContaining('../dumps/b.csv: the header lacks'),
    ])
    expect(left.filter((line) => line.includes(' | ETA'))).toEqual([])
    // The cursor is shown and lines wrap again.
    expect(screen.lastIndexOf(`${esc}[?25h`)).toBeGreaterThan(screen.lastIndexOf(`${esc}[?25l`))
    expect(screen.lastIndexOf(`${esc}[?7h`)).toBeGreaterThan(screen.lastIndexOf(`${esc}[?7l`))
  })

  test('--json prints the document, whole, after the bar', async () => {
    const place = await createCliCase({ config: callsConfig(), files: { 'dumps/a.csv': many } })
    const { code, screen } = await inTerminal(place, 'sync --json')
    expect(code).toBe(0)
    const document = screen.slice(screen.lastIndexOf('\n{\n') + 1)
    expect(JSON.parse(document.replaceAll(new RegExp(`${esc}\\[[?\\d;]*[A-Za-z]`, 'g'), ''))).toMatchObject({
      connections: [{ connection: 'calls', state: 'succeeded', rows: { inserted: 20_000 } }],
    })
  })

  test('a load that fails in the middle of a file leaves no bar behind, and ends', async () => {
    const place = await createCliCase({ config: callsConfig(), files: { 'dumps/a.csv': many } })
    const { code, screen } = await inTerminal(place, 'sync', { REELHOUSE_FAULT: 'fail@batch-before-commit#5' })
    expect(code).toBe(1)
    expect(screen).toContain(' | ETA')
    const left = linesLeft(screen)
    expect(left.at(-1)).toMatch(/^calls +failed +0 files +4,000 /)
    expect(left.filter((line) => line.includes('failed on purpose at batch-before-commit'))).toHaveLength(1)
    expect(left.filter((line) => line.includes(' | ETA'))).toEqual([])
    expect(screen.lastIndexOf(`${esc}[?25h`)).toBeGreaterThan(screen.lastIndexOf(`${esc}[?25l`))
  })

  test('of several connections each has a bar of its own, and none is left', async () => {
    const place = await createCliCase({ config: twoConnections(''), files: bothFiles })
    const { code, screen } = await inTerminal(place, 'sync')
    expect(code).toBe(0)
    expect(barsTogether(screen)).toContain('calls and others')
    expect(linesLeft(screen).filter((line) => line.includes(' | ETA'))).toEqual([])
    expect(linesLeft(screen).slice(-2)).toEqual([
      expect.stringMatching(/^calls +succeeded +1 file +20,000 /),
      expect.stringMatching(/^others +succeeded +1 file +20,000 /),
    ])
  })

  test('with reading.connections_at_a_time: 1 there is never more than one bar', async () => {
    const place = await createCliCase({
      config: twoConnections('reading: { connections_at_a_time: 1 }\n'),
      files: bothFiles,
    })
    const { code, screen } = await inTerminal(place, 'sync')
    expect(code).toBe(0)
    expect(barsTogether(screen)).toEqual(['calls', 'others'])
  })
})
