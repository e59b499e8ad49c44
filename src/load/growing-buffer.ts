/** A text of up to so many characters is given the room that it takes at the most. */
const shortText = 16_384

/** No character of UTF-16 takes more bytes of UTF-8. */
const bytesPerUnit = 3

/** Bytes of UTF-8 that a text takes at the most. */
export const mostBytesOf = (text: string): number =>
  text.length > shortText ? Buffer.byteLength(text) : text.length * bytesPerUnit

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** Bytes that are written one after the other. Whoever has asked for `buffer` or `view` asks again after `reserve`. */
export class GrowingBuffer {
  #buffer: Buffer
  #view: DataView

  constructor(length: number) {
    this.#buffer = Buffer.allocUnsafeSlow(length)
    this.#view = viewOf(this.#buffer)
  }

  get buffer(): Buffer {
    return this.#buffer
  }

  /** The same bytes. */
  get view(): DataView {
    return this.#view
  }

  /** Makes room for so many bytes in all, of which `written` are there already. */
  reserve(bytes: number, written: number): void {
    if (bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, written)
    this.#buffer = larger
    this.#view = viewOf(larger)
  }
}
