import { expect, test } from 'vitest'
import type { DigestKind } from '../../src/domain/forgotten.ts'
import { Secret } from '../../src/domain/secret.ts'
import { createDigestKey } from '../../src/transform/digest-key.ts'
import { ForgottenSet } from '../../src/transform/forgotten-set.ts'

const today = createDigestKey(new Secret('today-not-a-real-one'))
const before = createDigestKey(new Secret('before-not-a-real-one'))

const number = '+15125550142'

const forgotten = (
  kind: DigestKind,
  text: string,
  cutOff: number,
  connectionKey: number | null = null,
  key = today,
) => ({
  kind,
  digest: key.digest(kind, text),
  fingerprint: key.fingerprint,
  connectionKey,
  cutOff,
})

test('a digest is what it has always been: all that was forgotten rests on it', () => {
  expect(today.digest('phone', number)).toBe('bb0257820d0a44e95be70bde545c4ce97bdb881a6bc45376f0da50c1d5252c65')
  expect(today.fingerprint).toBe('c0e2c8bd75c6c3db')
  expect(today.digest('digits', number)).not.toBe(today.digest('phone', number))
  expect(before.digest('phone', number)).not.toBe(today.digest('phone', number))
})

test('what began before the cut-off stays out, what began at it or later does not; without a time it is earlier', () => {
  const set = new ForgottenSet([today])
  expect(set.isEmpty).toBe(true)
  set.add([forgotten('phone', number, 100)])
  expect([99, 100, null].map((at) => set.holds('phone', number, 1, at))).toEqual([true, false, true])
  expect(set.holds('phone', '+15125550143', 1, 1)).toBe(false)
  expect(set.holds('email', number, 1, 1)).toBe(false)
})

test('of several cut-offs the latest counts, whichever secret it was made with and in whatever order', () => {
  const digests = [forgotten('phone', number, 100), forgotten('phone', number, 200, null, before)]
  for (const keys of [
    [today, before],
    [before, today],
  ]) {
    const set = new ForgottenSet(keys)
    for (const one of digests) set.add([one])
    expect([199, 200].map((at) => set.holds('phone', number, 1, at))).toEqual([true, false])
  }
})

test('of one connection it is about its rows only, also beside one of all of them', () => {
  const set = new ForgottenSet([today])
  set.add([forgotten('phone', number, 100, 7), forgotten('record', 'r', 100, 7)])
  expect([7, 8].map((connection) => set.holds('phone', number, connection, 1))).toEqual([true, false])
  expect([7, 8].map((connection) => set.holdsRecord(connection, 'r'))).toEqual([true, false])
  set.add([forgotten('phone', number, 50)])
  expect([set.holds('phone', number, 7, 60), set.holds('phone', number, 8, 60)]).toEqual([true, false])
  expect(set.holds('phone', number, 8, 40)).toBe(true)
})
