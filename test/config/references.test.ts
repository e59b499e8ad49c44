// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Env } from '../../src/config/env-reference.ts'
import { Secret } from '../../src/domain/secret.ts'
import { load, phoneSettings, problemsOf } from './config-folder.ts'

const phone = (lines: string) => ({
  'config/a.yaml': `connections:\n  - id: a\n    source: phone\n    api_key: "\${KEY}"\n${lines.replaceAll(/^/gm, '    ')}\n`,
})

const key = 'KEY-0123456789'

const phoneOutput = z.object({ api_key: z.instanceof(Secret), proxy: z.instanceof(Secret) })

const settingsOf = async (lines: string, env: Env = {}) => {
  const config = await load(phone(lines), { KEY: key, ...env })
  return phoneSettings.parse(config.connections[0]?.settings)
}

describe('a reference to the environment', () => {
  it('is replaced anywhere in a text, by the value, the default, or both in turn', async () => {
    expect(await settingsOf('label: ${A}-${B:-b}-${C:-c}-${D:-}', { A: 'a', C: '' })).toMatchObject({ label: 'a-b-c-' })
    expect(await settingsOf('label: ${A:-https://example.com:8080/?x=1}')).toMatchObject({
      label: 'https://example.com:8080/?x=1',
    })
  })

  it('is escaped by a second dollar sign', async () => {
    expect(await settingsOf('label: $${A} costs $5 or $$6', { A: 'a' })).toMatchObject({
      label: '${A} costs $5 or $$6',
    })
  })

  it('is not looked for in what the environment holds', async () => {
    expect(await settingsOf('label: ${A}', { A: '${KEY}' })).toMatchObject({ label: '${KEY}' })
    expect(await settingsOf('label: ${A}', { A: 'x\nstrict: true' })).toMatchObject({
      label: 'x\nstrict: true',
      strict: false,
    })
  })

  it('gives a number or true/false where one is expected, and text where text is', async () => {
    const env = { SIZE: '100', STRICT: 'true', LABEL: '00123', REGION: 'eu' }
    expect(
      await settingsOf('page_size: ${SIZE}\nstrict: "${STRICT}"\nlabel: ${LABEL}\nregion: ${REGION}', env),
    ).toMatchObject({ page_size: 100, strict: true, label: '00123', region: 'eu' })
    expect(await settingsOf('page_size: ${SIZE:-50}')).toMatchObject({ page_size: 50 })
  })

  it('to a variable that is not set is one problem, naming the variable and the key', async () => {
    expect(await problemsOf(phone('label: ${A}/${B}/${A}\nregion: ${REGION}\npage_size: ${SIZE}'))).toEqual([
      'config/a.yaml:4: connections[0] (a).api_key: KEY is not set in the environment; set it there',
      'config/a.yaml:5: connections[0] (a).label: A, B are not set in the environment; set them there, or write ${A:-default}',
      'config/a.yaml:6: connections[0] (a).region: REGION is not set in the environment; set it there, or write ${REGION:-default}',
      'config/a.yaml:7: connections[0] (a).page_size: SIZE is not set in the environment; set it there, or write ${SIZE:-default}',
    ])
  })

  it('that is malformed or nested is a problem', async () => {
    const allowed = 'allowed: ${NAME}, ${NAME:-default}, and $${ for a plain ${'
    const broken = ['${}', '${A', '${1A}', '${A-b}', '${A:-${B}}']
    for (const text of broken)
      expect(await problemsOf(phone(`label: '${text}'`), { KEY: key })).toEqual([
        `config/a.yaml:5: connections[0] (a).label: "${text}" has a malformed reference; ${allowed}`,
      ])
  })

  it('is not looked for behind a key that is unknown: the key is the problem', async () => {
    expect(await problemsOf(phone('apikey: ${A}\nlabl: "x${"'), { KEY: key })).toEqual([
      'config/a.yaml:5: connections[0] (a).apikey: unknown key; did you mean api_key? allowed: id, source, into, records, api_key, proxy, page_size, strict, region, label, auth',
      'config/a.yaml:6: connections[0] (a).labl: unknown key; did you mean label? allowed: id, source, into, records, api_key, proxy, page_size, strict, region, label, auth',
    ])
  })

  it('is shown in a problem as it is written: what the environment holds may be a secret', async () => {
    const problems = await problemsOf(phone('region: ${OTHER}\npage_size: ${OTHER}\nlabel: { a: "${OTHER}" }'), {
      KEY: key,
      OTHER: 'sk_live_1',
    })
    expect(problems).toEqual([
      'config/a.yaml:5: connections[0] (a).region: "${OTHER}" (from the environment) is unknown; allowed: us or eu',
      'config/a.yaml:6: connections[0] (a).page_size: "${OTHER}" (from the environment) is text; allowed: a number',
      'config/a.yaml:7: connections[0] (a).label: found a map of keys; allowed: text',
    ])
  })
})

describe('a secret', () => {
  it('is read from the environment and shows nowhere but where it is revealed', async () => {
    const config = await load(
      phone('proxy: https://me:${PROXY_PASSWORD}@proxy.example\nauth: { user: u, password: "${PASSWORD}" }'),
      {
        KEY: key,
        PROXY_PASSWORD: 'p%40ss-word',
        PASSWORD: 'other-password',
      },
    )
    const settings = phoneOutput.parse(config.connections[0]?.settings)
    expect(settings.api_key.reveal()).toBe(key)
    expect(settings.proxy.reveal()).toBe('https://me:p%40ss-word@proxy.example')
    expect(config.secrets.map((secret) => secret.reveal())).toEqual([
      key,
      'https://me:p%40ss-word@proxy.example',
      'p%40ss-word',
      'p@ss-word',
      'other-password',
    ])
    for (const printed of [
      JSON.stringify(config),
      inspect(config, { depth: 20, showHidden: true }),
      `${settings.api_key}`,
    ])
      expect(printed).not.toMatch(/0123456789|ss-word|other-password/)
  })

  it('may stand for a whole value of which a map is the other form', async () => {
    expect((await settingsOf('auth: ${TOKEN}', { TOKEN: 'token-1' })).auth).toBeInstanceOf(Secret)
  })

  it('that is written out, in part or as a default, is a problem that does not show it', async () => {
    const advice = '[redacted] is written in the file; write ${NAME} and set NAME in the environment'
    const written = [
      'sk_live_1',
      '12345678',
      'Bearer ${KEY}',
      '${KEY}${KEY}',
      '${KEY:-sk_live_1}',
      '{ a: sk_live_1 }',
      '[sk_live_1]',
      '',
    ]
    for (const text of written)
      expect(
        await problemsOf(
          {
            'config/a.yaml': `connections:\n  - { id: a, source: phone, api_key: ${text.includes('$') ? `"${text}"` : text} }\n`,
          },
          { KEY: key },
        ),
      ).toEqual([`config/a.yaml:2: connections[0] (a).api_key: ${advice}`])
    expect(
      await problemsOf({ 'config/a.yaml': 'connections:\n  - { id: a, source: phone, api_key: "x${" }\n' }),
    ).toEqual([
      'config/a.yaml:2: connections[0] (a).api_key: [redacted] has a malformed reference; allowed: ${NAME}, ${NAME:-default}, and $${ for a plain ${',
    ])
  })

  it('that is missing, or empty in the environment, is a problem', async () => {
    expect(await problemsOf({ 'config/a.yaml': 'connections: [{ id: a, source: phone }]\n' })).toEqual([
      'config/a.yaml:1: connections[0] (a).api_key: missing; allowed: ${NAME}, with NAME set in the environment',
    ])
    expect(await problemsOf(phone(''), { KEY: '' })).toEqual([
      'config/a.yaml:4: connections[0] (a).api_key: KEY is not set in the environment; set it there',
    ])
  })

  it('that was pasted into another field too is not shown there', async () => {
    expect(await problemsOf(phone(`region: ${key}`), { KEY: key })).toEqual([
      'config/a.yaml:5: connections[0] (a).region: "[redacted]" is unknown; allowed: us or eu',
    ])
  })

  it('is not shown when its URL is of the wrong kind or holds a password', async () => {
    expect(await problemsOf(phone('proxy: http://me@proxy.example/x'), { KEY: key })).toEqual([
      'config/a.yaml:5: connections[0] (a).proxy: [redacted] is not a URL of the right kind; allowed: https://<user>@<host>',
    ])
    expect(await problemsOf(phone('proxy: https://me:hunter2@proxy.example'), { KEY: key })).toEqual([
      'config/a.yaml:5: connections[0] (a).proxy: [redacted] holds a password; write ${NAME} in its place and set NAME in the environment',
    ])
  })
})
