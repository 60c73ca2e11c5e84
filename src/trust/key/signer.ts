import type { KeyObject } from 'node:crypto'
import { inspect } from 'node:util'
import { type ErrorCode, TransferError } from '../../errors.js'
import { type Certificate, parsePemCertificates } from '../certificate/certificate.js'
import { checkChain, checkValidity } from '../certificate/chain.js'
import type { EnvelopeType } from '../envelope/envelope.js'
import { algorithmOfKey, type SignatureAlgorithm } from './algorithms.js'
import { isPublicHalf, readPrivateKey } from './private-key.js'
import { signRaw, verifyRaw } from './raw-signature.js'

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

/** A signer that holds something open: a session with a token, a process. */
export interface OpenSigner extends Signer {
  close(): Promise<void>
}

/** Who makes whole envelopes and shows no raw signature: a plugin that speaks to a signing service. */
export interface EnvelopeSigner {
  /**
   * The envelope, opened and found whole: of this type, around this payload, to whose `targetArtifact` annotations may have
   * been added. `annotations` are the signer's wishes for the signature's manifest.
   * @throws ERR_PLUGIN_FAILED
   */
  sealPayload(payload: Uint8Array, wanted: EnvelopeWishes): Promise<SealedPayload>
}

export interface EnvelopeWishes {
  readonly payloadType: string
  readonly envelopeType: EnvelopeType
  /** how long the signature is to count */
  readonly expirySeconds?: number
  readonly signal: AbortSignal
}

export interface SealedPayload {
  readonly envelope: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
}

/** What has the key, and the chain that goes with it, leaf first. */
export interface SignerSource {
  readonly chain: readonly Certificate[]
  /** makes the raw signature; what it rejects with is shown */
  readonly sign: Signer['sign']
  readonly close?: () => Promise<void>
}

/**
 * A signer of what has a key. Everything that a verifier would refuse is refused here, before anything is signed; and
 * every signature is verified with the leaf's key before it is given out, because a fault while signing gives away the key.
 * @param at now: every certificate must be valid at this moment
 * @param code of the errors about the chain
 */
export function makeSigner(source: SignerSource, at: Date, code: ErrorCode = 'ERR_CONFIG_INVALID'): OpenSigner {
  const { chain } = source
  const [leaf] = chain
  const algorithm = leaf && algorithmOfKey(leaf.publicKey)
  const findings = [...checkChain(chain), ...checkValidity(chain, at)]
  if (findings.length > 0) refuse(code, `the signing certificate cannot be used: ${findings.join('; ')}`)
  if (leaf === undefined || algorithm === undefined) {
    return refuse(code, 'the signing certificate has a key that cannot sign')
  }
  return new CheckedSigner(source, { leaf, algorithm })
}

class CheckedSigner implements OpenSigner {
  readonly chain: readonly Certificate[]
  readonly algorithm: SignatureAlgorithm
  readonly #leaf: Certificate
  readonly #source: SignerSource

  constructor(source: SignerSource, known: { readonly leaf: Certificate; readonly algorithm: SignatureAlgorithm }) {
    this.chain = source.chain
    this.algorithm = known.algorithm
    this.#leaf = known.leaf
    this.#source = source
  }

  async sign(toBeSigned: Uint8Array, call: { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array> {
    const signature = await this.#source.sign(toBeSigned, call)
    if (verifyRaw(this.#leaf.publicKey, this.algorithm, { toBeSigned, signature })) return signature
    return refuse(
      'ERR_KEY_UNUSABLE',
      `the key makes signatures that do not verify with the certificate of ${this.#leaf.subject}`,
    )
  }

  async close(): Promise<void> {
    await this.#source.close?.()
  }

  toString(): string {
    return `[signer ${this.#leaf.subject}]`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

/**
 * A signer whose key is in this process.
 * @throws ERR_CONFIG_INVALID about the chain, ERR_KEY_UNUSABLE where the key belongs to another certificate
 */
export function keySigner(key: KeyObject, chain: readonly Certificate[], at: Date): OpenSigner {
  const algorithm = chain[0] && algorithmOfKey(chain[0].publicKey)
  const signer = makeSigner({ chain, sign: async (bytes) => await signWith(key, algorithm, bytes) }, at)
  if (chain[0] === undefined || !isPublicHalf(chain[0].publicKey, key)) {
    refuse('ERR_KEY_UNUSABLE', `the signing key does not belong to the certificate of ${chain[0]?.subject ?? ''}`)
  }
  return signer
}

async function signWith(
  key: KeyObject,
  algorithm: SignatureAlgorithm | undefined,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  try {
    if (algorithm !== undefined) return await signRaw(key, algorithm, bytes)
  } catch {
    // No cause: what a library says of a key may quote the key.
  }
  return refuse('ERR_KEY_UNUSABLE', 'the key cannot sign')
}

/**
 * A signer from a PEM private key that is not encrypted, and a PEM chain, leaf first, that ends in its self-signed root.
 * @param at now: every certificate must be valid at this moment
 * @throws ERR_KEY_UNUSABLE about the key, ERR_CONFIG_INVALID about the certificates
 */
export function loadSigner(keyPem: string, certPem: string, at: Date): OpenSigner {
  const key = readPrivateKey(keyPem)
  return keySigner(key, parsePemCertificates(certPem, 'the signing certificate file', 'ERR_CONFIG_INVALID'), at)
}

function refuse(code: ErrorCode, why: string): never {
  throw new TransferError(code, why, { side: 'operator' })
}
