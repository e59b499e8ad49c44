import type { HttpClient } from '../http/http-client.ts'
import type { DotdoSettings } from './settings.ts'

/** One account's way to an API of `.do`. */
export interface DotdoApi {
  readonly connectionId: string
  readonly client: HttpClient
  readonly settings: DotdoSettings
}
