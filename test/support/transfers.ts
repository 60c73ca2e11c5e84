import type { TransferEvent } from '../../src/events.js'
import { type Digest, parseDigest } from '../../src/oci/digest.js'
import { NO_TRANSFER, nextTransfer, type Transfer } from '../../src/tui/transfer.js'

/** The digest number so-and-so. */
export function digestNo(number: number): Digest {
  return parseDigest(`sha256:${number.toString(16).padStart(8, '0').repeat(8)}`)
}

/** What events make of nothing, each some milliseconds after the one before it. */
export function transferOf(events: readonly TransferEvent[], everyMs = 1): Transfer {
  return events.reduce((state, event, at) => nextTransfer(state, event, (at + 1) * everyMs), NO_TRANSFER)
}
