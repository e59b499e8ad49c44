import { expect, it } from 'vitest'
import { load, problemsOf } from './config-folder.ts'

it('knows the secrets that persons are forgotten with, the one of today first', async () => {
  const env = { NEW: 'new-not-a-real-one-0123456789-0123', OLD: 'old-not-a-real-one-0123456789-0123' }
  const { privacy, secrets } = await load(
    { 'config/a.yaml': `privacy:\n  secret: \${NEW}\n  previous_secrets:\n    - \${OLD}\n` },
    env,
  )
  expect(privacy.secrets.map((secret) => secret.reveal())).toEqual([env.NEW, env.OLD])
  expect(secrets.map((secret) => secret.reveal())).toEqual(expect.arrayContaining([env.NEW, env.OLD]))
})

it('refuses a secret that is written out or can be tried out, and an old one without a new one', async () => {
  const env = { SHORT: 'short-not-a-real-one', OLD: 'old-not-a-real-one-0123456789-0123' }
  expect(await problemsOf({ 'config/a.yaml': `privacy:\n  secret: \${SHORT}\n` }, env)).toEqual([
    expect.stringMatching(/^config\/a\.yaml:2: privacy\.secret: .*is too short; allowed: 32 characters or more/),
  ])
  expect(await problemsOf({ 'config/a.yaml': 'privacy:\n  secret: written-out\n' }, env)).toEqual([
    expect.stringContaining('is written in the file'),
  ])
  expect(await problemsOf({ 'config/a.yaml': `privacy:\n  previous_secrets:\n    - \${OLD}\n` }, env)).toEqual([
    expect.stringContaining('needs secret'),
  ])
})

it('does not print a secret that stands where a list of them belongs', async () => {
  const [problem, ...more] = await problemsOf({ 'config/a.yaml': 'privacy:\n  previous_secrets: written-out\n' }, {})
  expect(more).toEqual([])
  expect(problem).toMatch(/^config\/a\.yaml:2: privacy\.previous_secrets: /)
  expect(problem).not.toContain('written-out')
})
