import { isSequence, type StreamPlace } from '../bundle/stream.js'
import type { JsonObject } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { type Digest, isDigest } from '../oci/digest.js'
import { damaged, type LinePlace } from '../state/log-lines.js'

/** A number that an exporter has given to a bundle of a stream. */
export interface NumberRecord extends StreamPlace {
  readonly waybill: Digest
  /** RFC 3339, UTC, whole seconds */
  readonly createdAt: string
}

/** What the operator says about a bundle's place; what is not said follows from the numbers given so far. */
export interface WantedPlace {
  readonly stream: string
  readonly sequence?: number
  /** the bundle before this one; its number where that is known */
  readonly previous?: { readonly waybill: Digest; readonly sequence?: number }
}

/** Reads what a line of an exporter's log says. @throws ERR_STATE_DAMAGED */
export function parseNumber(entry: JsonObject, where: LinePlace & { readonly stream: string }): NumberRecord {
  const { stream, sequence, waybill, createdAt, previous } = entry
  if (stream !== where.stream) throw damaged(where, 'it is about another stream')
  if (!isSequence(sequence)) throw damaged(where, 'it has no sequence')
  if (typeof waybill !== 'string' || !isDigest(waybill)) throw damaged(where, 'it has no waybill')
  if (typeof createdAt !== 'string') throw damaged(where, 'it has no time')
  if (previous === undefined) return { stream: where.stream, sequence, waybill, createdAt }
  if (typeof previous !== 'string' || !isDigest(previous)) throw damaged(where, 'what it follows is no digest')
  return { stream: where.stream, sequence, waybill, createdAt, previous }
}

/**
 * The place of the next bundle: the number after the last one that was given, or after the one that the operator names;
 * `previous` is the bundle that had the highest number below.
 * @throws ERR_USAGE
 */
export function nextPlace(wanted: WantedPlace, given: readonly NumberRecord[]): StreamPlace {
  const { stream } = wanted
  const sequence = wanted.sequence ?? sequenceAfter(wanted, given)
  if (!isSequence(sequence)) throw usage(`${sequence} is no number of a bundle`)
  const before = given.filter((one) => one.sequence < sequence)
  const highest = Math.max(...before.map((one) => one.sequence))
  const previous = wanted.previous?.waybill ?? before.findLast((one) => one.sequence === highest)?.waybill
  if (sequence === 1 && wanted.previous !== undefined) throw usage('the first bundle of a stream has no previous one')
  return { stream, sequence, ...(previous === undefined ? {} : { previous }) }
}

function sequenceAfter({ stream, previous }: WantedPlace, given: readonly NumberRecord[]): number {
  if (previous === undefined) return Math.max(0, ...given.map(({ sequence }) => sequence)) + 1
  const known = previous.sequence ?? given.find(({ waybill }) => waybill === previous.waybill)?.sequence
  if (known !== undefined) return known + 1
  throw usage(`nothing here says which number ${previous.waybill} has in ${stream}: add --sequence, or name its file`)
}

/**
 * Whether a number has to be recorded for this bundle: false where it stands for it already, so that the same export can
 * be made again.
 * @throws ERR_SEQUENCE_USED where it stands for another bundle, or lower ones can be out in the world
 */
export function isNewNumber(place: StreamPlace, waybill: Digest, given: readonly NumberRecord[]): boolean {
  const { stream, sequence } = place
  const same = given.findLast((one) => one.sequence === sequence)
  if (same?.waybill === waybill) return false
  const highest = Math.max(0, ...given.map((one) => one.sequence))
  if (same === undefined && sequence > highest) return true
  const why =
    same === undefined
      ? `number ${highest} was given before it`
      : `it was given to ${same.waybill} on ${same.createdAt}`
  throw new TransferError('ERR_SEQUENCE_USED', `number ${sequence} of ${stream} cannot be given any more: ${why}`, {
    side: 'operator',
    subject: stream,
  })
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
