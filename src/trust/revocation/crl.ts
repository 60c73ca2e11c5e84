import { LIMITS } from '../../limits.js'
import { derElement } from '../der.js'
import { isTime, readNumber, readTime, sequence } from './der-values.js'
import { readExtensionList, refuseUnknownCritical } from './extension-list.js'
import { type CrlScope, readScope } from './issuing-distribution-point.js'
import { readSigned, type Signed } from './signed.js'

/** A certificate revocation list, without its entries. Nothing here says that its signature is good. */
export interface Crl {
  readonly signed: Signed
  readonly issuerDer: Uint8Array
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly number: bigint
  /** of a delta list: it says what changed since the list of this number */
  readonly baseNumber: bigint | undefined
  /** undefined: all certificates of its issuer, all reasons */
  readonly scope: CrlScope | undefined
  /** the scope and the issuer's key as they are written: only lists that agree in both belong together */
  readonly kinship: string
  /** it says that delta lists exist for it */
  readonly namesDelta: boolean
  /** where the entries lie: the content of their SEQUENCE; undefined where there are none */
  readonly entries: Uint8Array | undefined
}

const CRL_NUMBER = '2.5.29.20'
const DELTA_INDICATOR = '2.5.29.27'
const ISSUING_DISTRIBUTION_POINT = '2.5.29.28'
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35'
const FRESHEST_CRL = '2.5.29.46'

/**
 * Reads a CertificateList of version 2 (RFC 5280 §5.1) up to its entries. One without nextUpdate, without a number or with
 * a critical extension that is not known is none that could be used.
 * @throws Error with the reason
 */
export function readCrl(der: Uint8Array): Crl {
  if (der.byteLength > LIMITS.crlBytes) throw new Error('it is larger than any list')
  const signed = readSigned(der)
  if (signed.more.length > 0) throw new Error('something follows its signature')
  const [version, algorithm, issuer, thisUpdate, nextUpdate, ...more] = sequence(signed.content)
  if (readNumber(version) !== 1n) throw new Error('it is not of version 2')
  if (algorithm === undefined || Buffer.compare(algorithm.bytes, signed.algorithm) !== 0) {
    throw new Error('it names two signature algorithms')
  }
  if (issuer?.tag !== 0x30) throw new Error('it has no issuer')
  if (!isTime(thisUpdate)) throw new Error('it has no thisUpdate')
  if (!isTime(nextUpdate)) throw new Error('it has no nextUpdate')
  const [listed, extensions] = more[0]?.tag === 0x30 ? more : [undefined, ...more]
  if (extensions?.tag !== 0xa0 || more.at(-1) !== extensions) throw new Error('it has no extensions')
  return {
    signed,
    issuerDer: issuer.bytes,
    thisUpdate: readTime(thisUpdate),
    nextUpdate: readTime(nextUpdate),
    entries: listed?.content,
    ...readCrlExtensions(extensions.content),
  }
}

function readCrlExtensions(der: Uint8Array): Pick<Crl, 'number' | 'baseNumber' | 'scope' | 'kinship' | 'namesDelta'> {
  const found = readExtensionList(der)
  // notary: critical extensions other than these two are errors (RFC 5280 §5.2).
  refuseUnknownCritical(found, [ISSUING_DISTRIBUTION_POINT, DELTA_INDICATOR])
  const number = found.get(CRL_NUMBER)
  // RFC 5280 §5.2.3: all lists have one. Without it no delta list could be laid over it.
  if (number === undefined) throw new Error('it has no number')
  const indicator = found.get(DELTA_INDICATOR)
  const scope = found.get(ISSUING_DISTRIBUTION_POINT)
  return {
    number: readNumber(derElement(number.value)),
    baseNumber: indicator && readNumber(derElement(indicator.value)),
    scope: scope && readScope(scope.value),
    kinship: [scope, found.get(AUTHORITY_KEY_IDENTIFIER)]
      .map((extension) => Buffer.from(extension?.value ?? []).toString('hex'))
      .join('/'),
    namesDelta: found.has(FRESHEST_CRL),
  }
}
