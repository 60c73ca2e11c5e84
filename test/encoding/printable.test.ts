import { describe, expect, it } from 'vitest'
import { printable } from '../../src/encoding/printable.js'

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
    ['delete', 'a\u007f', 'a\\u{7f}'],
  ])('shows %s instead of doing it', (_what, text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it.each(['registry.example/app:v1', 'größe', '日本語', '😀', 'שלום', 'a\u0301'])('leaves %j as it is', (text) => {
    expect(printable(text)).toBe(text)
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
