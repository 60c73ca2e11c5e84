import { LIMITS } from '../../limits.js'
import type { Certificate } from '../certificate/certificate.js'
import { readOid } from '../certificate/names.js'
import type { DerElement } from '../der.js'
import { expectTag, sequence } from './der-values.js'
import { httpAddresses, readDistributionPoints } from './distribution-points.js'

/** Where it can be asked whether a certificate is revoked. */
export interface RevocationSources {
  /** HTTP addresses of OCSP responders, as the certificate names them and in its order */
  readonly ocsp: readonly string[]
  /** HTTP addresses of lists */
  readonly crl: readonly string[]
  /** HTTP addresses of delta lists */
  readonly delta: readonly string[]
  /** The certificate says that it can be revoked, whether or not one of its addresses can be asked. */
  readonly revocable: boolean
  /** Why something that it says about its sources cannot be read. It does not make the certificate one without sources. */
  readonly undecidable: string | undefined
}

const AUTHORITY_INFORMATION_ACCESS = '1.3.6.1.5.5.7.1.1'
const OCSP = '1.3.6.1.5.5.7.48.1'
const DISTRIBUTION_POINTS = '2.5.29.31'
const FRESHEST_CRL = '2.5.29.46'

/**
 * What a certificate says about its revocation: authorityInfoAccess, cRLDistributionPoints and freshestCRL (RFC 5280). Never
 * throws: what is malformed is undecidable, which is not the same as nothing.
 */
export function revocationSources(certificate: Certificate): RevocationSources {
  const problems: string[] = []
  const read = <T>(oid: string, parse: (der: Uint8Array) => readonly T[]): readonly T[] | undefined => {
    const extension = certificate.extension(oid)
    if (extension === undefined) return undefined
    try {
      return parse(extension.value)
    } catch {
      problems.push(`its extension ${oid} is malformed`)
      return []
    }
  }
  const responders = read(AUTHORITY_INFORMATION_ACCESS, readResponders)
  const lists = read(DISTRIBUTION_POINTS, readDistributionPoints)
  const deltas = read(FRESHEST_CRL, readDistributionPoints)
  return {
    ocsp: bounded(httpAddresses(responders ?? [])),
    crl: bounded((lists ?? []).flatMap(({ names }) => httpAddresses(names))),
    delta: bounded((deltas ?? []).flatMap(({ names }) => httpAddresses(names))),
    // An LDAP address, or none at all, is still a promise that there is a list: nobody may take it for not revocable.
    revocable: (responders ?? []).length > 0 || lists !== undefined || deltas !== undefined || problems.length > 0,
    undecidable: problems.length === 0 ? undefined : problems.join('; '),
  }
}

/** The locations of OCSP responders: AccessDescriptions with that method. */
function readResponders(der: Uint8Array): readonly DerElement[] {
  const descriptions = sequence(der)
  if (descriptions.length > LIMITS.revocationSources) throw new Error('there are too many access descriptions')
  return descriptions.flatMap(({ bytes }) => {
    const [method, location, ...more] = sequence(bytes)
    if (location === undefined || more.length > 0) throw new Error('not an access description')
    return readOid(expectTag(method, 0x06).content) === OCSP ? [location] : []
  })
}

function bounded(addresses: readonly string[]): string[] {
  return [...new Set(addresses)].slice(0, LIMITS.revocationSources)
}
