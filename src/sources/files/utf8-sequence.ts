const isContinuation = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x80 && byte <= 0xbf

const within = (byte: number | undefined, low: number, high: number): boolean =>
  byte !== undefined && byte >= low && byte <= high

/** Length (1 to 4) of the valid UTF-8 sequence at `at`; 0 when the bytes there are none: overlong, surrogate, cut or stray. */
export const sequenceLength = (bytes: Uint8Array, at: number): 0 | 1 | 2 | 3 | 4 => {
  const lead = bytes[at] ?? 0xff
  const second = bytes[at + 1]
  if (lead < 0x80) return 1
  if (lead < 0xc2) return 0
  if (lead < 0xe0) return isContinuation(second) ? 2 : 0
  if (lead < 0xf0) {
    const valid = within(second, lead === 0xe0 ? 0xa0 : 0x80, lead === 0xed ? 0x9f : 0xbf)
    return valid && isContinuation(bytes[at + 2]) ? 3 : 0
  }
  if (lead > 0xf4) return 0
  const valid = within(second, lead === 0xf0 ? 0x90 : 0x80, lead === 0xf4 ? 0x8f : 0xbf)
  return valid && isContinuation(bytes[at + 2]) && isContinuation(bytes[at + 3]) ? 4 : 0
}

/** How many of the last bytes (0 to 3) may be the start of a sequence that goes on in the next chunk. */
export const unfinishedTail = (bytes: Uint8Array): 0 | 1 | 2 | 3 => {
  for (const back of [1, 2, 3] as const) {
    const byte = bytes[bytes.length - back]
    if (byte === undefined || byte < 0x80) return 0
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? back : 0
  }
  return 0
}
