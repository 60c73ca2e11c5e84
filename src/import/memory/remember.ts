import { placeOf, type StreamPlace } from '../../bundle/stream.js'
import type { CallOptions } from '../../content/store.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import { namesOf, type RollbackOptions } from '../checks/rollback.js'
import type { Verification } from '../verification.js'
import type { ImporterMemory } from './memory.js'
import { changesOf } from './state.js'
import type { StreamRecord } from './stream-record.js'

/** Where is remembered, and what the verification that is remembered was made against. */
export interface RememberOptions extends CallOptions {
  readonly memory: ImporterMemory
  readonly rollback: RollbackOptions
  readonly now: () => Date
}

/** A bundle's place in what is remembered. */
export interface RememberedPlace {
  readonly stream: string
  readonly sequence: number
  /** false: it was remembered before */
  readonly added: boolean
}

/** A bundle that this import alone remembers, until it is closed. */
export interface Remembering {
  /** Before any name is set. @throws ERR_DISK_FULL, ERR_MEDIUM, ERR_STATE_BUSY */
  begin(naming: boolean): Promise<RememberedPlace>
  /** Before each name. @throws ERR_STATE_BUSY */
  requireHeld(): void
  /** When all names are. */
  end(): Promise<void>
  close(): Promise<void>
}

/**
 * Takes the stream of a verified bundle before anything is loaded; undefined for a bundle without a stream. The
 * verification stands on what was remembered when it was made: where more is by now, it is refused.
 * @throws ERR_STATE_BUSY, ERR_STATE_DAMAGED, ERR_MEDIUM
 */
export async function takePlace(verification: Verification, given: RememberOptions): Promise<Remembering | undefined> {
  const place = placeOf(verification.bundle.document)
  if (place === undefined) return undefined
  const { memory, rollback, signal } = given
  const taken = await memory.take(place.stream, rollback.state.get(place.stream), { signal })
  return {
    begin: async (naming) => ({
      stream: place.stream,
      sequence: place.sequence,
      added: await taken.begin(recordOf(verification, place, given), { signal, naming }),
    }),
    requireHeld: () => taken.requireHeld(),
    end: () => taken.end({ signal }),
    close: () => taken.close(),
  }
}

/** Refuses what taking its place would refuse in any case: before anything is shown, or loaded. @throws ERR_STATE_DAMAGED */
export function requirePlace({ bundle }: Verification, { memory, rollback }: RememberOptions): void {
  const place = placeOf(bundle.document)
  if (place !== undefined) memory.requireKnown(place.stream, rollback.state.get(place.stream))
}

/** Whether somebody let pass what the stream's checks refused. */
export function goneBack({ checks }: Pick<Verification, 'checks'>): boolean {
  return checks.some(({ name, result }) => name === 'rollback' && result === 'logged')
}

function recordOf(
  verification: Verification,
  { stream, sequence }: StreamPlace,
  { rollback, now }: RememberOptions,
): StreamRecord {
  const { bundle, signers } = verification
  return {
    stream,
    sequence,
    waybill: bundle.waybill.descriptor.digest,
    at: formatTimestamp(now()),
    createdAt: bundle.document.createdAt,
    signers: [...new Set(signers.map(({ rootThumbprint }) => rootThumbprint))].sort(),
    ...changesOf(namesOf(bundle.document), rollback.state.get(stream)),
    ...(goneBack(verification) && rollback.allow !== undefined ? { reason: rollback.allow } : {}),
  }
}
