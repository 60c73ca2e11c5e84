import { describe, expect, it } from 'vitest'
import { printable, printableJson } from '../../src/encoding/printable.js'

describe('printable', () => {
  it.each([
    ['a screen being cleared', 'a\u001b[2Jb', 'a\\u{1b}[2Jb'],
    ['the same with one C1 byte', 'a\u009b2Jb', 'a\\u{9b}2Jb'],
    ['a link to somewhere', '\u001b]8;;http://x\u0007', '\\u{1b}]8;;http://x\\u{7}'],
    ['a line that overwrites another', 'bad\rgood', 'bad\\u{d}good'],
    ['a second line', 'a\nb', 'a\\u{a}b'],
    ['a separator of lines', 'a\u2028b', 'a\\u{2028}b'],
    ['text that runs backwards', 'exe.\u202egpj', 'exe.\\u{202e}gpj'],
    ['an isolate', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['a space of no width', 'reg\u200bistry', 'reg\\u{200b}istry'],
    ['a byte order mark', '\ufeffa', '\\u{feff}a'],
    ['a soft hyphen', 'a\u00adb', 'a\\u{ad}b'],
    ['an invisible tag character', 'a\u{e0041}', 'a\\u{e0041}'],
    ['a deprecated format character', 'a\u206eb', 'a\\u{206e}b'],
    ['half a surrogate pair', 'a\ud800', 'a\\u{d800}'],
    ['a letter that is not to be seen', 'a\u3164b', 'a\\u{3164}b'],
    ['a picture of another width', '\u2764\ufe0f', '\u2764\\u{fe0f}'],
    ['a selector of a variation', 'a\u{e0100}', 'a\\u{e0100}'],
    ['a letter of nobody knows what', 'a\ue000', 'a\\u{e000}'],
    ['a character that is none yet', 'a\u0378', 'a\\u{378}'],
    ['a mark that encloses', 'a\u20dd', 'a\\u{20dd}'],
    ['an accent on what stands before the text', '\u0338ok', '\\u{338}ok'],
    ['an accent on a quotation mark', '"\u0338ok', '"\\u{338}ok'],
    ['delete', 'a\u007f', 'a\\u{7f}'],
  ])('shows %s instead of doing it', (_what, text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it.each([
    'registry.example/app:v1',
    'größe',
    '日本語',
    '😀',
    'שלום',
    'a\u0301',
    'q\u0323\u0307\u0301\u0302',
    'नमस्ते',
    'สวัสดี',
  ])('leaves %j as it is', (text) => {
    expect(printable(text)).toBe(text)
  })

  it('shows a flood of accents as what it is, after the fourth on a letter', () => {
    const shown = printable(`a${'\u0301'.repeat(1000)}b`, 2000)

    expect(shown).toBe(`a${'\u0301'.repeat(4)}${'\\u{301}'.repeat(996)}b`)
  })

  it('changes nothing that it has made', () => {
    const hostile = '\u0338a\u0301\u0301\u0301\u0301\u0301\u001b[2J\u202e\ufe0f"\u20dd'

    expect(printable(printable(hostile))).toBe(printable(hostile))
  })

  it('keeps the value of JSON', () => {
    const value = {
      'a\u0338': ['\u0338', `a${'\u0301'.repeat(9)}`, '\u{1f468}\u200d\u{1f469}', '\ue000\u{e0041}\u001b'],
    }

    expect(JSON.parse(printableJson(value))).toEqual(value)
    expect(printableJson(value)).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}]|\p{M}{5}|"\p{M}/u)
  })

  it('cuts what is too long, and says so', () => {
    expect(printable('abcdef', 3)).toBe('abc…')
  })

  it('does not cut what just fits', () => {
    expect(printable('abc', 3)).toBe('abc')
  })

  it('does not leave half of a character that it cuts', () => {
    expect(printable('ab😀', 3)).toBe('ab\\u{d83d}…')
  })
})
