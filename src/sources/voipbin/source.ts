import type { EpochMicros } from '../../domain/instant.ts'
import { sha256Hex } from '../../transform/canonical-json.ts'
import type { SourcePlace } from '../configured-source.ts'
import { fetchByIds } from '../fetch-by-id.ts'
import { handingOut } from '../http/safe-link.ts'
import type { ApiSource, ReadContext, WindowStream } from '../source.ts'
import { openApi, type VoipbinApi } from './api.ts'
import { compileCallOf } from './calls.ts'
import { compileConferenceOf } from './conferences.ts'
import { compileContactOf } from './contacts.ts'
import { fetchRecording } from './fetch-recording.ts'
import { compileVoipbinFlatten } from './flatten.ts'
import { joinRecord } from './join-record.ts'
import { compileUnlessFailed, type Joining } from './joining.ts'
import { listWindow } from './list-window.ts'
import { resolveRecording } from './resolve.ts'
import type { VoipbinSettings } from './settings.ts'
import { ListedTranscribes } from './transcribes.ts'

/** VoIPBIN counts nothing. */
const checkKey = async (api: VoipbinApi, context: ReadContext): Promise<string> => {
  const what = `connection ${api.connectionId}: recordings`
  const request = { what, path: '/recordings', query: [['page_size', '1']] as const, token: null, mayBeClosed: false }
  const { items } = await api.list(request, context)
  return items.length === 0 ? 'reached, no recordings yet' : 'reached'
}

const recordingsStream = (settings: VoipbinSettings, api: VoipbinApi, now: () => EpochMicros): WindowStream => {
  const listedTranscribes = new ListedTranscribes()
  const joining: Joining = {
    api,
    listedTranscribes,
    settings,
    now,
    callOf: compileCallOf(api),
    conferenceOf: compileConferenceOf(api, now),
    contactOf: compileContactOf(api),
    unlessFailed: compileUnlessFailed(api),
  }
  return {
    kind: 'window',
    name: 'recordings',
    axis: 'tm_create',
    start: settings.start,
    settlingDelay: settings.settling_delay,
    maxWindow: settings.max_window,
    rereads: settings.rereads,
    proof: 'walk',
    list: (window, context) =>
      listWindow({ api, readsTranscripts: settings.transcripts, listedTranscribes }, window, context),
    fetch: (refs, context) =>
      fetchByIds(refs, ({ recordId }, each) => fetchRecording(joining, recordId, each), context),
    join: (record, context) => joinRecord(joining, record, context),
    flatten: compileVoipbinFlatten(settings),
  }
}

/** The recordings of one VoIPBIN customer. `now`: our clock, for tests. Throws ConfigError. */
export const openVoipbin = (
  settings: VoipbinSettings,
  place: SourcePlace,
  now: () => EpochMicros = () => Date.now() * 1000,
): ApiSource => {
  const api = openApi(settings, place)
  const links = { baseUrl: settings.base_url, internal: settings.internal_links }
  return {
    kind: 'api',
    streams: [recordingsStream(settings, api, now)],
    accountFingerprint: sha256Hex(
      `voipbin ${settings.base_url.href} ${(settings.access_key ?? settings.token)?.reveal()}`,
    ),
    requests: () => api.requests(),
    check: (context) => checkKey(api, context),
    resolve: handingOut(links, place, ({ recordId }, context) => resolveRecording(api, recordId, context)),
  }
}
