import { constants, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { inspect } from 'node:util'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { algorithmOfKey, type SignatureAlgorithm } from './algorithms.js'
import { type Certificate, parsePemCertificates } from './certificate.js'
import { checkChain, checkValidity } from './certificate-chain.js'
import { parsePem } from './pem.js'

/**
 * Who signs: a chain, leaf first, and something that has the leaf's private key: a file, a token, a plugin. The key itself
 * is never reachable from here, and no form of printing shows it.
 */
export interface Signer {
  readonly chain: readonly Certificate[]
  readonly algorithm: SignatureAlgorithm
  /**
   * The raw signature over these bytes, hashed by the signer: PSS with a salt as long as the hash, or r and s of ECDSA one
   * after the other. Whoever calls must verify it: a token or a plugin may answer anything.
   * @throws ERR_KEY_UNUSABLE, ERR_PLUGIN_FAILED
   */
  sign(toBeSigned: Uint8Array, call: { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array>
}

/** A signer whose key is in this process. */
class KeySigner implements Signer {
  readonly chain: readonly Certificate[]
  readonly algorithm: SignatureAlgorithm
  readonly #key: KeyObject

  constructor(key: KeyObject, chain: readonly Certificate[], algorithm: SignatureAlgorithm) {
    this.#key = key
    this.chain = chain
    this.algorithm = algorithm
  }

  async sign(toBeSigned: Uint8Array): Promise<Uint8Array> {
    return signRaw(this.#key, this.algorithm, toBeSigned)
  }

  toString(): string {
    return `[signer ${this.chain[0]?.subject ?? ''}]`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

function signRaw(key: KeyObject, algorithm: SignatureAlgorithm, toBeSigned: Uint8Array): Promise<Uint8Array> {
  const hash = `sha${algorithm.slice(2)}`
  const padding = algorithm.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { dsaEncoding: 'ieee-p1363' as const }
  return new Promise((resolve, reject) => {
    const done = (cause: Error | null, signature?: Uint8Array): void => {
      // No cause: what a library says of a key may quote the key.
      if (cause !== null || signature === undefined)
        reject(new TransferError('ERR_KEY_UNUSABLE', 'the key cannot sign'))
      else resolve(signature)
    }
    sign(hash, toBeSigned, { key, ...padding }, done)
  })
}

/**
 * A signer from a PEM private key (PKCS#8, SEC 1 or PKCS#1, not encrypted) and a PEM chain, leaf first, that ends in its
 * self-signed root. Everything that a verifier would refuse is refused here, before anything is signed.
 * @param at now: every certificate must be valid at this moment
 * @throws ERR_CONFIG_INVALID
 */
export function loadSigner(keyPem: string, certPem: string, at: Date): Signer {
  const key = readPrivateKey(keyPem)
  const chain = parsePemCertificates(certPem, 'the signing certificate file', 'ERR_CONFIG_INVALID')
  const [leaf] = chain
  const algorithm = leaf && algorithmOfKey(leaf.publicKey)
  const findings = [...checkChain(chain), ...checkValidity(chain, at)]
  if (findings.length > 0) refuse(`the signing certificate cannot be used: ${findings.join('; ')}`)
  if (leaf === undefined || algorithm === undefined) return refuse('the signing certificate has a key that cannot sign')
  if (!createPublicKey(key).equals(leaf.publicKey)) {
    refuse(`the signing key does not belong to the first certificate of the signing certificate file, ${leaf.subject}`)
  }
  return new KeySigner(key, chain, algorithm)
}

const KEY_TYPES: Readonly<Record<string, 'pkcs8' | 'sec1' | 'pkcs1'>> = {
  'PRIVATE KEY': 'pkcs8',
  'EC PRIVATE KEY': 'sec1',
  'RSA PRIVATE KEY': 'pkcs1',
}

// No message here has the file's text in it, and no cause: what a parser says of a key may quote the key.
function readPrivateKey(pem: string): KeyObject {
  if (pem.length > LIMITS.certificateBytes) refuse('the signing key file is larger than any key')
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: *4, *ENCRYPTED/m.test(pem)) {
    refuse('the signing key is encrypted, and encrypted keys are not supported: decrypt it with `openssl pkey` first')
  }
  const keys = parsePem(pem, (why) => refuse(`the signing key file is damaged: ${why}`)).filter(
    ({ label }) => label !== 'EC PARAMETERS',
  )
  const [block] = keys
  const type = KEY_TYPES[block?.label ?? '']
  if (block === undefined || type === undefined || keys.length > 1) {
    return refuse('the signing key file does not hold exactly one private key in PEM form')
  }
  try {
    return createPrivateKey({ key: Buffer.from(block.bytes), format: 'der', type })
  } catch {
    return refuse('the signing key cannot be read')
  }
}

function refuse(why: string): never {
  throw new TransferError('ERR_CONFIG_INVALID', why, { side: 'operator' })
}
