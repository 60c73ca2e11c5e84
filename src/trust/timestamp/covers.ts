import type { Certificate } from '../certificate/certificate.js'
import type { VerifiedTimestamp } from './timestamp.js'

/**
 * Whether the signature was certainly made while every certificate of its chain was valid: the whole interval that the
 * token proves must lie within each validity (trust-store-trust-policy, "Authentic Timestamp"). A sentence for each
 * certificate that does not cover it; none if all do.
 */
export function timestampCovers(
  { earliest, latest }: Pick<VerifiedTimestamp, 'earliest' | 'latest'>,
  chain: readonly Certificate[],
): readonly string[] {
  return chain.flatMap(({ subject, notBefore, notAfter }) => {
    if (earliest >= notBefore && latest <= notAfter) return []
    if (latest > notAfter) {
      return [
        `${subject}: expired at ${notAfter.toISOString()}, and the timestamp says ${latest.toISOString()} at the latest`,
      ]
    }
    return [
      `${subject}: is not valid before ${notBefore.toISOString()}, and the timestamp says ${earliest.toISOString()} at the earliest`,
    ]
  })
}
