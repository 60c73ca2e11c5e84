import { isJsonObject, type Json, type JsonObject } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { type Digest, isDigest } from '../oci/digest.js'
import { isRegistryHost, isRepositoryName } from '../oci/reference.js'

/** What the messages call the document. */
export const DOCUMENT = 'the waybill’s document'
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/

/** @throws ERR_BUNDLE_FORMAT where it is something else, like every function here */
export function object(json: Json | undefined, what: string): JsonObject {
  return isJsonObject(json) ? json : fail(`${what} is not an object`)
}

/** A list, each item parsed. */
export function list<T>(json: Json | undefined, what: string, parse: (item: Json) => T): T[] {
  return Array.isArray(json) ? json.map((item: Json) => parse(item)) : fail(`${what} is not a list`)
}

/** A string. */
export function text(json: Json | undefined, what: string): string {
  return typeof json === 'string' ? json : fail(`${what} is not a text`)
}

/** A time in the document's one form: UTC, whole seconds. */
export function time(json: Json | undefined, what: string): string {
  const found = text(json, what)
  const at = TIME.test(found) ? new Date(found) : undefined
  // `Date` takes 30 February for a day in March, and other readers do not.
  const sound = at !== undefined && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(found.slice(0, 19))
  return sound ? found : fail(`${what} is not a time in UTC`)
}

/** A number that counts something. */
export function count(json: Json | undefined, what: string): number {
  return typeof json === 'number' && json >= 0 ? json : fail(`${what} is not a number`)
}

/** A digest. */
export function digest(json: Json | undefined, what: string): Digest {
  return typeof json === 'string' && isDigest(json) ? json : fail(`${what} is not a digest`)
}

/** `HOST/NAME`. */
export function repository(json: Json | undefined): string {
  const name = text(json, 'a repository')
  const slash = name.indexOf('/')
  if (slash < 0 || !isRegistryHost(name.slice(0, slash)) || !isRepositoryName(name.slice(slash + 1))) {
    fail(`${JSON.stringify(name.slice(0, 200))} is not a repository`)
  }
  return name
}

/** Refuses members that are not known: a reader that skips them can be told lies there. */
export function only(json: JsonObject, members: readonly string[]): void {
  const unknown = Object.keys(json).find((key) => !members.includes(key))
  if (unknown !== undefined) fail(`the member ${JSON.stringify(unknown.slice(0, 80))} is not known`)
}

/** Says why the document is refused. */
export function fail(why: string): never {
  throw new TransferError('ERR_BUNDLE_FORMAT', `${DOCUMENT} is refused: ${why}`, { subject: DOCUMENT })
}
