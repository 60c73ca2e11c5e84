import { LIMITS } from '../limits.js'
import { opaFailure } from './answer.js'

/** @throws ERR_OPA_FAILED where a policy could not be given so much */
export function requireInputSize({ byteLength }: Uint8Array, who: string): void {
  if (byteLength <= LIMITS.opaInputBytes) return
  throw opaFailure(
    `${who}: the input has ${byteLength} bytes, and at most ${LIMITS.opaInputBytes} are given to a policy`,
  )
}
