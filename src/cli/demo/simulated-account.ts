export const minute = 60_000_000
export const hour = 60 * minute
export const day = 24 * hour

/** Opens the simulated accounts and nothing else. */
export const demoKey = 'the-key-of-the-simulated-accounts'

/** An account of a phone platform, as the demo begins with it: a few days of recordings, odd ones among them. */
export interface SimulatedAccount {
  /** Its connection in config/demo/platforms.yaml. */
  readonly connection: string
  /** What the configuration calls its address. */
  readonly url: string
  /** The platform goes on; returns what happened, in the words of a reader. */
  goOn(): string
  close(): Promise<void>
}
