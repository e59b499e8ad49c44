import type { Secret } from '../../domain/secret.ts'
import type { SourcePlace } from '../configured-source.ts'
import type { HttpSettings } from './http-client.ts'
import { authoritiesOf, type NetworkSettings } from './network-settings.ts'

interface Written extends NetworkSettings {
  readonly timeout: number
  readonly max_response_bytes: number
}

/** What every client of a connection has of its settings and place, whatever it talks to: a setting is not forgotten in one. */
export const connectionHttp = (
  settings: Written,
  place: SourcePlace,
): Pick<HttpSettings, 'connectionId' | 'timeoutMs' | 'maxResponseBytes' | 'retry'> &
  Required<Pick<HttpSettings, 'authorities'>> => ({
  connectionId: place.connectionId,
  timeoutMs: settings.timeout,
  maxResponseBytes: settings.max_response_bytes,
  authorities: authoritiesOf(settings, place),
  retry: place.retry,
})

/** For `authorize`. */
export const bearer =
  (key: Secret): HttpSettings['authorize'] =>
  async () => ({ Authorization: `Bearer ${key.reveal()}` })
