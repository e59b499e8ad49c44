import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const named = process.env.REELHOUSE_TEST_BROWSER

/** REELHOUSE_TEST_BROWSER, or one on the PATH; null when there is none, or when it says `none`. See .ci/run. */
export const browserPath: string | null =
  named === undefined || named === ''
    ? ((process.env.PATH ?? '')
        .split(delimiter)
        .flatMap((folder) => names.map((name) => join(folder, name)))
        .find(isExecutable) ?? null)
    : named === 'none'
      ? null
      : named

/** In CI a browser that is missing is a failure, unless whoever runs it says that there can be none. */
export const isExcused = browserPath === null && (process.env.CI === undefined || named === 'none')

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: browserPath ?? 'no-browser-found',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

export interface Look {
  readonly width: number
  readonly scheme?: 'light' | 'dark'
}

export interface OpenedPage {
  readonly page: Page
  /** Errors and warnings of the console, and scripts that threw. */
  readonly complaints: readonly string[]
  /** What was asked for besides the page itself. */
  readonly requests: readonly string[]
}

export const openPage = async (
  browser: Browser,
  path: string,
  { width, scheme = 'light' }: Look,
): Promise<OpenedPage> => {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const address = pathToFileURL(path).href
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`))
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:')) requests.push(request.url())
  })
  await page.goto(address)
  return { page, complaints, requests }
}
