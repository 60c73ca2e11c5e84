import { canonicalJson } from '../../../encoding/canonical-json.js'
import { TransferError } from '../../../errors.js'
import { LIMITS } from '../../../limits.js'
import { type Digest, digestOf } from '../../../oci/digest.js'
import { foldRecords, type StreamState } from '../state.js'
import { damagedState } from './artifact.js'
import { parseStateEntry, type StateEntry } from './entries.js'
import { readSnapshot, type Snapshot, type SnapshotOptions } from './snapshots.js'
import { headDigits, type SnapshotName, streamKey } from './tag-names.js'

export type BeginEntry = Extract<StateEntry, { readonly kind: 'begin' }>

/** What is known of one stream: every snapshot that is not part of another one. */
export interface StreamView {
  readonly stream: string
  /** the longest first: the next line is added to that one */
  readonly snapshots: readonly [Snapshot, ...Snapshot[]]
  /** of all snapshots, each once, in their order */
  readonly entries: readonly StateEntry[]
  /** the tags that this was read from */
  readonly tags: ReadonlySet<string>
}

/**
 * Reads the state of one stream. Two importers at once may each have added to the same snapshot: every snapshot counts that
 * is neither an earlier part of another one nor was taken over by one, so that nothing is ever lost that was written.
 * @param names all snapshots of the stream; undefined where there is none
 * @throws as `readSnapshot` does
 */
export async function readView(
  names: readonly SnapshotName[],
  given: SnapshotOptions & { readonly repository: string },
): Promise<StreamView | undefined> {
  const [first, ...others] = await readBranches(names, given)
  if (first === undefined) return undefined
  const entries = unite([first, ...others].map(entriesOf))
  const stream = streamOf(entries, first.name, given.repository)
  return { stream, snapshots: [first, ...others], entries, tags: new Set(names.map(({ tag }) => tag)) }
}

/** The longest first, so that what is part of another snapshot is not read at all. */
async function readBranches(names: readonly SnapshotName[], given: SnapshotOptions): Promise<readonly Snapshot[]> {
  const read: Snapshot[] = []
  const merged = new Set<string>()
  for (const name of names.toSorted((a, b) => b.lines - a.lines || (a.head < b.head ? -1 : 1))) {
    if (merged.has(name.head) || read.some((snapshot) => isPart(name, snapshot))) continue
    if (read.length >= LIMITS.stateBranches) throw tooMany(name)
    const snapshot = await readSnapshot(name, given)
    read.push(snapshot)
    for (const head of mergedIn(snapshot)) merged.add(headDigits(head))
  }
  return read.filter(({ name }) => !merged.has(name.head))
}

function mergedIn(snapshot: Snapshot): readonly Digest[] {
  return entriesOf(snapshot).flatMap((entry) => (entry.kind === 'merged' ? entry.heads : []))
}

/** Whether a snapshot is what another one was before. */
function isPart({ lines, head }: SnapshotName, { log }: Snapshot): boolean {
  const hash = log.hashes[lines - 1]
  return hash !== undefined && headDigits(hash) === head
}

export function entriesOf({ log, name }: Snapshot): readonly StateEntry[] {
  return log.entries.map((entry, at) => parseStateEntry(entry, { path: name.tag, line: at + 1 }))
}

/** What another branch has beside the first one comes after it. */
function unite(branches: readonly (readonly StateEntry[])[]): StateEntry[] {
  const entries = new Map<string, StateEntry>()
  for (const entry of branches.flat()) {
    const key = canonicalJson(entry)
    if (!entries.has(key)) entries.set(key, entry)
  }
  return [...entries.values()]
}

/** State of another stream, or of another repository, counts for nothing here, whoever has signed it. */
function streamOf(entries: readonly StateEntry[], { tag, key }: SnapshotName, repository: string): string {
  const begins = beginsIn(entries)
  const stream = begins[0]?.record.stream ?? ''
  if (streamKey(stream) !== key || begins.some(({ record }) => record.stream !== stream))
    throw damagedState(tag, 'it is about another stream')
  const stranger = begins.find((begin) => begin.repository !== repository)
  if (stranger !== undefined) throw damagedState(tag, `it is the state of the repository ${stranger.repository}`)
  return stream
}

export function beginsIn(entries: readonly StateEntry[]): BeginEntry[] {
  return entries.filter((entry) => entry.kind === 'begin')
}

/**
 * Imports that have neither set all of their names nor given up. One that ends says nothing of another of the same bundle:
 * that one may set these names once more, and must not do so over newer ones.
 */
export function unfinishedIn({ entries }: Pick<StreamView, 'entries'>): BeginEntry[] {
  let open: BeginEntry[] = []
  for (const entry of entries) {
    if (entry.kind === 'begin') open.push(entry)
    if (entry.kind === 'gave-up' || entry.kind === 'end') open = open.filter(({ run }) => run !== entry.run)
  }
  return open
}

/** What follows for the next bundle. Who gave up has set no name; who did not end may have set some, and counts in full. */
export function stateOf({ entries, snapshots }: StreamView): StreamState | undefined {
  const gaveUp = new Set(entries.flatMap((entry) => (entry.kind === 'gave-up' ? [entry.run] : [])))
  const records = beginsIn(entries).filter(({ run }) => !gaveUp.has(run))
  return foldRecords(
    records.map(({ record }) => record),
    headOfAll(snapshots),
  )
}

function headOfAll(snapshots: StreamView['snapshots']): Digest {
  const heads = snapshots.map(({ log }) => log.head).sort()
  const [only] = heads
  return only !== undefined && heads.length === 1 ? only : digestOf(Buffer.from(heads.join()))
}

function tooMany({ tag }: SnapshotName): TransferError {
  const message = `more than ${LIMITS.stateBranches} branches of the importer’s state were never brought together`
  return new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'sink', subject: tag })
}
