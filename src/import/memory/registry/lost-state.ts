import { parseDocument } from '../../../bundle/parse-document.js'
import { placeOf, type StreamPlace } from '../../../bundle/stream.js'
import { parseWaybill } from '../../../bundle/waybill.js'
import { fetchAll } from '../../../content/read-all.js'
import type { CallOptions } from '../../../content/store.js'
import { TransferError } from '../../../errors.js'
import { LIMITS } from '../../../limits.js'
import { type Digest, isDigest } from '../../../oci/digest.js'
import type { ImporterState } from '../state.js'
import { damagedState } from './artifact.js'
import type { RecordsStore } from './snapshots.js'
import { isOfBeginning } from './tag-names.js'

/** The tags of a repository of records, by what they are of. */
export interface RecordTags {
  /** of snapshots of the state */
  readonly state: readonly string[]
  /** waybills of which there are receipts */
  readonly waybills: readonly Digest[]
  /** the first one that is neither, and that no import leaves which is killed before it has said anything */
  readonly other?: string
}

const WAYBILL = /^bundle-([0-9a-f]{64})$/

/** Sorts tags while they are read: of a repository with very many only those are kept that count. @throws ERR_LIMIT_EXCEEDED */
export async function recordTags(tags: AsyncIterable<string>): Promise<RecordTags> {
  const state: string[] = []
  const waybills: Digest[] = []
  let other: string | undefined
  for await (const tag of tags) {
    const digest = `sha256:${WAYBILL.exec(tag)?.[1] ?? ''}`
    if (tag.startsWith('state-')) state.push(tag)
    else if (isDigest(digest)) waybills.push(digest)
    else if (!isOfBeginning(tag)) other ??= tag
    if (state.length + waybills.length > LIMITS.recordTags) throw tooMany()
  }
  return { state, waybills, ...(other === undefined ? {} : { other }) }
}

/**
 * A bundle of which there is a receipt, and of which the state should know and does not: somebody has taken the newest
 * snapshots away, or all of them, to go back in time. Bundles without a stream were never in the state.
 * @throws ERR_LIMIT_EXCEEDED, ERR_STATE_DAMAGED where a waybill cannot be read, and what the registry throws
 */
export async function missingPlace(
  waybills: readonly Digest[],
  state: ImporterState,
  { store, ...call }: CallOptions & { readonly store: RecordsStore },
): Promise<StreamPlace | undefined> {
  const known = new Set([...state.values()].flatMap(({ accepted }) => [...accepted.values()]))
  const unknown = waybills.filter((digest) => !known.has(digest))
  if (unknown.length > LIMITS.recordsExamined) throw tooMany()
  for (const digest of unknown) {
    const place = await placeIn(digest, store, call)
    if (place !== undefined && place.sequence > (state.get(place.stream)?.highest.sequence ?? 0)) return place
  }
  return undefined
}

async function placeIn(digest: Digest, store: RecordsStore, call: CallOptions): Promise<StreamPlace | undefined> {
  try {
    const manifest = await store.resolve({ kind: 'digest', digest }, call)
    const { document } = parseWaybill(await fetchAll(store, manifest, { ...call, maxBytes: LIMITS.waybillBytes }))
    return placeOf(parseDocument(await fetchAll(store, document, { ...call, maxBytes: LIMITS.documentBytes })))
  } catch (cause) {
    call.signal.throwIfAborted()
    if (cause instanceof TransferError && cause.side === 'sink' && cause.code !== 'ERR_NOT_FOUND') throw cause
    throw damagedState(digest, 'the waybill of a receipt cannot be read', cause)
  }
}

function tooMany(): TransferError {
  const message = `the repository of records has more than ${LIMITS.recordTags} tags, or more than ${LIMITS.recordsExamined} bundles of which the state knows nothing`
  return new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'sink' })
}
