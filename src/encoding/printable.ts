// Control characters, format characters (bidirectional overrides, zero-width marks, tags), line separators and lone
// surrogates: what could clear a screen, colour a lie or reorder what an operator reads. Further what a terminal and a
// layout measure differently: characters that are not to be seen (Hangul fillers, variation selectors), marks that
// enclose, private and unassigned ones. And marks that are no accent: on what stands before the text, or more than four
// on one letter, which run over the lines around.
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\p{Me}]|(?<=^|[\s"])\p{M}|(?<=\p{M}{4})\p{M}/gu

/** Most text is plain, and is not looked at again. */
const PLAIN = /^[ -~]*$/

/** Foreign text, made harmless for a terminal or a log: `a\u{1b}[2Jb`, not a cleared screen. Cut at `max` characters. */
export function printable(text: string, max = 300): string {
  const cut = text.slice(0, max)
  const safe = PLAIN.test(cut) ? cut : cut.replace(UNSAFE, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`)
  return text.length > max ? `${safe}…` : safe
}

/** JSON on one line in which the same characters are escaped: the same value to a program, and harmless on a terminal. */
export function printableJson(value: unknown): string {
  const text = JSON.stringify(value)
  return PLAIN.test(text) ? text : text.replace(UNSAFE, (mark) => mark.split('').map(escapedUnit).join(''))
}

function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
