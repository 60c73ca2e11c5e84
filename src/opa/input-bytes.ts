import { canonicalBytes } from '../encoding/canonical-json.js'
import { LIMITS } from '../limits.js'
import { opaFailure } from './answer.js'

/**
 * The bytes of what a policy is given, in their one encoding.
 * @throws ERR_OPA_FAILED where it is too much for a policy, or has text that no JSON can hold
 */
export function inputBytes(input: unknown, who: string): Uint8Array {
  const bytes = encoded(input, who)
  if (bytes.byteLength <= LIMITS.opaInputBytes) return bytes
  const size = `${bytes.byteLength} bytes, and at most ${LIMITS.opaInputBytes}`
  throw opaFailure(`${who}: the input has ${size} are given to a policy`)
}

function encoded(input: unknown, who: string): Uint8Array {
  try {
    return canonicalBytes(input)
  } catch (cause) {
    // Half a surrogate pair in the name of a certificate, for one: what a policy would see there depends on its parser.
    throw opaFailure(`${who}: the input has something that JSON cannot hold`, cause)
  }
}
