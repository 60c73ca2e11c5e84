import type { Certificate } from '../certificate/certificate.js'

/** What a verified RFC 3161 token proves: the signature existed between these two moments. */
export interface VerifiedTimestamp {
  readonly genTime: Date
  /** genTime minus and plus its accuracy */
  readonly earliest: Date
  readonly latest: Date
  /** object identifier of the authority's policy */
  readonly policy: string
  /** the authority's chain, leaf first, up to a root of the `tsa` trust store; valid at genTime */
  readonly chain: readonly Certificate[]
}
