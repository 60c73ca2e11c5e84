import { printable } from '../../encoding/printable.js'
import { ERRORS, type ErrorCode } from '../../errors.js'

/** A name and what is known under it. */
export type Fact = readonly [name: string, fact: string]

const FACT_LENGTH = 1_000
const LABEL_LENGTH = 400

/** A fact, printable, under a name of ours; nothing where there is none. */
export function fact(name: string, value: string | number | undefined): readonly Fact[] {
  return value === undefined || value === '' ? [] : [[name, printable(String(value), FACT_LENGTH)]]
}

/** Some of many facts under one name, and how many there are beside them. */
export function facts(name: string, values: readonly string[], most = 5): readonly Fact[] {
  const shown = values.slice(0, most).flatMap((value) => fact(name, value))
  return values.length > most ? [...shown, ...fact(name, `and ${values.length - most} more`)] : shown
}

/** The one line of a node, printable. Rows of blanks could push a word to where a verdict stands, and become one. */
export function label(text: string): string {
  return printable(text.replace(/\p{Zs}+/gu, ' '), LABEL_LENGTH)
}

/** A digest as people compare it: the algorithm and twelve digits. */
export function shortDigest(digest: string): string {
  return digest.slice(0, digest.indexOf(':') + 13)
}

/** The code of a refusal, and what to do about it. */
export function codeFacts(code: ErrorCode | undefined): readonly Fact[] {
  return code === undefined ? [] : [...fact('code', code), ...fact('to do', ERRORS[code].hint)]
}
