/**
 * The bytes behind a base64 text after a change of their ASCII; it sees the others as characters that no white space is
 * among, which would end a link too early.
 */
export const inBase64 = (payload: string, change: (text: string) => string): string => {
  const text = Buffer.from(payload, 'base64').toString('latin1')
  const shifted = text.replaceAll(/[\x80-\xff]/g, (byte) => String.fromCharCode(0xe000 + byte.charCodeAt(0)))
  const bytes = change(shifted).replaceAll(/[\ue080-\ue0ff]/g, (byte) =>
    String.fromCharCode(byte.charCodeAt(0) - 0xe000),
  )
  return Buffer.from(bytes, 'latin1').toString('base64')
}
