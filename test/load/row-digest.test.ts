import { expect, test } from 'vitest'
import { rowDigest } from '../../src/load/row-digest.ts'

const text = Buffer.from([...Buffer.from('The quick brown fox jumps over the lazy dog, é'), 0xff, 0x80, 0x2e])
const view = new DataView(text.buffer, text.byteOffset, text.length)

/** As mmh3.hash128(text[:n], 1, x64arch=False) of Python has them: its lowest 53 bits. */
const ofTheFirst = [
  5068445955960300, 8218713290503552, 2393021313190324, 5766862137014308, 5644063589805838, 4453527447645570,
  2365558501336188, 3878862594147278, 1673369427994061, 1044589860107808, 3649136895607440, 6730402488937018,
  3465844680648616, 4332187376036872, 7422564188676977, 703148583020735, 6126276431412641, 1520970499178620,
  6121430001447736, 6128772413771538, 753050000330749, 6851644033099643, 2015807005862070, 207244271507049,
  1315713033372845, 5404890787837263, 7080300186330597, 1009493336291901, 2116549500279726, 1115526973863419,
  2789522812281462, 1537557683491941, 5601160623618617, 3587122098282107, 7831253272401448, 1216257939554343,
]

test('a digest is 53 bits of MurmurHash3 of 128 bits, of any length', () => {
  expect(ofTheFirst.map((_, length) => rowDigest(view, 0, length, 1))).toEqual(ofTheFirst)
})

test('it is of a part of the bytes, wherever that lies, and depends on what the bytes mean', () => {
  expect(rowDigest(view, 3, 48, 1)).toBe(917631650255176)
  expect(rowDigest(view, 0, text.length, 7)).toBe(7674126885499330)
})
