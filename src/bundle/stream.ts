import type { JsonObject } from '../encoding/strict-json.js'
import { LIMITS } from '../limits.js'
import type { Digest } from '../oci/digest.js'
import { isRepositoryName } from '../oci/reference.js'
import type { BundleDocument } from './document.js'
import { digest, fail, text } from './document-fields.js'

/** Where a bundle stands among those that its exporter makes for one purpose. */
export interface StreamPlace {
  readonly stream: string
  /** from 1, one more with each bundle */
  readonly sequence: number
  /** the waybill of the bundle before it; absent for the first one, and where the exporter does not know it */
  readonly previous?: Digest
}

/** Path components as a repository has them: a name that any file system and registry can hold. */
export function isStreamName(name: string): boolean {
  return name.length <= LIMITS.streamNameLength && isRepositoryName(name)
}

/** A number of a bundle in its stream. */
export function isSequence(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
}

/** The place of a bundle, or undefined where it belongs to no stream. */
export function placeOf({ stream, sequence, previous }: BundleDocument): StreamPlace | undefined {
  if (stream === undefined || sequence === undefined) return undefined
  return { stream, sequence, ...(previous === undefined ? {} : { previous }) }
}

/**
 * Parses the members about the stream (format.md, Document).
 * @throws ERR_BUNDLE_FORMAT
 */
export function parsePlace(json: JsonObject): StreamPlace | undefined {
  const { sequence, previous } = json
  if (json['stream'] === undefined) {
    // A number without a stream would be compared with nothing, and look as if it were.
    if (sequence !== undefined || previous !== undefined) fail('it has a sequence or previous, and no stream')
    return undefined
  }
  const stream = text(json['stream'], 'stream')
  if (!isStreamName(stream)) fail(`${JSON.stringify(stream.slice(0, 200))} is not the name of a stream`)
  if (!isSequence(sequence)) return fail('sequence is not a number from 1 up')
  if (previous === undefined) return { stream, sequence }
  if (sequence === 1) fail('the first bundle of a stream has a previous one')
  return { stream, sequence, previous: digest(previous, 'previous') }
}
