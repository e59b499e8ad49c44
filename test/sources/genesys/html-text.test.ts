import { describe, expect, test } from 'vitest'
import { htmlText } from '../../../src/sources/genesys/html-text.ts'

describe('the text of an HTML body', () => {
  test.each([
    ['<p>When does my lease end?</p>', 'When does my lease end?'],
    ['<p>One</p><p>Two<br/>Three</p>', 'One\nTwo\nThree'],
    ['<html><head><title>No</title></head><body>Yes<style>p { color: red }</style></body></html>', 'Yes'],
    ['<header>Maple Homes</header>', 'Maple Homes'],
    ['before<!-- > not this -->after', 'beforeafter'],
    ['2 &lt; 3 &amp; 4&nbsp;&#8364;&#x20AC;', '2 < 3 & 4 €€'],
    ['<p>rent < 900', 'rent < 900'],
    ['<head><title>a</title><body>no end of the head', 'ano end of the head'],
    ['<STYLE>p > a</STYLE >kept', 'kept'],
    ['<script>if (a > b) alert(1)</script>kept', 'kept'],
  ])('%s', (html, text) => {
    expect(htmlText(html)).toBe(text)
  })

  test.each(['&#0;', '&#xd800;', '&#1114112;'])('has no characters that are none: %s', (html) => {
    expect(htmlText(html)).toBe('\u{fffd}')
  })

  test('knows no names that objects have by themselves', () => {
    expect(htmlText('&valueo; &__pro;')).toBe('&valueo; &__pro;')
  })

  test.each(['<', '<style>', '<!--', '<head ', '<head>', '<style ></style', '<!--->', '&', ' \n', '<p>'])(
    'of megabytes of %j takes no time',
    (part) => {
      const html = `${part.repeat(1_000_000)}the end`
      const began = performance.now()
      htmlText(html)
      expect(performance.now() - began).toBeLessThan(10_000)
    },
  )
})
