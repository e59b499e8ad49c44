import { excerpt } from '../../transform/excerpt.ts'
import type { JsonRequest, Query } from './http-client.ts'

/** `+` must travel as %2B and blanks as %20: vendors disagree about `+`. */
export const encoded = (query: Query): string =>
  query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')

/**
 * Where a request goes. A path is made by our code of encoded parts: one that leads elsewhere than below the base URL would
 * take the credentials with it, and is a defect (TypeError).
 */
export const requestUrl = (baseUrl: URL, { path, query = [] }: JsonRequest): URL => {
  const pathname = `${baseUrl.pathname.replace(/\/+$/, '')}${path}`
  const url = new URL(baseUrl.origin + pathname)
  const isBelow = path.startsWith('/') && !path.startsWith('//')
  if (!isBelow || url.origin !== baseUrl.origin || url.pathname !== pathname)
    throw new TypeError(`${excerpt(path)} is no encoded path below the base URL`)
  url.search = encoded(query)
  return url
}

const isTime = (value: string): boolean =>
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(value)

const isPageNumber = (name: string, value: string): boolean => /^page/i.test(name) && /^\d{1,6}$/.test(value)

/** Only values that cannot be personal or secret: instants of windows, page numbers and sizes. */
const shownParameter = ([name, value]: readonly [string, string]): string =>
  isTime(value) || isPageNumber(name, value) ? `${name}=${value}` : name

/** A request as messages name it: `GET /recordings?page[number]=2&filter[from]`. */
export const shownRequest = ({ method = 'GET', path, query = [] }: JsonRequest): string =>
  `${method} ${path}${query.length === 0 ? '' : `?${query.map(shownParameter).join('&')}`}`
