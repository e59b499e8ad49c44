import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/domain/errors.ts'
import type { PortfolioRule } from '../../src/domain/portfolio-rule.ts'
import { compileDecisions, compilePortfolioMap } from '../../src/transform/portfolio-map.ts'
import type { PortfolioColumns } from '../../src/transform/portfolio-rules.ts'

const rule = (
  attribute: string,
  value: string,
  portfolioId: string,
  connection: string | null = null,
): PortfolioRule => ({
  attribute,
  value,
  portfolioId,
  connection,
})

const inbound: PortfolioColumns = {
  phone_number: '+15125550123',
  number_dialed_by_user: '+15125550199',
  message_direction: 'inbound',
  map_keys: {},
}
const outbound: PortfolioColumns = { ...inbound, message_direction: 'outbound' }

describe('the portfolio map', () => {
  test('matches the called number, the calling number and our own by direction', () => {
    const map = compilePortfolioMap([rule('called_number', '+15125550199', 'called')], null, null)
    expect([map('c', inbound), map('c', outbound)]).toEqual(['called', 'called'])
    const calling = compilePortfolioMap([rule('calling_number', '+15125550123', 'calling')], null, null)
    expect([calling('c', inbound), calling('c', outbound)]).toEqual(['calling', 'calling'])
    const own = compilePortfolioMap([rule('own_number', '+15125550199', 'maple')], null, null)
    expect([own('c', inbound), own('c', outbound)]).toEqual(['maple', null])
    expect(own('c', { ...inbound, message_direction: null })).toBeNull()
    expect(own('c', { ...inbound, message_direction: undefined })).toBeNull()
  })

  test('compares numbers as E.164, however the operator wrote them', () => {
    const map = compilePortfolioMap([rule('called_number', '(512) 555-0199', 'maple')], null, 'US')
    expect(map('c', inbound)).toBe('maple')
  })

  test('refuses every rule whose number cannot be read: it would never match', () => {
    const rules = [
      rule('called_number', '+15125550199', 'maple'),
      rule('called_number', '(512) 555-0100', 'oak'),
      rule('own_number', '1001', 'desk', 'phones'),
      rule('calling_number', 'anonymous', 'none'),
      rule('queue_id', '1001', 'queue'),
    ]
    const problemsOf = (defaultCountry: string | null): readonly string[] => {
      try {
        compilePortfolioMap(rules, null, defaultCountry)
      } catch (error) {
        if (error instanceof ConfigError) return error.problems
      }
      return []
    }
    const advice = 'no phone number; write E.164 (+15125550100), or set portfolios.default_country'
    expect(problemsOf(null)).toEqual([
      `portfolio rule called_number "(512) 555-0100": ${advice}`,
      `portfolio rule own_number "1001" (connection phones): ${advice}`,
      `portfolio rule calling_number "anonymous": ${advice}`,
    ])
    const american = 'no phone number of US (portfolios.default_country); write E.164 (+15125550100)'
    expect(problemsOf('US')).toEqual([
      `portfolio rule own_number "1001" (connection phones): ${american}`,
      `portfolio rule calling_number "anonymous": ${american}`,
    ])
    expect(problemsOf('XX')).toEqual(['default_country "XX" is unknown; write an ISO 3166 code (US, GB)'])
  })

  test('takes the first rule that fits, across attributes and connections', () => {
    const rules = [
      rule('queue_id', 'q1', 'queue', 'phones'),
      rule('called_number', '+15125550199', 'number'),
      rule('queue_id', 'q1', 'queue anywhere'),
      rule('called_number', '+15125550199', 'too late', 'phones'),
    ]
    const map = compilePortfolioMap(rules, 'default', null)
    const queued = { ...inbound, map_keys: { queue_id: 'q1' } }
    expect(map('phones', queued)).toBe('queue')
    expect(map('other', queued)).toBe('number')
    expect(map('other', { ...queued, number_dialed_by_user: null })).toBe('queue anywhere')
    expect(map('other', { ...inbound, number_dialed_by_user: null })).toBe('default')
  })

  test('matches further keys exactly, and only those that the row has', () => {
    const map = compilePortfolioMap([rule('queue_id', 'Q1', 'q'), rule('constructor', 'x', 'c')], null, null)
    expect(map('c', { ...inbound, map_keys: { queue_id: 'q1' } })).toBeNull()
    expect(map('c', { ...inbound, map_keys: { queue_id: null } })).toBeNull()
    expect(map('c', { ...inbound, map_keys: { constructor: 'x' } })).toBe('c')
    expect(map('c', inbound)).toBeNull()
  })

  test('leaves a portfolio that the source stated alone, and fills one it did not state', () => {
    const map = compilePortfolioMap([rule('called_number', '+15125550199', 'maple')], null, null)
    expect(map('c', { ...inbound, stated_portfolio_id: 'stated' })).toBe('stated')
    expect(map('c', { ...inbound, stated_portfolio_id: null })).toBe('maple')
    expect(map('c', { ...inbound, stated_portfolio_id: undefined })).toBe('maple')
  })
})

test('one number in two notations with two portfolios is refused', () => {
  const rules = [
    { attribute: 'own_number', value: '+1 512 555 0100', portfolioId: 'p-1', connection: null },
    { attribute: 'own_number', value: '+15125550100', portfolioId: 'p-2', connection: null },
  ]
  expect(() => compilePortfolioMap(rules, null, null)).toThrow(
    'portfolio rules for own_number "+15125550100" name both p-1 and p-2; keep one',
  )
})

describe('the reasons of the portfolio map', () => {
  const general = rule('own_number', '+1 512 555 0199', 'maple')
  const special = rule('own_number', '+15125550199', 'elm', 'phones')
  const rules = [
    rule('queue_id', 'q1', 'queue'),
    general,
    rule('called_number', '+15125550199', 'oak', 'phones'),
    special,
    rule('queue_id', 'q1', 'queue'),
  ]
  const { decide, fitting, shadows } = compileDecisions(rules, 'other', null)

  test('name the rule that decides, and all that fit', () => {
    expect(decide('phones', inbound)).toEqual({ by: 'rule', index: 1, portfolioId: 'maple' })
    expect(fitting('phones', inbound).toSorted()).toEqual([1, 2, 3])
    expect(fitting('desk', inbound)).toEqual([1])
    const queued = { ...inbound, map_keys: { queue_id: 'q1' } }
    expect(decide('desk', queued)).toEqual({ by: 'rule', index: 0, portfolioId: 'queue' })
    expect(fitting('desk', queued).toSorted()).toEqual([0, 1])
  })

  test('are what the source states, the default, or nothing, where no rule decides', () => {
    const stated = { ...inbound, stated_portfolio_id: 'stated' }
    expect(decide('desk', stated)).toEqual({ by: 'stated', portfolioId: 'stated' })
    expect(decide('desk', outbound)).toEqual({ by: 'default', portfolioId: 'other' })
    const withoutDefault = compileDecisions(rules, null, null)
    expect(withoutDefault.decide('desk', outbound)).toEqual({ by: 'nothing', portfolioId: null })
  })

  test('say of a rule that it can never win: an earlier one has its value, for all connections or the same', () => {
    expect(shadows).toEqual([null, null, null, 1, 0])
    expect(compileDecisions([special, general], null, null).shadows).toEqual([null, null])
  })
})
