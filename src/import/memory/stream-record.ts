import { isSequence, isStreamName } from '../../bundle/stream.js'
import { isJsonObject, type Json, type JsonObject } from '../../encoding/strict-json.js'
import { type Digest, isDigest } from '../../oci/digest.js'
import { damaged, type LinePlace } from '../../state/log-lines.js'

/** A name at the source, `HOST/NAME:TAG`, and what it meant in a bundle. */
export interface NamedDigest {
  readonly name: string
  readonly digest: Digest
}

/** What is remembered of one import of a stream's bundle. */
export interface StreamRecord {
  readonly stream: string
  readonly sequence: number
  readonly waybill: Digest
  /** when it was loaded, by this machine's clock; RFC 3339, UTC, whole seconds, as `createdAt` is */
  readonly at: string
  /** when it was made, by the exporter's */
  readonly createdAt: string
  /** SHA-256 of the certificates in which its signers' chains end */
  readonly signers: readonly string[]
  /** names that mean something else than in the bundle that was loaded before */
  readonly tags: readonly NamedDigest[]
  /** names that were in the bundle that was loaded before, and are not in this one */
  readonly gone: readonly string[]
  /** why somebody let it in although the checks of the stream refused it */
  readonly reason?: string
}

const MEMBERS = ['stream', 'sequence', 'waybill', 'at', 'createdAt', 'signers', 'tags', 'gone', 'reason']
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/

/**
 * Reads what a line of the state says.
 * @throws ERR_STATE_DAMAGED
 */
export function parseRecord(entry: JsonObject, where: LinePlace): StreamRecord {
  const { stream, sequence, waybill, reason } = entry
  const unknown = Object.keys(entry).find((key) => !MEMBERS.includes(key))
  if (unknown !== undefined) throw damaged(where, `it has a member ${JSON.stringify(unknown.slice(0, 80))}`)
  if (typeof stream !== 'string' || !isStreamName(stream)) throw damaged(where, 'it is about no stream')
  if (!isSequence(sequence)) throw damaged(where, 'it has no sequence')
  if (typeof waybill !== 'string' || !isDigest(waybill)) throw damaged(where, 'it has no waybill')
  if (reason !== undefined && typeof reason !== 'string') throw damaged(where, 'its reason is no text')
  const texts = (key: string): string[] => list(entry[key], (item) => (typeof item === 'string' ? item : refuse()))
  const time = (key: string): string => {
    const found = entry[key]
    return typeof found === 'string' && TIME.test(found) ? found : refuse()
  }
  return {
    stream,
    sequence,
    waybill,
    at: time('at'),
    createdAt: time('createdAt'),
    signers: texts('signers'),
    tags: list(entry['tags'], named),
    gone: texts('gone'),
    ...(reason === undefined ? {} : { reason }),
  }

  function refuse(): never {
    throw damaged(where, 'a member of it is of another form')
  }
  function list<T>(json: Json | undefined, parse: (item: Json) => T): T[] {
    return Array.isArray(json) ? json.map((item: Json) => parse(item)) : refuse()
  }
  function named(json: Json): NamedDigest {
    const { name, digest } = isJsonObject(json) ? json : refuse()
    return typeof name === 'string' && typeof digest === 'string' && isDigest(digest) ? { name, digest } : refuse()
  }
}
