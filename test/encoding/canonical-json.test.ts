import { describe, expect, it } from 'vitest'
import { canonicalBytes, canonicalJson } from '../../src/encoding/canonical-json.js'

describe('canonicalJson', () => {
  it('writes the keys of RFC 8785 3.2.3 in its order', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      ö: 'Latin Small Letter O With Diaeresis',
    }

    const written = canonicalJson(value)

    expect(Object.values(JSON.parse(written))).toBeDefined()
    expect(written).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    )
  })

  it('escapes what RFC 8785 3.2.2.2 escapes, and nothing else', () => {
    const written = canonicalJson('€$\u000f\nA\'B"\\\\"/\b\f\r\t\u007f\u2028<>&')

    expect(written).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\\b\\f\\r\\t\u007f\u2028<>&"')
  })

  it('writes numbers like keys in the order of their text, as the RFC does', () => {
    const written = canonicalJson({ 10: 0, 9: 0, 1: 0 })

    expect(written).toBe('{"1":0,"10":0,"9":0}')
  })

  it.each([
    [{ b: [3, null, true], a: undefined }, '{"b":[3,null,true]}'],
    [-0, '0'],
    [-12, '-12'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [[], '[]'],
    [{}, '{}'],
    [JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
  ])('writes %j as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  it.each([
    ['a fraction', 1.5],
    ['a number that is not exact', 2 ** 53],
    ['NaN', Number.NaN],
    ['nothing at all', undefined],
    ['nothing in a list', [undefined]],
    ['a list with a hole', new Array(2)],
    ['a function', { a: () => 1 }],
    ['a bigint', 1n],
    ['bytes', new Uint8Array([1])],
    ['a map', { a: new Map([['b', 1]]) }],
    ['a date', new Date(0)],
    ['half a surrogate pair', 'a\ud800'],
    ['half a surrogate pair in a key', { '\udc00': 1 }],
  ])('throws on %s rather than write something else', (_what, value) => {
    expect(() => canonicalJson(value)).toThrow()
  })

  it('is written as UTF-8', () => {
    const bytes = canonicalBytes({ a: 'é' })

    expect(Buffer.from(bytes).toString('hex')).toBe('7b2261223a22c3a9227d')
  })
})
