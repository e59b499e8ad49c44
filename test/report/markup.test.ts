import { describe, expect, test } from 'vitest'
import { fragment, tag } from '../../src/report/markup.ts'
import { fitted, textWidth } from '../../src/report/text-width.ts'
import { duration, percent, span } from '../../src/report/words.ts'

describe('markup', () => {
  test('escapes every text and attribute; only what it made itself is left as it is', () => {
    const inner = tag('b', { title: `"'<>&` }, '</b><script>&')
    expect(fragment(inner, '<i>', 7, null).html).toBe(
      '<b title="&quot;&#39;&lt;&gt;&amp;">&lt;/b&gt;&lt;script&gt;&amp;</b>&lt;i&gt;7',
    )
  })

  test('shows characters that no page may have, or that turn its direction, as replaced', () => {
    expect(fragment('a\u0000b\u001bc\u202ed\ud800e').html).toBe('a\ufffdb\ufffdc\ufffdd\ufffde')
  })

  test('rounds numbers to tenths, and leaves out attributes that are null', () => {
    expect(tag('rect', { x: 1.25, y: 3, class: null }).html).toBe('<rect x="1.3" y="3"></rect>')
  })
})

describe('words on plots', () => {
  test('are cut where they end, by characters and not halves of them', () => {
    expect(fitted('front-desk', 200)).toBe('front-desk')
    const cut = fitted('📞'.repeat(40), 100)
    expect(cut).toMatch(/^(📞)+…$/u)
    expect(textWidth(cut)).toBeLessThanOrEqual(100)
  })

  test('do not round a little to nothing, nor nearly all to all', () => {
    expect([percent(0, 9), percent(1, 1000), percent(1, 2), percent(999, 1000), percent(9, 9), percent(0, 0)]).toEqual([
      '0 %',
      '< 1 %',
      '50 %',
      '> 99 %',
      '100 %',
      '–',
    ])
  })

  test('name durations and ages', () => {
    expect([0, 59, 65, 3599, 7380].map(duration)).toEqual(['0 s', '59 s', '1:05 min', '59:59 min', '2:03 h'])
    expect([1, 119, 120, 7200, 200_000].map(span)).toEqual([
      '1 second',
      '119 seconds',
      '2 minutes',
      '2 hours',
      '2 days',
    ])
  })
})
