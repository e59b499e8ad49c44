import { describe, expect, test } from 'vitest'
import type { SettingsBySource } from '../../src/config/read-connections.ts'
import { ConfigError, ReelhouseError } from '../../src/domain/errors.ts'
import type { FlattenContext, StubPage } from '../../src/sources/source.ts'
import { isJsonObject, type JsonObject } from '../../src/transform/json-object.ts'
import type { ContractCase, ContractFixture, WaivableCheck } from './contract-case.ts'
import { configured, type OpenCase, openCase, problemsWith, type Registered } from './open-case.ts'

const context: FlattenContext = { version: null, ordinal: 1, final: false }

const frozen = (value: unknown): unknown => {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner)
    Object.freeze(value)
  }
  return value
}

const without = (record: JsonObject, path: readonly string[]): JsonObject => {
  const [name = '', ...rest] = path
  if (!Object.hasOwn(record, name)) return record
  if (rest.length === 0) return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))
  const inner = record[name]
  return isJsonObject(inner) ? { ...record, [name]: without(inner, rest) } : record
}

const optionalsOf = (fixtures: readonly ContractFixture[]) =>
  fixtures.flatMap(({ name, record, optional }) =>
    Object.entries(optional).map(([path, column]) => ({ name, record, path, column })),
  )

const testFlatten = (registered: Registered): void => {
  const { contract } = registered
  /** No request is sent. */
  const streamOf = async () => {
    const source = await configured(registered, contract.settings)
    const [stream] = source.streams
    if (stream === undefined) throw new Error('there is no stream')
    return stream
  }

  test('has fixtures, and makes rows of them', async () => {
    const stream = await streamOf()
    expect(contract.fixtures.length).toBeGreaterThan(0)
    for (const { name, record } of contract.fixtures) {
      const flattened = stream.flatten(record, context)
      if (flattened.kind !== 'rows') throw new Error(`${name}: ${JSON.stringify(flattened)}`)
      expect(flattened.rows.length).toBeGreaterThan(0)
    }
  })

  test.each(optionalsOf(contract.fixtures))('does without $path of $name', async ({ record, path, column }) => {
    const lacking = without(record, path.split('.'))
    expect(lacking, 'the fixture lacks it anyway').not.toEqual(record)
    const flattened = (await streamOf()).flatten(lacking, context)
    expect(flattened.kind).toBe('rows')
    if (flattened.kind !== 'rows') return
    for (const row of flattened.rows) {
      for (const value of Object.values(row)) expect(value).not.toBeNaN()
      if (column !== null) expect(row[column]).toBeUndefined()
    }
  })

  test('is pure: it changes nothing, and says the same twice', async () => {
    const stream = await streamOf()
    for (const { record } of contract.fixtures) {
      const input = frozen(structuredClone(record))
      expect(stream.flatten(input, context)).toEqual(stream.flatten(input, context))
    }
  })

  test('never throws, whatever it is given', async () => {
    const stream = await streamOf()
    for (const odd of [undefined, null, 0, '', 'text', [], {}, [[]], { recording: null }, { data: {} }]) {
      expect(['reject', 'skip', 'pending', 'rows']).toContain(stream.flatten(odd, context).kind)
    }
  })

  test('never waits once waiting has ended', async () => {
    const stream = await streamOf()
    for (const { record } of contract.fixtures) {
      const flattened = stream.flatten(record, { ...context, final: true })
      expect(flattened.kind).not.toBe('pending')
      expect(flattened).not.toHaveProperty('followUp')
    }
  })
}

const testSettings = (registered: Registered): void => {
  const { contract } = registered
  test('that are right are accepted', async () => {
    expect(await problemsWith(registered, {})).toEqual([])
  })

  test.each([...contract.bad])('name the key of $what', async ({ settings, key }) => {
    const problems = await problemsWith(registered, settings)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(key)
    for (const secret of Object.values(contract.env)) expect(problems[0]).not.toContain(secret)
  })
}

const allOf = async (listing: AsyncIterable<StubPage>): Promise<readonly StubPage[]> => {
  const pages: StubPage[] = []
  for await (const page of listing) pages.push(page)
  return pages
}

const collect = ({ stream, context }: OpenCase, { window }: ContractCase): Promise<readonly StubPage[]> =>
  allOf(stream.list(window, context))

const listedIds = (pages: readonly StubPage[]): readonly string[] => [
  ...new Set(pages.flatMap(({ stubs }) => stubs.map(({ recordId }) => recordId ?? ''))),
]

const testListing = (registered: Registered): void => {
  const { contract } = registered
  const unlessWaived = (check: WaivableCheck) => test.skipIf(contract.waivers[check] !== undefined)

  test('has every record of the window', async () => {
    const open = await openCase(registered)
    const ids = open.account.fill()
    const pages = await collect(open, contract)
    expect(pages.length).toBeGreaterThan(1)
    expect([...listedIds(pages)].sort()).toEqual([...ids].sort())
    for (const { readAt } of pages) expect(readAt).toBeGreaterThan(1_700_000_000_000_000)
  })

  unlessWaived('frozen query')('asks for every page of a listing with the same query', async () => {
    const open = await openCase(registered)
    open.account.fill()
    await collect(open, contract)
    for (const path of contract.listings) {
      const queries = open.account
        .requests()
        .filter((request) => request.path === path)
        .map(({ query }) => JSON.stringify(query.filter(([parameter]) => !contract.pageParameters.test(parameter))))
      expect(new Set(queries).size, path).toBe(1)
    }
  })

  unlessWaived('repeated page')('fails, and does not loop, when pages repeat', async () => {
    const open = await openCase(registered)
    open.account.fill()
    open.account.repeatPages()
    await expect(collect(open, contract)).rejects.toThrow(ReelhouseError)
    expect(open.account.requests().length).toBeLessThan(20)
  })

  unlessWaived('empty middle page')('loses nothing behind an empty page in the middle', async () => {
    const open = await openCase(registered)
    const ids = open.account.fill()
    open.account.emptyMiddlePage()
    const listed = await collect(open, contract).then(listedIds, (error: unknown) => error)
    if (listed instanceof ReelhouseError) return
    expect(listed).toEqual(expect.arrayContaining([...ids]))
  })

  test('ends at once with the reason of the signal', async () => {
    const controller = new AbortController()
    const open = await openCase(registered, { signal: controller.signal })
    open.account.fill()
    const pages = open.stream.list(contract.window, open.context)
    await pages.next()
    const waits = open.account.hang()
    // A page that was asked for ahead may come still.
    const rest = allOf(pages)
    const reason = new Error('the operator stopped it')
    await waits
    controller.abort(reason)
    await expect(rest).rejects.toBe(reason)
  })
}

const testCredentials = (registered: Registered): void => {
  const { contract } = registered
  test('that are wrong cost one request, and are named with their connection', async () => {
    const open = await openCase(registered, { knowsKey: false })
    const error: unknown = await open.source.check(open.context).catch((thrown: unknown) => thrown)
    if (!(error instanceof ConfigError)) throw new Error(`no ConfigError: ${String(error)}`)
    expect(error.problems).toHaveLength(1)
    expect(error.message).toContain('front-desk')
    expect(error.message).toContain(contract.credential)
    expect(open.account.requests()).toHaveLength(1)
    expect(open.source.requests()).toBe(1)
  })

  test('show in no page, record, notice or error', async () => {
    const open = await openCase(registered)
    open.account.fill()
    const seen: unknown[] = [await collect(open, contract)]
    const id = listedIds(await collect(open, contract))[0] ?? ''
    const ref = { recordId: id, parentId: null }
    for await (const fetched of open.stream.fetch([ref], open.context)) seen.push(fetched)
    seen.push(await open.source.check(open.context))
    open.account.refuse()
    for (const failing of [
      async () => collect(open, contract),
      async () => open.source.check(open.context),
      async () => open.source.resolve?.({ ...ref, messageId: id }, open.context),
    ]) {
      const error: unknown = await failing().catch((thrown: unknown) => thrown)
      if (error instanceof Error) seen.push(error.message, error.stack, String(error.cause))
    }
    const text = JSON.stringify([seen, open.notices])
    expect(text.length).toBeGreaterThan(1000)
    for (const secret of Object.values(contract.env)) expect(text).not.toContain(secret)
    expect(text).not.toMatch(/signature=/i)
  })
}

/** What every API source must keep, tested at its vendor's stand-in. `sources`: the registry that has them. */
export const describeContract = (sources: SettingsBySource, cases: Readonly<Record<string, ContractCase>>): void => {
  test.each(Object.entries(cases))('%s says why, where it is let off', (_, { waivers }) => {
    for (const waiver of Object.values(waivers)) expect(waiver.waived.length).toBeGreaterThan(20)
  })
  const parts = { flatten: testFlatten, settings: testSettings, listing: testListing, credentials: testCredentials }
  for (const [name, contract] of Object.entries(cases)) {
    for (const [part, testPart] of Object.entries(parts))
      describe(`${part} of ${name}`, () => testPart({ sources, name, contract }))
  }
}
