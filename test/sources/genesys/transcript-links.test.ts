import { expect, test } from 'vitest'
import { Secret } from '../../../src/domain/secret.ts'
import { openApi } from '../../../src/sources/genesys/api.ts'
import { ListedConversations } from '../../../src/sources/genesys/listed-conversations.ts'
import { genesysSettings } from '../../../src/sources/genesys/settings.ts'
import { askTranscripts } from '../../../src/sources/genesys/transcripts.ts'
import { json, startScriptedServer } from '../../support/scripted-server.ts'
import { asking } from '../http/asking.ts'

const recording = { id: 'r1', sessionId: 's1', media: 'audio' }

test.each([
  ['https://169.254.169.254/latest/meta-data/', 'leads into a private network (169.254.169.254); set internal_links'],
  ['http://10.0.0.1/transcript.json', 'leads into a private network (10.0.0.1); set internal_links'],
  ['file:///etc/passwd', 'leads to no web address (file:)'],
  ['https://user:pass@storage.example.test/t.json', 'has a user or password in it'],
])('a transcript behind %s is not fetched: it costs the text, and is told once', async (url, problem) => {
  const server = await startScriptedServer(json({ access_token: 'invented-token', expires_in: 86_400 }), json({ url }))
  const settings = genesysSettings.parse({
    client_id: 'c',
    client_secret: new Secret('genesys-secret-not-a-real-one'),
    region: 'mypurecloud.ie',
    base_url: server.url.href,
    login_url: server.url.href,
    start: '2026-01-01',
    requests_per_minute: 60_000,
  })
  const api = openApi(settings, { connectionId: 'front-desk', folder: '/' })
  const context = asking()
  const fetching = { api, settings, listed: new ListedConversations() }
  expect(await askTranscripts(fetching, 'c1', [recording, { ...recording, id: 'r2' }], context)).toEqual({})
  expect(context.notices).toHaveLength(1)
  expect(context.notices[0]).toContain(`the link to it ${problem}`)
  expect(server.seen).toHaveLength(3)
})
