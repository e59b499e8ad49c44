import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { root } from '../docs/pages.ts'

const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'reelhouse-ci-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

const run = (script: string, args: readonly string[] = [], path = process.env.PATH ?? '') => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, '.ci', script), ...args], {
    cwd: root,
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  })
  return { status, said: `${stdout}${stderr}` }
}

const lockfile = async () => JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'))

describe('the lockfile', () => {
  test('names packages of the registry only, each with its digest', () => {
    expect(run('check-lockfile.mjs')).toEqual({
      status: 0,
      said: expect.stringMatching(/^lockfile: \d{2,} packages, all of the registry, all with a digest\n$/),
    })
  })

  test.each([
    [
      'is from another place',
      'node_modules/pg',
      { resolved: 'https://evil.example.test/pg.tgz' },
      'comes from https://evil',
    ],
    [
      'is from the registry without TLS',
      'node_modules/pg',
      { resolved: 'http://registry.npmjs.org/pg/-/pg-8.0.0.tgz' },
      'comes from http:',
    ],
    ['is from git', 'node_modules/pg', { resolved: 'git+ssh://git@github.com/a/b.git#1' }, 'comes from git+ssh'],
    ['has no digest', 'node_modules/pg', { integrity: undefined }, 'has no SHA-512 digest'],
    [
      'has an old digest',
      'node_modules/pg',
      { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' },
      'has no SHA-512 digest',
    ],
    ['is a folder', 'node_modules/pg', { link: true }, 'is a link to a folder'],
    ['lies elsewhere', 'vendor/pg', { version: '1.0.0' }, 'is no package of a registry'],
  ])('is refused when a package %s', async (_, place, patch, problem) => {
    const lock = await lockfile()
    lock.packages[place] = { ...lock.packages['node_modules/pg'], ...patch }
    const path = join(await folder(), 'package-lock.json')
    await writeFile(path, JSON.stringify(lock))
    const { status, said } = run('check-lockfile.mjs', [path])
    expect(status).toBe(1)
    expect(said).toContain(`lockfile: ${place} ${problem}`)
  })

  test('is refused when a dependency is declared by an address', async () => {
    const lock = await lockfile()
    lock.packages[''].dependencies.pg = 'github:somebody/pg'
    const path = join(await folder(), 'package-lock.json')
    await writeFile(path, JSON.stringify(lock))
    expect(run('check-lockfile.mjs', [path])).toEqual({
      status: 1,
      said: 'lockfile: pg is declared as github:somebody/pg, no version\n',
    })
  })
})

describe('the audit', () => {
  /** An npm that answers with this. */
  const withNpm = async (answer: string) => {
    const bin = join(await folder(), 'bin')
    await mkdir(bin)
    await writeFile(join(bin, 'answer'), answer)
    await writeFile(join(bin, 'npm'), '#!/bin/sh\ncat "$(dirname "$0")/answer"\nexit 1\n', { mode: 0o755 })
    return run('audit.mjs', [], `${bin}${delimiter}${process.env.PATH ?? ''}`)
  }

  const report = (severity: string, counts: object) =>
    JSON.stringify({ vulnerabilities: { pg: { severity } }, metadata: { vulnerabilities: counts } })

  test.each(['high', 'critical'])('fails for what is %s', async (severity) => {
    const { status, said } = await withNpm(report(severity, { [severity]: 1 }))
    expect(status).toBe(1)
    expect(said).toContain(`audit: ${severity}: pg\n`)
  })

  test('names what is less, and does not fail', async () => {
    expect(await withNpm(report('moderate', { moderate: 1 }))).toEqual({
      status: 0,
      said: 'audit: moderate: pg\naudit: 0 critical, 0 high, 1 moderate, 0 low (high and critical fail)\n',
    })
  })

  test.each([
    [JSON.stringify({ message: '405 Method Not Allowed' }), '405 Method Not Allowed'],
    ['', 'no report'],
  ])('says that it did not run where the registry does not answer it', async (answer, why) => {
    expect(await withNpm(answer)).toEqual({
      status: 0,
      said: `audit: NOT RUN, the registry does not answer it (${why})\n`,
    })
  })
})
