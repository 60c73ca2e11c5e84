import type { Certificate } from '../certificate/certificate.js'
import type { DerElement } from '../der.js'
import { readBoolean, sequence } from './der-values.js'
import { readDistributionPoints, readPointName, refuseDisorder } from './distribution-points.js'

/** What a list is about, where it is not about all certificates of its issuer and all reasons (RFC 5280 §5.2.5). */
export interface CrlScope {
  /** the names of the place it is published at, each as DER; undefined where it has none */
  readonly names: readonly DerElement[] | undefined
  /** the place is named relative to the issuer */
  readonly relative: boolean
  readonly only: 'user' | 'ca' | 'attribute' | undefined
  readonly someReasons: boolean
  /** it lists certificates of other issuers too */
  readonly indirect: boolean
}

const PARTS: readonly number[] = [0xa0, 0x81, 0x82, 0x83, 0x84, 0x85]

/**
 * Reads an issuingDistributionPoint.
 * @throws Error
 */
export function readScope(der: Uint8Array): CrlScope {
  const parts = sequence(der)
  refuseDisorder(parts, PARTS)
  // RFC 5280 §5.2.5: a list must not have an empty one.
  if (parts.length === 0) throw new Error('its issuingDistributionPoint is empty')
  const part = (tag: number): DerElement | undefined => parts.find((one) => one.tag === tag)
  const flag = (tag: number): boolean => {
    const found = part(tag)
    return found !== undefined && readBoolean(found)
  }
  const kinds = (['user', 'ca', 'attribute'] as const).filter((_, at) => flag([0x81, 0x82, 0x85][at] ?? 0))
  if (kinds.length > 1) throw new Error('its issuingDistributionPoint excludes every certificate')
  const place = part(0xa0)
  const name = place === undefined ? undefined : readPointName(place)
  return {
    names: name?.names,
    relative: name?.relative ?? false,
    only: kinds[0],
    someReasons: part(0x83) !== undefined,
    indirect: flag(0x84),
  }
}

/**
 * Why it means nothing that a list with this scope does not list the certificate; undefined if it means that the
 * certificate is not revoked. A list without a scope is about every certificate of its issuer.
 */
export function whySilent(scope: CrlScope | undefined, certificate: Certificate): string | undefined {
  if (scope === undefined) return undefined
  const never = whyAlwaysSilent(scope)
  if (never !== undefined) return never
  const isCa = certificate.basicConstraints?.ca === true
  if (scope.only === 'user' && isCa) return 'is only about certificates that are no CA'
  if (scope.only === 'ca' && !isCa) return 'is only about certificates of CAs'
  if (scope.names !== undefined && !isPublishedFor(scope.names, certificate)) {
    return 'is of a distribution point that the certificate does not name'
  }
  return undefined
}

/** Why a list with this scope can clear no certificate at all (docs/adr/0019-revocation-from-carried-evidence.md). */
export function whyAlwaysSilent(scope: CrlScope): string | undefined {
  // trust-store-trust-policy, "CRLs": indirect lists MAY be supported.
  if (scope.indirect) return 'is an indirect list, which is not supported'
  if (scope.someReasons) return 'is only about some reasons'
  if (scope.only === 'attribute') return 'is only about attribute certificates'
  if (scope.relative) return 'names its distribution point relative to its issuer, which is not supported'
  return undefined
}

const DISTRIBUTION_POINTS = '2.5.29.31'

/** True if the certificate names one of these places as one where a list about it, whole, is published. */
function isPublishedFor(names: readonly DerElement[], certificate: Certificate): boolean {
  const extension = certificate.extension(DISTRIBUTION_POINTS)
  if (extension === undefined) return false
  try {
    const whole = readDistributionPoints(extension.value).filter(({ partial }) => !partial)
    return whole.some((point) => point.names.some(({ bytes }) => names.some((name) => isSame(name.bytes, bytes))))
  } catch {
    return false
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}
