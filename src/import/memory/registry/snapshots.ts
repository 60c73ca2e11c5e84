import { notarySignatures } from '../../../content/notary-signatures.js'
import { fetchAll } from '../../../content/read-all.js'
import type { CallOptions, ContentSink, ContentSource, TagList } from '../../../content/store.js'
import { hasCode } from '../../../errors.js'
import { LIMITS } from '../../../limits.js'
import type { Descriptor } from '../../../oci/descriptor.js'
import { type Log, parseLog } from '../../../state/log-lines.js'
import type { VerificationContext } from '../../../trust/notary/context.js'
import { verifySignature } from '../../../trust/notary/verify-signature.js'
import { damagedState, stateLayers } from './artifact.js'
import { headDigits, type SnapshotName } from './tag-names.js'

/** The repository that keeps the importer's records: content, and the names in it. */
export type RecordsStore = ContentSource & ContentSink & TagList

export interface SnapshotOptions extends CallOptions {
  readonly store: RecordsStore
  /** how the importers' own signatures are judged */
  readonly verification: Omit<VerificationContext, 'signal'>
}

/** One snapshot of a stream's state: signed by an importer, and whole. */
export interface Snapshot {
  readonly name: SnapshotName
  readonly log: Log
  /** all of its lines, as bytes */
  readonly bytes: Uint8Array
}

/**
 * Reads a snapshot. It must be there, signed by an importer whom the store `ca:importers` leads to, and what its tag says:
 * the next older one never stands in for it, since that is how somebody would take an importer back in time.
 * @throws ERR_STATE_DAMAGED, ERR_LIMIT_EXCEEDED, ERR_TRUST_STORE_INVALID, and what the registry throws
 */
export async function readSnapshot(name: SnapshotName, given: SnapshotOptions): Promise<Snapshot> {
  const { store, signal } = given
  const { tag } = name
  try {
    const manifest = await store.resolve({ kind: 'tag', tag }, { signal })
    const layers = stateLayers(await fetchAll(store, manifest, { signal, maxBytes: LIMITS.manifestBytes }), tag)
    await requireSignature(manifest, tag, given)
    const parts: Uint8Array[] = []
    for (const layer of layers) parts.push(await fetchAll(store, layer, { signal, maxBytes: LIMITS.streamFileBytes }))
    const bytes = Buffer.concat(parts)
    const log = parseLog(bytes, tag)
    const isNamed = log.entries.length === name.lines && headDigits(log.head) === name.head
    if (!isNamed || log.size !== bytes.byteLength) throw damagedState(tag, 'it holds other lines than its tag says')
    return { name, log, bytes }
  } catch (cause) {
    const lost = hasCode(cause, 'ERR_NOT_FOUND') || hasCode(cause, 'ERR_CONTENT_MISMATCH')
    const unreadable = hasCode(cause, 'ERR_JSON_INVALID') || hasCode(cause, 'ERR_CONTENT_AMBIGUOUS')
    throw lost || unreadable ? damagedState(tag, cause.message, cause) : cause
  }
}

async function requireSignature(manifest: Descriptor, tag: string, given: SnapshotOptions): Promise<void> {
  const { store, verification, signal } = given
  // A store that is absent is the operator's mistake, and no damage.
  for (const name of verification.statement.stores) await verification.store(name)
  const found = await notarySignatures(store, manifest, { signal })
  const why: string[] = []
  for (const one of found.slice(0, LIMITS.signaturesPerArtifact)) {
    if (one.kind === 'malformed') {
      why.push(one.why)
      continue
    }
    const question = { signature: one.signature, envelope: await one.read(), type: one.type, target: manifest }
    const outcome = await verifySignature(question, { ...verification, signal })
    if (outcome.verdict === 'verified') return
    why.push(...outcome.validations.filter(({ result }) => result === 'fail').map(({ detail }) => detail))
  }
  throw damagedState(tag, why[0] === undefined ? 'nobody has signed it' : `no signature on it counts: ${why[0]}`)
}
