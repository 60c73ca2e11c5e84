import { isJsonObject, type Json, type JsonObject } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type Digest, isDigest } from '../oci/digest.js'
import { parseTimestamp } from '../trust/timestamps.js'

const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/

/** An object with these members at most. @throws ERR_RECEIPT_INVALID where it is something else, like every function here */
export function object(json: Json | undefined, what: string, members: readonly string[]): JsonObject {
  if (!isJsonObject(json)) return refuse(`${what} is not an object`)
  // A reader that skips what it does not know can be told lies there.
  const unknown = Object.keys(json).find((key) => !members.includes(key))
  return unknown === undefined ? json : refuse(`${what} has a member ${JSON.stringify(unknown.slice(0, 80))}`)
}

/** A list, each item parsed. */
export function list<T>(json: Json | undefined, what: string, parse: (item: Json) => T): T[] {
  return Array.isArray(json) ? json.map((item: Json) => parse(item)) : refuse(`${what} is not a list`)
}

/** A text of a bounded length. */
export function text(json: Json | undefined, what: string): string {
  if (typeof json !== 'string') return refuse(`${what} is not a text`)
  return json.length <= LIMITS.receiptTextLength ? json : refuse(`${what} is too long`)
}

/** One of these words. */
export function oneOf<T extends string>(json: Json | undefined, what: string, words: readonly T[]): T {
  return words.find((word) => word === json) ?? refuse(`${what} is none of ${words.join(', ')}`)
}

/** A time in its one form: UTC, whole seconds. */
export function time(json: Json | undefined, what: string): string {
  const found = text(json, what)
  return TIME.test(found) && parseTimestamp(found) !== undefined ? found : refuse(`${what} is not a time in UTC`)
}

/** A number that counts something. */
export function count(json: Json | undefined, what: string): number {
  return typeof json === 'number' && json >= 0 ? json : refuse(`${what} is not a number`)
}

/** A digest. */
export function digest(json: Json | undefined, what: string): Digest {
  return typeof json === 'string' && isDigest(json) ? json : refuse(`${what} is not a digest`)
}

/** A member that may be absent, under its own name. */
export function optional<K extends string, T>(
  json: JsonObject,
  key: K,
  parse: (value: Json | undefined, what: string) => T,
): { readonly [P in K]?: T } {
  return json[key] === undefined ? {} : ({ [key]: parse(json[key], key) } as { readonly [P in K]?: T })
}

/** Says why a receipt is refused. */
export function refuse(why: string, cause?: unknown): never {
  throw new TransferError('ERR_RECEIPT_INVALID', `the receipt is refused: ${why}`, { cause, subject: 'receipt' })
}
