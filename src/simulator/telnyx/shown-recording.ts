import { hashOf } from '../draw.ts'
import { recordingOf, type StoredRecording } from './account-state.ts'
import { signed, type TelnyxLinks, type TelnyxRecording } from './resources.ts'
import type { Served } from './served.ts'

type LinkMode = Served['traps']['links']

const linksIn = (mode: LinkMode, recording: TelnyxRecording): TelnyxRecording['download_urls'] => {
  if (mode === 'missing') return undefined
  if (mode === 'wav-only') return { mp3: null, wav: signed }
  return mode === 'own-storage' ? { mp3: `gs://own-bucket-example/${recording.id}.mp3` } : recording.download_urls
}

/** `<account>/<date>/<call_leg_id or custom_file_name>-<unix suffix>.<ext>` */
const storagePath = (stored: StoredRecording, recording: TelnyxRecording, ext: string): string =>
  `/telephony-recorder-sim/simulated-account/${(recording.created_at ?? '').slice(0, 10)}/${
    recording.call_leg_id ?? stored.id
  }-${Math.floor(stored.at / 1_000_000)}.${ext}`

const issued = (served: Served, links: TelnyxLinks, pathFor: (ext: string) => string): TelnyxLinks =>
  Object.fromEntries(
    Object.entries(links).map(([ext, link]) => [
      ext,
      link === signed ? served.links.issue(pathFor(ext), served.account.now()) : link,
    ]),
  )

/** The first time it is shown it is still being made (trap 10). Nothing but status and links tells, not `updated_at`. */
const isProcessing = ({ traps, shownProcessing }: Served, id: string): boolean => {
  if (traps.processingOneIn === 0 || hashOf(id) % traps.processingOneIn !== 0 || shownProcessing.has(id)) return false
  shownProcessing.add(id)
  return true
}

/** The recording as an answer shows it. */
export const shownRecording = (served: Served, stored: StoredRecording): TelnyxRecording => {
  const recording = recordingOf(served.account, stored)
  if (isProcessing(served, stored.id)) return { ...recording, status: 'processing', download_urls: undefined }
  const links = linksIn(served.traps.links, recording)
  if (links === null || links === undefined) return { ...recording, download_urls: links }
  return { ...recording, download_urls: issued(served, links, (ext) => storagePath(stored, recording, ext)) }
}
