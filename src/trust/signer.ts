import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { inspect } from 'node:util'
import type { FlattenedJWS } from 'jose'
import type { FlattenedSign } from 'jose/jws/flattened/sign'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { algorithmOfKey, type SignatureAlgorithm } from './algorithms.js'
import { type Certificate, parsePemCertificates } from './certificate.js'
import { checkChain, checkValidity } from './certificate-chain.js'
import { parsePem } from './pem.js'

/** Who signs: a chain, leaf first, and the leaf's private key, which does not leave this object and is never printed. */
export class Signer {
  readonly chain: readonly Certificate[]
  readonly algorithm: SignatureAlgorithm
  readonly #key: KeyObject

  constructor(key: KeyObject, chain: readonly Certificate[], algorithm: SignatureAlgorithm) {
    this.#key = key
    this.chain = chain
    this.algorithm = algorithm
  }

  /** @param critical the critical headers that the caller has set on purpose */
  sign(jws: FlattenedSign, critical: Readonly<Record<string, boolean>>): Promise<FlattenedJWS> {
    return jws.sign(this.#key, { crit: { ...critical } })
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
  return new Signer(key, chain, algorithm)
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
