import { placeOf } from '../bundle/stream.js'
import { TransferError } from '../errors.js'
import { type OpenLog, openLog } from '../state/open-log.js'
import { formatTimestamp } from '../trust/timestamps.js'
import { namesOf, type RollbackOptions } from './checks/rollback.js'
import { changesOf, headOf } from './state.js'
import type { StreamRecord } from './stream-record.js'
import type { Verification } from './verification.js'

/** The state of a bundle's stream, which this process alone writes until it is closed. */
export interface OpenMemory {
  /**
   * Remembers that the bundle was loaded; to be called when it was. What is remembered already is not said again.
   * @returns whether there was something to add
   * @throws ERR_DISK_FULL, ERR_MEDIUM
   */
  record(): Promise<boolean>
  close(): Promise<void>
}

/**
 * Takes the state of a verified bundle's stream before anything is loaded, so that of two imports only one goes on;
 * undefined for a bundle without a stream. The verification stands on what the state said when it was read: where it says
 * more by now, it is refused.
 * @throws ERR_STATE_BUSY, ERR_STATE_DAMAGED, ERR_MEDIUM
 */
export async function openMemory(
  verification: Verification,
  given: { readonly folder: string; readonly rollback: RollbackOptions; readonly now: () => Date },
): Promise<OpenMemory | undefined> {
  const { document } = verification.bundle
  const place = placeOf(document)
  if (place === undefined) return undefined
  const known = given.rollback.state.get(place.stream)
  const file = await openLog(given.folder, place.stream)
  if (file.log.head !== headOf(known)) {
    await file.close()
    throw changedMeanwhile(file, place.stream)
  }
  return {
    record: async () => {
      const record = recordOf(verification, given)
      const { last } = known ?? {}
      const same = last?.sequence === record.sequence && last.waybill === record.waybill
      if (same && record.reason === undefined) return false
      await file.append(record)
      return true
    },
    close: () => file.close(),
  }
}

/** Whether somebody let pass what the stream's checks refused. */
export function goneBack({ checks }: Pick<Verification, 'checks'>): boolean {
  return checks.some(({ name, result }) => name === 'rollback' && result === 'logged')
}

function recordOf(
  verification: Verification,
  { rollback, now }: { readonly rollback: RollbackOptions; readonly now: () => Date },
): StreamRecord {
  const { bundle, signers } = verification
  const { document, waybill } = bundle
  const place = placeOf(document)
  if (place === undefined) throw new Error('a bundle without a stream is not remembered')
  return {
    stream: place.stream,
    sequence: place.sequence,
    waybill: waybill.descriptor.digest,
    at: formatTimestamp(now()),
    createdAt: document.createdAt,
    signers: [...new Set(signers.map(({ rootThumbprint }) => rootThumbprint))].sort(),
    ...changesOf(namesOf(document), rollback.state.get(place.stream)),
    ...(goneBack(verification) && rollback.allow !== undefined ? { reason: rollback.allow } : {}),
  }
}

function changedMeanwhile({ path }: OpenLog, stream: string): TransferError {
  const message = `another import of the stream ${stream} was done while this bundle was verified`
  return new TransferError('ERR_STATE_BUSY', message, { side: 'operator', subject: path })
}
