// Control characters, the C1 range, bidirectional overrides, zero-width marks, line separators and lone surrogates:
// what could clear a screen, colour a lie or reorder what an operator reads.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu

/** Foreign text, made harmless for a terminal or a log: `a\u{1b}[2Jb`, not a cleared screen. Cut at `max` characters. */
export function printable(text: string, max = 300): string {
  const safe = text.slice(0, max).replace(UNSAFE, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`)
  return text.length > max ? `${safe}…` : safe
}
