import { describe, expect, test } from 'vitest'
import type { PortfolioRule } from '../../src/domain/portfolio-rule.ts'
import { compilePortfolioMap, type PortfolioColumns } from '../../src/transform/portfolio-map.ts'

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
    const map = compilePortfolioMap([rule('called_number', '+15125550199', 'called')], null)
    expect([map('c', inbound), map('c', outbound)]).toEqual(['called', 'called'])
    const calling = compilePortfolioMap([rule('calling_number', '+15125550123', 'calling')], null)
    expect([calling('c', inbound), calling('c', outbound)]).toEqual(['calling', 'calling'])
    const own = compilePortfolioMap([rule('own_number', '+15125550199', 'maple')], null)
    expect([own('c', inbound), own('c', outbound)]).toEqual(['maple', null])
    expect(own('c', { ...inbound, message_direction: null })).toBeNull()
    expect(own('c', { ...inbound, message_direction: undefined })).toBeNull()
  })

  test('compares numbers as E.164, however the operator wrote them', () => {
    const map = compilePortfolioMap([rule('called_number', '(512) 555-0199', 'maple')], null, 'US')
    expect(map('c', inbound)).toBe('maple')
    const withoutCountry = compilePortfolioMap([rule('called_number', '1001', 'desk')], null)
    expect(withoutCountry('c', { ...inbound, number_dialed_by_user: '1001' })).toBe('desk')
  })

  test('takes the first rule that fits, across attributes and connections', () => {
    const rules = [
      rule('queue_id', 'q1', 'queue', 'phones'),
      rule('called_number', '+15125550199', 'number'),
      rule('queue_id', 'q1', 'queue anywhere'),
      rule('called_number', '+15125550199', 'too late'),
      rule('called_number', '+15125550199', 'too late', 'phones'),
    ]
    const map = compilePortfolioMap(rules, 'default')
    const queued = { ...inbound, map_keys: { queue_id: 'q1' } }
    expect(map('phones', queued)).toBe('queue')
    expect(map('other', queued)).toBe('number')
    expect(map('other', { ...queued, number_dialed_by_user: null })).toBe('queue anywhere')
    expect(map('other', { ...inbound, number_dialed_by_user: null })).toBe('default')
  })

  test('matches further keys exactly, and only those that the row has', () => {
    const map = compilePortfolioMap([rule('queue_id', 'Q1', 'q'), rule('constructor', 'x', 'c')], null)
    expect(map('c', { ...inbound, map_keys: { queue_id: 'q1' } })).toBeNull()
    expect(map('c', { ...inbound, map_keys: { queue_id: null } })).toBeNull()
    expect(map('c', { ...inbound, map_keys: { constructor: 'x' } })).toBe('c')
    expect(map('c', inbound)).toBeNull()
  })

  test('leaves a portfolio that the source stated alone, and fills one it did not state', () => {
    const map = compilePortfolioMap([rule('called_number', '+15125550199', 'maple')], null)
    expect(map('c', { ...inbound, portfolio_id: 'stated' })).toBe('stated')
    expect(map('c', { ...inbound, portfolio_id: null })).toBe('maple')
    expect(map('c', { ...inbound, portfolio_id: undefined })).toBe('maple')
  })
})
