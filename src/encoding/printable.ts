// Control characters, format characters (bidirectional overrides, zero-width marks, tags), line separators and lone
// surrogates: what could clear a screen, colour a lie or reorder what an operator reads.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Foreign text, made harmless for a terminal or a log: `a\u{1b}[2Jb`, not a cleared screen. Cut at `max` characters. */
export function printable(text: string, max = 300): string {
  const safe = text.slice(0, max).replace(UNSAFE, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`)
  return text.length > max ? `${safe}…` : safe
}

/** JSON on one line in which the same characters are escaped: the same value to a program, and harmless on a terminal. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (mark) => mark.split('').map(escapedUnit).join(''))
}

function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
