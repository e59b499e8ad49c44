// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import { describe, expect, it } from 'vitest'
import { load, problemsOf } from './config-folder.ts'

const withValue = (value: string) => ({
  'config/a.yaml': `connections:\n  - id: a\n    source: phone\n    api_key: "\${KEY}"\n    label: ${value}\n`,
})

const env = { KEY: 'KEY0123456789' }

describe('a configuration file', () => {
  it('that is no YAML is named with its line, and the other files are still judged', async () => {
    expect(await problemsOf({ 'config/a.yaml': 'retention: [1d\n', 'config/b.yaml': 'warehose: {}\n' })).toEqual([
      'config/a.yaml:2: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
      'config/b.yaml:1: warehose: unknown key; did you mean warehouse? allowed: warehouse, connections, portfolios, travtus, retention, privacy, reading, export',
    ])
  })

  it('that lacks quotes around a reference inside brackets is told so', async () => {
    const [problem] = await problemsOf({ 'config/a.yaml': 'connections: [${ALL}]\n' })
    expect(problem).toMatch(/^config\/a\.yaml:1: not YAML: .* \(a \$\{NAME\} inside \[ \] or \{ \} needs quotes\)$/)
  })

  it('does not show the text that is no YAML', async () => {
    const problems = await problemsOf({ 'config/a.yaml': 'a: "x" sk_live_1\n- sk_live_2: @sk_live_3\n}sk_live_4\n' })
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.join('\n')).not.toContain('sk_live')
  })

  it('that is one text, perhaps a credential, is refused without showing it', async () => {
    expect(await problemsOf({ 'config/a.yaml': 'sk_live_1\n', 'config/b.yaml': 'retention: sk_live_2\n' })).toEqual([
      'config/a.yaml:1: found a text; allowed: a map of keys (warehouse, connections, portfolios, travtus, retention, privacy, reading, export)',
      'config/b.yaml:1: retention: found a text; allowed: a map of keys (runs, resolved_rejects, open_rejects, payloads)',
    ])
  })

  it('may not have a key twice', async () => {
    expect(await problemsOf({ 'config/a.yaml': 'retention:\n  runs: 1d\n  payloads: 1d\n  runs: 2d\n' })).toEqual([
      'config/a.yaml:4: retention.runs: written twice in the same place (first on line 2); allowed: once',
    ])
  })

  it('may not have tags, merge keys or a second document', async () => {
    expect(
      await problemsOf({ 'config/a.yaml': 'retention:\n  <<: { runs: 1d }\n  runs: !days 3\n---\nwarehouse: {}\n' }),
    ).toEqual([
      'config/a.yaml:2: retention["<<"]: merge keys are not YAML 1.2; allowed: the keys themselves',
      'config/a.yaml:3: retention.runs: a YAML tag (!); allowed: plain values; a text that begins with ! needs quotes',
      'config/a.yaml:4: a second document begins here; allowed: one document in a file',
    ])
  })

  it('may repeat a block by alias', async () => {
    const config = await load({
      'config/a.yaml': `
connections:
  - id: a
    source: files
    paths: [a.csv]
    columns: &columns { message_id: id, created_at: &when { column: at, zone: UTC } }
  - { id: b, source: files, paths: [b.csv], columns: *columns }
`,
    })
    expect(config.connections.map(({ settings }) => settings)).toMatchObject([
      { columns: { created_at: { column: 'at', zone: 'UTC' } } },
      { columns: { created_at: { column: 'at', zone: 'UTC' } } },
    ])
  })

  it('may not use aliases without end, without anchor, or by the million', async () => {
    expect(await problemsOf(withValue('&x { y: *x }'), env)).toEqual([
      'config/a.yaml:5: connections[0] (a).label.y: an alias to a block that it is part of',
      'config/a.yaml:5: connections[0] (a).label: found a map of keys; allowed: text',
    ])
    expect(await problemsOf(withValue('*hunter2'), env)).toEqual([
      'config/a.yaml:5: connections[0] (a).label: an alias (*) without its anchor (&); a text that begins with * needs quotes',
    ])
    const levels = 'bcdefghij'.split('').map((name) => {
      const previous = String.fromCharCode(name.charCodeAt(0) - 1)
      return `  - &${name} [${Array.from({ length: 10 }, () => `*${previous}`).join(', ')}]\n`
    })
    const problems = await problemsOf({ 'config/a.yaml': `connections:\n  - &a [x]\n${levels.join('')}` })
    expect(problems).toContainEqual(
      expect.stringMatching(
        /^config\/a\.yaml:\d+: connections.*: aliases repeat more than 20000 values; allowed: fewer$/,
      ),
    )
  })

  it('may not be nested without end', async () => {
    const problems = await problemsOf(withValue('['.repeat(100) + ']'.repeat(100)), env)
    expect(problems[0]).toMatch(/nested more than 64 levels deep; allowed: fewer$/)
    await expect(problemsOf(withValue('['.repeat(5_000)), env)).resolves.not.toEqual([])
  })

  it('reads yes, no and octal-looking numbers as YAML 1.2 does', async () => {
    expect(await problemsOf(withValue('012'), env)).toEqual([
      'config/a.yaml:5: connections[0] (a).label: 12 is a number; allowed: text (in quotes)',
    ])
    await expect(load(withValue('yes'), env)).resolves.toMatchObject({ connections: [{ settings: { label: 'yes' } }] })
  })
})
