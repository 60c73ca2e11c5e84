import type { BundleDocument } from '../../src/bundle/document.js'
import { checkRollback, type RollbackOptions } from '../../src/import/checks/rollback.js'
import { foldRecords, type ImporterState, type StreamState } from '../../src/import/memory/state.js'
import type { StreamRecord } from '../../src/import/memory/stream-record.js'
import type { Check } from '../../src/import/verification.js'
import { type Digest, digestOf } from '../../src/oci/digest.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import { EMPTY_LOG } from '../../src/state/log-lines.js'
import { VERIFIED_AT } from './clock.js'

export const STREAM = 'acme/nightly'
export const ROOT_OF_SIGNER = 'a'.repeat(64)

/** A digest that is told from others by this. */
export function digestFor(what: string): Digest {
  return digestOf(Buffer.from(what))
}

/** The waybill of a number of the stream. */
export function waybillOf(sequence: number): Digest {
  return digestFor(`waybill ${sequence}`)
}

/** What was remembered when this number was loaded. */
export function aRecord(sequence: number, given: Partial<StreamRecord> = {}): StreamRecord {
  return {
    stream: STREAM,
    sequence,
    waybill: waybillOf(sequence),
    at: '2026-11-22T11:00:00Z',
    createdAt: '2026-11-20T10:00:00Z',
    signers: [ROOT_OF_SIGNER],
    tags: [],
    gone: [],
    ...given,
  }
}

/** What follows from records, of one stream each. */
export function remembering(...streams: readonly (readonly StreamRecord[])[]): ImporterState {
  return new Map(streams.map(folded).map((one) => [one.stream, one]))
}

export function folded(records: readonly StreamRecord[]): StreamState {
  const state = foldRecords(records, EMPTY_LOG.head)
  if (state === undefined) throw new Error('no records')
  return state
}

export interface Spec extends Partial<Pick<BundleDocument, 'stream' | 'sequence' | 'previous' | 'createdAt'>> {
  readonly waybill?: Digest
  readonly now?: Date
  readonly signers?: readonly string[]
  /** what `registry.example/app:TAG` means */
  readonly tags?: Readonly<Record<string, string>>
}

/** Holds a bundle against a state. */
export function judged(
  state: ImporterState,
  spec: Spec,
  given: Partial<Omit<RollbackOptions, 'state'>> = {},
): readonly Check[] {
  const { waybill, now, signers, tags, ...claims } = spec
  const roots = Object.entries(tags ?? {}).map(([tag, what]) => ({
    repository: 'registry.example/app',
    tag,
    descriptor: { mediaType: OCI_MANIFEST, digest: digestFor(what), size: 1 },
  }))
  const document: BundleDocument = {
    version: 1,
    kind: 'full',
    createdAt: '2026-11-20T10:00:00Z',
    generator: 'test',
    roots,
    lookups: [],
    omissions: [],
    totals: { blobs: 0, bytes: 0 },
    ...claims,
  }
  const claim = {
    document,
    waybill: waybill ?? waybillOf(spec.sequence ?? 0),
    signers: signers ?? [ROOT_OF_SIGNER],
    now: now ?? VERIFIED_AT,
  }
  return checkRollback(claim, { state, requireChain: false, ...given })
}

/** The same, in short: result and code. */
export function verdictOn(...given: Parameters<typeof judged>): readonly string[] {
  return judged(...given).map(({ result, code }) => (code === undefined ? result : `${result} ${code}`))
}
