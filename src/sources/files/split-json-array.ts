import { maxRecordLength } from './frame-csv.ts'
import { type JsonElement, type JsonScan, newJsonScan } from './json-cursor.ts'
import { scanJson } from './json-scan.ts'
import { namesList } from './names-list.ts'

export interface SplitElements {
  readonly elements: readonly JsonElement[]
  /** Where and why the structure is beyond repair: nothing after these elements can be found. */
  readonly broken: string | null
}

export interface JsonArraySplitter {
  push(text: string): SplitElements
  /** Tells whether the structure was complete. */
  end(): SplitElements
}

const missingArray = ({ recordsAt, keys, isTopArray }: JsonScan): string => {
  const found = isTopArray ? 'the top level is an array' : `found the keys ${namesList(keys)}`
  return recordsAt === null
    ? `no records: expected an array at the top, or under "data"; ${found}; set records_at to the path of the records`
    : `no array at records_at ${JSON.stringify(recordsAt)}; ${found}`
}

const atEnd = (scan: JsonScan): string | null => {
  if (scan.broken !== null || !scan.isStarted) return null
  if (scan.stack.length > 0 || scan.inString) {
    const inside = scan.hasElement
      ? `inside the record that starts on line ${scan.elementLine}`
      : 'before its brackets are closed'
    return `line ${scan.line}, character ${scan.consumed}: the file ends ${inside}; it is cut off: fetch or export it again`
  }
  return scan.isFound ? null : missingArray(scan)
}

/**
 * Cuts JSON text into the elements of one array, incrementally: the array at the dotted path `recordsAt`; without it the
 * top-level array, or the one under the key `data` of a top-level object. Elements are not parsed: one that is balanced
 * but no JSON costs itself alone.
 */
export const createJsonArraySplitter = (recordsAt: string | null, maxLength = maxRecordLength): JsonArraySplitter => {
  const scan = newJsonScan(recordsAt, maxLength)
  return {
    push: (text) => {
      scanJson(scan, text)
      return { elements: scan.out.splice(0), broken: scan.broken }
    },
    end: () => ({ elements: [], broken: atEnd(scan) }),
  }
}
