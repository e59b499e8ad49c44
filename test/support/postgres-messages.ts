/** The type byte of a message of the Postgres protocol. */
export const typeOf = (message: Buffer): string => String.fromCharCode(message[0] ?? 0)

/** Cuts a byte stream into messages; the first of a client has no type byte. */
export const messagesOf = (
  onMessage: (whole: Buffer) => void,
  startsWithStartup: boolean,
): ((chunk: Buffer) => void) => {
  let buffered = Buffer.alloc(0)
  let startup = startsWithStartup
  return (chunk) => {
    buffered = Buffer.concat([buffered, chunk])
    for (;;) {
      const typeBytes = startup ? 0 : 1
      if (buffered.length < typeBytes + 4) return
      const length = typeBytes + buffered.readInt32BE(typeBytes)
      if (buffered.length < length) return
      const whole = buffered.subarray(0, length)
      buffered = buffered.subarray(length)
      startup = false
      onMessage(whole)
    }
  }
}
