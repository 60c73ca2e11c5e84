import { constants, type KeyObject, verify } from 'node:crypto'
import { Null } from 'asn1js'
import { AlgorithmIdentifier, RSASSAPSSParams } from '../pkijs.js'
import { type DigestName, digestOf } from './digests.js'
import { invalidToken, readPart } from './fault.js'

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
const RSA_PSS = '1.2.840.113549.1.1.10'
const MGF1 = '1.2.840.113549.1.1.8'

const BOUND_TO_A_HASH: ReadonlyMap<string, { readonly key: 'rsa' | 'ec'; readonly digest: DigestName }> = new Map([
  ['1.2.840.113549.1.1.11', { key: 'rsa', digest: 'sha256' }],
  ['1.2.840.113549.1.1.12', { key: 'rsa', digest: 'sha384' }],
  ['1.2.840.113549.1.1.13', { key: 'rsa', digest: 'sha512' }],
  ['1.2.840.10045.4.3.2', { key: 'ec', digest: 'sha256' }],
  ['1.2.840.10045.4.3.3', { key: 'ec', digest: 'sha384' }],
  ['1.2.840.10045.4.3.4', { key: 'ec', digest: 'sha512' }],
])

/** How a signer says that it signed. */
export interface TokenSignature {
  readonly algorithm: AlgorithmIdentifier
  /** of `digestAlgorithm`: the signature must be by the same hash */
  readonly digest: DigestName
  readonly signature: Uint8Array
  readonly signed: Uint8Array
}

/**
 * Checks the signature of one signer: RSA (PKCS #1 v1.5 or PSS) or ECDSA, by SHA-256, SHA-384 or SHA-512.
 * @throws ERR_TIMESTAMP_INVALID
 */
export function checkTokenSignature(key: KeyObject, given: TokenSignature): void {
  const scheme = schemeOf(given)
  if (key.asymmetricKeyType !== scheme.key)
    throw invalidToken('is signed by an algorithm that its certificate’s key is not for')
  if (!verifies(key, scheme, given)) throw invalidToken('has a wrong signature')
}

interface Scheme {
  readonly key: 'rsa' | 'ec'
  readonly options: { readonly padding?: number; readonly saltLength?: number }
}

function schemeOf({ algorithm, digest }: TokenSignature): Scheme {
  const oid = algorithm.algorithmId
  if (oid === RSA_PSS) return pss(algorithm, digest)
  const bound = BOUND_TO_A_HASH.get(oid)
  if ((bound === undefined && oid !== RSA_ENCRYPTION) || !isBare(algorithm))
    throw invalidToken(`is signed by ${oid}, which is not accepted`)
  // A signature by another hash than the one that made messageDigest would be as weak as the weaker of the two.
  if (bound !== undefined && bound.digest !== digest)
    throw invalidToken('is signed by another hash than its digestAlgorithm')
  const key = bound?.key ?? 'rsa'
  return { key, options: key === 'rsa' ? { padding: constants.RSA_PKCS1_PADDING } : {} }
}

/** RFC 5754: no parameters, or NULL in their place. */
export function isBare({ algorithmParams }: AlgorithmIdentifier): boolean {
  return algorithmParams === undefined || (algorithmParams instanceof Null && algorithmParams.lenBlock.length === 0)
}

/** RFC 4056: whatever is left out of the parameters is SHA-1. */
function pss({ algorithmParams }: AlgorithmIdentifier, digest: DigestName): Scheme {
  return readPart('parameters of RSASSA-PSS', () => {
    const parameters = new RSASSAPSSParams({ schema: algorithmParams })
    const { hashAlgorithm, maskGenAlgorithm, saltLength, trailerField } = parameters
    const mask = new AlgorithmIdentifier({ schema: maskGenAlgorithm.algorithmParams })
    const hashes = [hashAlgorithm, mask].map(({ algorithmId }) => digestOf(algorithmId))
    const sound = maskGenAlgorithm.algorithmId === MGF1 && trailerField === 1 && saltLength >= 0
    if (!sound || hashes.some((one) => one !== digest)) {
      throw invalidToken('is signed by RSASSA-PSS with parameters that are not accepted')
    }
    return { key: 'rsa', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } }
  })
}

function verifies(key: KeyObject, { options }: Scheme, { digest, signature, signed }: TokenSignature): boolean {
  try {
    return verify(digest, signed, { key, ...options }, signature)
  } catch {
    return false
  }
}
