import { canonicalJson } from '../encoding/canonical-json.js'
import { isJsonObject, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { type Digest, digestOf } from '../oci/digest.js'

/** What a log says, as far as it was completed. */
export interface Log {
  readonly entries: readonly JsonObject[]
  /** the hash of the last line, which the next one goes on from */
  readonly head: Digest
  /** the hash of each line */
  readonly hashes: readonly Digest[]
  /** bytes up to the end of the last whole line; what follows was never completed, and counts for nothing */
  readonly size: number
}

/** A log without a line. */
export const EMPTY_LOG: Log = { entries: [], head: digestOf(new Uint8Array()), hashes: [], size: 0 }

const LINE_FEED = 0x0a

/**
 * Reads a log: one line of canonical JSON for each entry, `{"after", "entry", "hash"}`, where `hash` is over the other two
 * and `after` is the hash of the line before. A last line without a line feed was being written when the machine stopped:
 * it is dropped. Anything else that is not as it was written is refused, and never skipped.
 * @throws ERR_STATE_DAMAGED
 */
export function parseLog(bytes: Uint8Array, path: string): Log {
  const entries: JsonObject[] = []
  const hashes: Digest[] = []
  let head = EMPTY_LOG.head
  let size = 0
  for (;;) {
    const end = bytes.indexOf(LINE_FEED, size)
    if (end < 0) return { entries, head, hashes, size }
    const where = { path, line: entries.length + 1 }
    const line = parseLine(bytes.subarray(size, end), where)
    if (line.after !== head) throw damaged(where, 'it does not follow the line before')
    entries.push(line.entry)
    head = line.hash
    hashes.push(head)
    size = end + 1
  }
}

/** The next line of a log, without its line feed. */
export function formatLine(entry: object, after: Digest): Uint8Array {
  return Buffer.from(canonicalJson({ after, entry, hash: hashOf(entry, after) }))
}

/** Where a log ends: what the next line goes on from. */
export type LogEnd = Pick<Log, 'head' | 'size'>

/** Where a log ends that has one more line. */
export function endAfter(end: LogEnd, entry: object): LogEnd {
  const size = end.size + formatLine(entry, end.head).byteLength + 1
  return { head: hashOf(entry, end.head), size }
}

/** The place of a line, for messages. */
export interface LinePlace {
  readonly path: string
  /** from 1 */
  readonly line: number
}

/** Says why a line is refused. */
export function damaged({ path, line }: LinePlace, why: string, cause?: unknown): TransferError {
  const message = `line ${line} of ${path} is not as it was written: ${why}`
  return new TransferError('ERR_STATE_DAMAGED', message, { side: 'operator', subject: path, cause })
}

function parseLine(bytes: Uint8Array, where: LinePlace) {
  const json = parseJson(bytes, where)
  const entry = isJsonObject(json) ? json['entry'] : undefined
  if (!isJsonObject(json) || !isJsonObject(entry)) throw damaged(where, 'it has no entry')
  const { after } = json
  // One comparison for the hash, the members and their spelling: a line is what this program would write.
  const hash = hashOf(entry, typeof after === 'string' ? after : '')
  if (canonicalJson({ after, entry, hash }) !== Buffer.from(bytes).toString('utf8'))
    throw damaged(where, 'its hash is another one')
  return { entry, after, hash }
}

function parseJson(bytes: Uint8Array, where: LinePlace) {
  try {
    return parseStrictJson(bytes, where.path)
  } catch (cause) {
    throw damaged(where, cause instanceof Error ? cause.message : '', cause)
  }
}

function hashOf(entry: object, after: string): Digest {
  return digestOf(Buffer.from(canonicalJson({ after, entry })))
}
