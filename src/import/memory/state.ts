import type { Digest } from '../../oci/digest.js'
import { EMPTY_LOG, type Log } from '../../state/log-lines.js'
import type { NamedDigest, StreamRecord } from './stream-record.js'

/** Below this a name does not fall: what it means, and the newest bundle of the stream that said so. */
export interface Floor {
  readonly digest: Digest
  readonly sequence: number
  /** when that bundle was made */
  readonly createdAt: string
}

/** What an importer remembers of a stream. */
export interface StreamState {
  readonly stream: string
  /** the highest number that was ever let in; it never falls */
  readonly highest: { readonly sequence: number; readonly waybill: Digest }
  /** what was loaded last; another one than the highest only where somebody has gone back on purpose */
  readonly last: StreamRecord
  /** every number that was let in, and the waybill that had it */
  readonly accepted: ReadonlyMap<number, Digest>
  readonly floors: ReadonlyMap<string, Floor>
  /** the names that the last bundle had */
  readonly present: ReadonlySet<string>
  /** RFC 3339, UTC: it cannot be earlier than this, by clocks and bundles that were believed */
  readonly trustedTime: string
  /** SHA-256 of the certificates in which signers' chains have ended */
  readonly signers: ReadonlySet<string>
  /** of the log that says all this */
  readonly head: Digest
}

/** All that an importer remembers, by the names of streams. */
export type ImporterState = ReadonlyMap<string, StreamState>

/** Puts together what a stream's records say, in their order; undefined where there is none. */
export function foldRecords(records: readonly StreamRecord[], head: Log['head']): StreamState | undefined {
  const [first, ...others] = records
  if (first === undefined) return undefined
  const accepted = new Map<number, Digest>()
  const floors = new Map<string, Floor>()
  const present = new Set<string>()
  const signers = new Set<string>()
  let highest: StreamState['highest'] = first
  let trustedTime = ''
  for (const record of records) {
    const { sequence, waybill, createdAt } = record
    accepted.set(sequence, waybill)
    if (sequence >= highest.sequence) highest = { sequence, waybill }
    for (const signer of record.signers) signers.add(signer)
    for (const name of record.gone) present.delete(name)
    const changed = new Map(record.tags.map(({ name, digest }) => [name, digest]))
    for (const name of changed.keys()) present.add(name)
    for (const name of present) raiseFloor(name, { digest: changed.get(name), sequence, createdAt })
    // Somebody has looked, and said that the clock is right: what was believed before was not.
    trustedTime = record.reason === undefined ? latest(trustedTime, record.at, createdAt) : record.at
  }
  const last = others.at(-1) ?? first
  return { stream: first.stream, highest, last, accepted, floors, present, trustedTime, signers, head }

  function raiseFloor(name: string, by: Omit<Floor, 'digest'> & { readonly digest: Digest | undefined }): void {
    const floor = floors.get(name)
    const digest = by.digest ?? floor?.digest
    if (digest === undefined) return
    floors.set(name, {
      digest,
      sequence: Math.max(by.sequence, floor?.sequence ?? 0),
      createdAt: latest(by.createdAt, floor?.createdAt ?? ''),
    })
  }
}

/** The latest of times in one spelling, which sort like texts. */
export function latest(...times: readonly string[]): string {
  return times.toSorted().at(-1) ?? ''
}

/** What a bundle changes in what names mean, against the bundle of the stream that was loaded before. */
export function changesOf(
  names: readonly NamedDigest[],
  known: StreamState | undefined,
): Pick<StreamRecord, 'tags' | 'gone'> {
  const here = new Set(names.map(({ name }) => name))
  return {
    tags: names.filter(({ name, digest }) => !known?.present.has(name) || known.floors.get(name)?.digest !== digest),
    gone: [...(known?.present ?? [])].filter((name) => !here.has(name)).sort(),
  }
}

/** The hash of a stream's log, whether or not there is one. */
export function headOf(known: StreamState | undefined): Digest {
  return known?.head ?? EMPTY_LOG.head
}
