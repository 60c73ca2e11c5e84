import type { CallOptions } from '../../../content/store.js'
import { printable } from '../../../encoding/printable.js'
import { hasCode, TransferError } from '../../../errors.js'
import { formatRepository } from '../../../oci/reference.js'
import type { SigningOptions } from '../../../sign/signing-options.js'
import type { ImporterMemory, TakenStream } from '../memory.js'
import type { ImporterState, StreamState } from '../state.js'
import type { StreamRecord } from '../stream-record.js'
import { type Attempt, beginNaming, LEASE_MS, refuseNews } from './begin.js'
import { missingPlace, type RecordTags, recordTags } from './lost-state.js'
import type { RegistryMemoryOptions } from './options.js'
import { publishEntry } from './publish.js'
import type { RecordsStore, SnapshotOptions } from './snapshots.js'
import { type SnapshotName, snapshotsIn, streamKey } from './tag-names.js'
import { beginsIn, readView, type StreamView, stateOf } from './view.js'

/**
 * What importers that keep nothing remember, in a repository of their target (ADR 33): for each stream snapshots of one
 * log, each signed, each under a tag of its own, which is never moved. Two importers at once add beside each other, and
 * both read what the other has written before either sets a name.
 */
export function registryMemory(given: RegistryMemoryOptions): ImporterMemory {
  const views = new Map<string, StreamView>()
  const reading = async (call: CallOptions) => ({
    store: await given.open(),
    verification: await given.verification(),
    repository: given.repository.name,
    ...call,
  })
  const viewOf = async (stream: string, call: CallOptions): Promise<StreamView | undefined> => {
    const options = await reading(call)
    const names = snapshotsIn((await tagsOf(options.store, call)).state).filter(({ key }) => key === streamKey(stream))
    return await readView(names, options)
  }
  return {
    recall: async (call) => {
      const options = await reading(call)
      // Said before anything is done: what this import is going to write it has to believe itself.
      for (const store of options.verification.statement.stores) await options.verification.store(store)
      const tags = await tagsOf(options.store, call)
      const names = snapshotsIn(tags.state)
      const state = new Map<string, StreamState>()
      for (const ofStream of byStream(names)) {
        const view = await readView(ofStream, options)
        const known = view && stateOf(view)
        if (view !== undefined) views.set(view.stream, view)
        if (view !== undefined && known !== undefined) state.set(view.stream, known)
      }
      await requireNoLoss(tags, state, { given, reading: options })
      return state satisfies ImporterState
    },
    requireKnown: (stream, known) => {
      if (known === undefined) requireStream(stream, given)
    },
    take: async (stream, _known, call) => {
      const view = await viewOf(stream, call)
      if (!sameTags(view, views.get(stream))) throw changedMeanwhile(stream, given)
      if (view === undefined || stateOf(view) === undefined) requireStream(stream, given)
      return taken(stream, view, { given, viewOf })
    },
  }
}

interface Taking {
  readonly given: RegistryMemoryOptions
  readonly viewOf: Attempt['viewOf']
}

function taken(stream: string, view: StreamView | undefined, { given, viewOf }: Taking): TakenStream {
  let begun: Date | undefined
  const publisher: Attempt['publish'] = async (entry, known, call) => {
    const verification = await given.verification()
    const publishing = { store: await given.open(), signing: signingOf(given), verification }
    await publishEntry(stream, entry, { ...publishing, view: known, ...call })
  }
  return {
    begin: async (record, { naming, signal }) => {
      const call = { signal }
      const attempt = { ...given, stream, view, record, viewOf, publish: publisher }
      const before = await viewOf(stream, call)
      refuseNews(before, attempt)
      const done = isDone(before, record)
      if (done && !naming) return false
      // Others count from what the announcement says, and not from when it could be read.
      begun = new Date(record.at)
      await beginNaming(attempt, before, call)
      return !done
    },
    requireHeld: () => {
      if (begun === undefined || given.now().getTime() - begun.getTime() < LEASE_MS) return
      const message = `names of ${stream} are set too long after that was announced: others may have gone on`
      throw new TransferError('ERR_STATE_BUSY', message, { side: 'operator', subject: stream })
    },
    end: async (call) => {
      if (begun === undefined) return
      await publisher({ kind: 'end', run: given.run }, await viewOf(stream, call), call)
    },
    close: async () => {},
  }
}

/** Whether the last import was of this bundle, and has set all of its names. */
function isDone(view: StreamView | undefined, record: StreamRecord): boolean {
  if (view === undefined || record.reason !== undefined) return false
  const last = stateOf(view)?.last
  const ended = new Set(view.entries.flatMap((entry) => (entry.kind === 'end' ? [entry.run] : [])))
  const isEnded = beginsIn(view.entries).some((one) => one.record.waybill === record.waybill && ended.has(one.run))
  return last?.waybill === record.waybill && last.sequence === record.sequence && isEnded
}

/** State is signed as what it is: without an end, and without what the operator states of images. */
function signingOf({ signing }: RegistryMemoryOptions): SigningOptions {
  if (signing === undefined) {
    const message = 'state in the registry is signed: name the importer’s key with --key, and --cert'
    throw new TransferError('ERR_USAGE', message, { side: 'operator' })
  }
  const { lifetimeMs: _, ...endless } = signing
  return { ...endless, metadata: {} }
}

async function tagsOf(store: RecordsStore, call: CallOptions): Promise<RecordTags> {
  try {
    return await recordTags(store.listTags(call))
  } catch (cause) {
    if (!hasCode(cause, 'ERR_NOT_FOUND')) throw cause
    return { state: [], waybills: [] }
  }
}

function byStream(names: readonly SnapshotName[]): readonly (readonly SnapshotName[])[] {
  const streams = new Map<string, SnapshotName[]>()
  for (const name of names) streams.set(name.key, [...(streams.get(name.key) ?? []), name])
  return [...streams.values()]
}

/** Records of which the state should know, and does not: it was lost, or somebody has taken it away to go back in time. */
async function requireNoLoss(
  tags: RecordTags,
  state: ImporterState,
  { given, reading }: { readonly given: RegistryMemoryOptions; readonly reading: SnapshotOptions },
): Promise<void> {
  const { repository, requireState, newState } = given
  if (newState !== undefined) return
  const name = formatRepository(repository)
  const lost = (found: string): TransferError => {
    const message = `${name} ${found}: either this is a new target, or its state was taken away; after comparing with the last receipt, begin anew with --new-state REASON`
    return new TransferError('ERR_STATE_DAMAGED', message, { side: 'sink', subject: name })
  }
  const place = await missingPlace(tags.waybills, state, reading)
  if (place !== undefined)
    throw lost(`has the receipt of number ${place.sequence} of ${place.stream}, of which its state knows nothing`)
  if (state.size > 0 || tags.state.length > 0) return
  if (tags.other !== undefined && tags.waybills.length === 0)
    throw lost(`holds tags, such as ${printable(tags.other, 128)}, and none is of an importer’s state`)
  if (requireState) throw lost('holds no importer’s state')
}

/** Who may delete tags takes one stream back to its beginning by deleting its own: those of others say nothing of it. */
function requireStream(stream: string, { repository, requireState, newState }: RegistryMemoryOptions): void {
  if (newState !== undefined || !requireState) return
  const name = formatRepository(repository)
  const message = `${name} holds state of other streams, and none of ${stream}: either this is a new stream, or its state was taken away; after comparing with the last receipt, begin anew with --new-state REASON`
  throw new TransferError('ERR_STATE_DAMAGED', message, { side: 'sink', subject: stream })
}

function sameTags(one: StreamView | undefined, other: StreamView | undefined): boolean {
  const [a, b] = [[...(one?.tags ?? [])].sort(), [...(other?.tags ?? [])].sort()]
  return a.join() === b.join()
}

function changedMeanwhile(stream: string, { repository }: RegistryMemoryOptions): TransferError {
  const message = `another import of the stream ${stream} has written its state while this bundle was verified`
  return new TransferError('ERR_STATE_BUSY', message, { side: 'sink', subject: formatRepository(repository) })
}
