import { printable } from '../../encoding/printable.js'
import { LIMITS } from '../../limits.js'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as text; undefined where they are none. What was cut may end within a character. */
export function textOf(bytes: Uint8Array, { cut }: { readonly cut: boolean }): string | undefined {
  const end = cut ? bytes.byteLength - brokenAtEnd(bytes) : bytes.byteLength
  try {
    const text = decoder.decode(bytes.subarray(0, end))
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

/** Bytes of a character of UTF-8 that is not whole, at the end. */
function brokenAtEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.byteLength); back += 1) {
    const byte = bytes[bytes.byteLength - back] ?? 0
    if (byte >= 0xc0) return back
    if (byte < 0x80) return 0
  }
  return 0
}

/** Text on lines that can be shown; a tab is four blanks wide. */
export function* textLines(text: string): Generator<string> {
  let at = 0
  while (at < text.length) {
    const found = text.indexOf('\n', at)
    const end = found < 0 ? text.length : found
    yield shownLine(text.slice(at, end).replace(/\r$/, '').replaceAll('\t', '    '))
    at = end + 1
  }
}

/** A line, cut where it is too long to be shown, with a word about how much is missing. */
export function shownLine(line: string): string {
  if (line.length <= LIMITS.shownLineLength) return printable(line, LIMITS.shownLineLength)
  const missing = line.length - LIMITS.shownLineLength
  return `${printable(line.slice(0, LIMITS.shownLineLength), LIMITS.shownLineLength)}… (${missing} characters more)`
}

/** The first bytes of what is no text, sixteen a line: where, as hexadecimal digits, and as letters where they are some. */
export function* dumpLines(bytes: Uint8Array): Generator<string> {
  const shown = bytes.subarray(0, LIMITS.shownDumpBytes)
  for (let at = 0; at < shown.byteLength; at += 16) {
    const row = [...shown.subarray(at, at + 16)]
    const digits = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const letters = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    yield `${at.toString(16).padStart(8, '0')}  ${digits.padEnd(47)}  ${letters}`
  }
}
