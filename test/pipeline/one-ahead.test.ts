import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { OneAhead } from '../../src/pipeline/one-ahead.ts'

test('work runs while the caller goes on, one piece at a time and in order', async () => {
  const ahead = new OneAhead()
  const journal: string[] = []
  const work = (name: string) => async () => {
    journal.push(`${name} begins`)
    await sleep(10)
    journal.push(`${name} ends`)
  }
  await ahead.submit(work('a'))
  journal.push('caller goes on')
  await ahead.submit(work('b'))
  await ahead.settle()
  expect(journal).toEqual(['a begins', 'caller goes on', 'a ends', 'b begins', 'b ends'])
})

test('what goes wrong is thrown to whoever waits next, and no later work begins', async () => {
  const ahead = new OneAhead()
  const begun: string[] = []
  const failing = async () => {
    await sleep(5)
    throw new Error('the warehouse is gone')
  }
  await ahead.submit(failing)
  await sleep(20)
  for (const name of ['b', 'c']) {
    const next = ahead.submit(async () => {
      begun.push(name)
    })
    await expect(next).rejects.toThrow('the warehouse is gone')
  }
  await expect(ahead.settle()).rejects.toThrow('the warehouse is gone')
  expect(begun).toEqual([])
})

test('work that failed is followed by none, also where there is room for more', async () => {
  const ahead = new OneAhead(2)
  const begun: string[] = []
  await ahead.submit(() => Promise.reject(new Error('the warehouse is gone')))
  await sleep(5)
  const next = ahead.submit(async () => {
    begun.push('b')
  })
  await expect(next).rejects.toThrow('the warehouse is gone')
  await expect(ahead.settle()).rejects.toThrow('the warehouse is gone')
  expect(begun).toEqual([])
})
