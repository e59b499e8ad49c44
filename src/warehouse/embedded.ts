import { type Attachment, attach, type Patience } from './embedded-attach.ts'
import { type EmbeddedBinaries, locateBinaries } from './embedded-binaries.ts'
import { checkData, openFiles, rememberPort, type WarehouseFiles } from './embedded-files.ts'
import { warehouseDatabase } from './embedded-registry.ts'
import { stopServer } from './embedded-server.ts'

/** A share in the Postgres server under `.reelhouse/`: it is up until `release`, and stopped by the last one out. */
export interface EmbeddedWarehouse {
  /** Holds the password. Name your sessions `reelhouse...`: others count as guests, who keep the server up. */
  readonly url: string
  /** Close your own sessions first: the last one out ends all that are left. Never rejects; calling again waits for the first. */
  release(): Promise<void>
}

export interface EmbeddedOptions {
  /** For the operator: the server was left running, or was lost and joined again. */
  readonly onNotice?: (message: string) => void
  readonly patience?: Patience
}

const defaultPatience: Patience = { waitMs: 60_000, recoveryMs: 600_000 }
const stopMs = 60_000

/**
 * Joins the embedded server, starting and creating it as needed.
 *
 * @param dir absolute path of `.reelhouse`
 * @throws ConfigError when the operator must change something, TransientError when it did not come up in time
 */
export const openEmbeddedWarehouse = async (dir: string, options: EmbeddedOptions = {}): Promise<EmbeddedWarehouse> => {
  const binaries = await locateBinaries()
  const files = await openFiles(dir)
  await checkData(files, binaries)
  const share = new Share(files, binaries, options)
  const { port, password } = await share.join()
  return {
    url: `postgres://reelhouse:${password}@127.0.0.1:${port}/${warehouseDatabase}?sslmode=disable`,
    release: () => share.release(),
  }
}

class Share {
  readonly #files: WarehouseFiles
  readonly #binaries: EmbeddedBinaries
  readonly #options: EmbeddedOptions
  #attachment: Promise<Attachment | null> = Promise.resolve(null)
  #released: Promise<void> | null = null

  constructor(files: WarehouseFiles, binaries: EmbeddedBinaries, options: EmbeddedOptions) {
    this.#files = files
    this.#binaries = binaries
    this.#options = options
  }

  async join(): Promise<Attachment> {
    const attachment = await attach(this.#files, this.#binaries, this.#options.patience ?? defaultPatience)
    this.#attachment = Promise.resolve(attachment)
    // A convenience: failing (disk full) must not lose the session we hold.
    await rememberPort(this.#files, attachment.port).catch(() => undefined)
    void attachment.session.ended.then(() => this.#rejoin(attachment.port))
    return attachment
  }

  release(): Promise<void> {
    this.#released ??= this.#leave().catch((error: unknown) => this.#notice('was left as it is', error))
    return this.#released
  }

  /**
   * The server crashed or was stopped by hand while we use it. Brought back at once, on its port, it is there when the
   * pipeline retries; and without our lock another command would stop it under us.
   */
  #rejoin(port: number): void {
    if (this.#released !== null) return
    this.#attachment = this.join().then(
      (attachment) => {
        this.#notice(
          attachment.port === port ? 'was lost and is back' : `was lost and is back on port ${attachment.port}`,
        )
        return attachment
      },
      (error: unknown) => {
        this.#notice('was lost and does not come back', error)
        return null
      },
    )
  }

  async #leave(): Promise<void> {
    const attachment = await this.#attachment
    if (attachment === null) return
    const { session, pid } = attachment
    try {
      const leaving = await session.leave()
      if (leaving === 'guests') this.#notice('is left running: other programs are connected. The next command stops it')
      if (leaving === 'last' && !(await stopServer(this.#files, pid, stopMs))) {
        this.#notice('did not stop in time or may not be stopped by this user')
      }
    } finally {
      await session.close()
    }
  }

  #notice(what: string, error?: unknown): void {
    const reason = error instanceof Error ? `: ${error.message}` : ''
    this.#options.onNotice?.(`The embedded Postgres in ${this.#files.data} ${what}${reason}.`)
  }
}
