import { isJsonObject, type Json, type JsonObject } from '../../../encoding/strict-json.js'
import { type Digest, isDigest } from '../../../oci/digest.js'
import { damaged, type LinePlace } from '../../../state/log-lines.js'
import { parseRecord, type StreamRecord } from '../stream-record.js'

/** One line of a stream's state in a registry. `run` is one import: a number that nobody else drew. */
export type StateEntry =
  /** A bundle is about to be named. */
  | {
      readonly kind: 'begin'
      readonly run: string
      /** the repository that keeps the state, by its name at its registry: state of another target counts for nothing here */
      readonly repository: string
      readonly record: StreamRecord
      /** why the importer began without a state where there should have been one */
      readonly newState?: string
    }
  /** All of its names are set. */
  | { readonly kind: 'end'; readonly run: string }
  /** It has set none, and will not: another import was first. */
  | { readonly kind: 'gave-up'; readonly run: string }
  /** Another branch was read, and its entries follow where they were not here yet. */
  | { readonly kind: 'merged'; readonly heads: readonly Digest[] }

const RUN = /^[0-9a-f]{32}$/

/** Reads what a line says. @throws ERR_STATE_DAMAGED */
export function parseStateEntry(entry: JsonObject, where: LinePlace): StateEntry {
  const { kind, heads } = entry
  if (kind === 'merged') {
    only(entry, ['kind', 'heads'], where)
    return { kind, heads: digests(heads, where) }
  }
  const run = typeof entry['run'] === 'string' && RUN.test(entry['run']) ? entry['run'] : refuse(where)
  if (kind === 'begin') return parseBegin(entry, run, where)
  only(entry, ['kind', 'run'], where)
  return kind === 'end' || kind === 'gave-up' ? { kind, run } : refuse(where)
}

function parseBegin(entry: JsonObject, run: string, where: LinePlace): StateEntry {
  only(entry, ['kind', 'run', 'repository', 'record', 'newState'], where)
  const { repository, record, newState } = entry
  if (typeof repository !== 'string' || !isJsonObject(record)) return refuse(where)
  if (newState !== undefined && typeof newState !== 'string') return refuse(where)
  const parsed = parseRecord(record, where)
  return { kind: 'begin', run, repository, record: parsed, ...(newState === undefined ? {} : { newState }) }
}

function digests(json: Json | undefined, where: LinePlace): Digest[] {
  if (!Array.isArray(json)) return refuse(where)
  return json.map((one: Json) => (typeof one === 'string' && isDigest(one) ? one : refuse(where)))
}

function only(entry: JsonObject, members: readonly string[], where: LinePlace): void {
  const unknown = Object.keys(entry).find((key) => !members.includes(key))
  if (unknown !== undefined) throw damaged(where, `it has a member ${JSON.stringify(unknown.slice(0, 80))}`)
}

function refuse(where: LinePlace): never {
  throw damaged(where, 'a member of it is of another form')
}
