const prime = 0x01000193

/** FNV-1a over the UTF-16 units, with its bits mixed once more: ids often differ in their last characters only. */
const hashOf = (key: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), prime)
  return mixed(hash)
}

/** The same of ASCII. */
const hashOfBytes = (bytes: Uint8Array, from: number, to: number): number => {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), prime)
  return mixed(hash)
}

const mixed = (hash: number): number => {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return half ^ (half >>> 13)
}

const smallest = 1024

/**
 * Which keys of a batch occur more than once, or in another batch, told by 32 bits of them: two keys may count as one, and
 * never one as two. So it may only be asked where that is harmless. A map of the keys themselves would keep the text of the
 * file alive that they were cut from, and be copied by the garbage collector again and again.
 */
export class KeyTable {
  #size = 0
  #hashes = new Int32Array(smallest)
  /** Open addressing; places count from 1. Half of it is empty. */
  #slots = new Int32Array(smallest * 2)

  /** Adds a key under the next place (from 0); returns the place of an equal one before, or -1. */
  add(key: string): number {
    return this.#add(hashOf(key))
  }

  /** The same for a key of ASCII, which is `bytes[from]` to `bytes[to - 1]`. */
  addBytes(bytes: Uint8Array, from: number, to: number): number {
    return this.#add(hashOfBytes(bytes, from, to))
  }

  #add(hash: number): number {
    if (this.#size === this.#hashes.length) this.#grow()
    this.#hashes[this.#size] = hash
    this.#size += 1
    return this.#put(hash, this.#size)
  }

  /** Without keys; it keeps its size. */
  clear(): void {
    this.#size = 0
    this.#slots.fill(0)
  }

  has(key: string): boolean {
    return this.#has(hashOf(key))
  }

  /** Whether some key is in both. */
  meets(other: KeyTable): boolean {
    for (let place = 0; place < this.#size; place += 1) {
      if (other.#has(this.#hashes[place] ?? 0)) return true
    }
    return false
  }

  #put(hash: number, place: number): number {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let at = this.#slots[slot] ?? 0; at !== 0; at = this.#slots[slot] ?? 0) {
      if (this.#hashes[at - 1] === hash) return at - 1
      slot = (slot + 1) & mask
    }
    this.#slots[slot] = place
    return -1
  }

  #has(hash: number): boolean {
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = this.#slots[slot] ?? 0
      if (at === 0) return false
      if (this.#hashes[at - 1] === hash) return true
    }
  }

  #grow(): void {
    const hashes = new Int32Array(this.#hashes.length * 2)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    this.#slots = new Int32Array(hashes.length * 2)
    for (let place = 0; place < this.#size; place += 1) this.#put(hashes[place] ?? 0, place + 1)
  }
}
