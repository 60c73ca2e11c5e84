import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import { inspect } from 'node:util'
import { TransferError } from '../../errors.js'
import type { Certificate } from '../certificate/certificate.js'
import { describeKey } from '../key/algorithms.js'
import { isPublicHalf } from '../key/private-key.js'
import type { Signer } from '../key/signer.js'
import { nv2AlgorithmsOf } from './algorithm.js'
import { libtrustKeyId } from './key-id.js'
import type { Nv2Algorithm, Nv2Key, Nv2SignedBy } from './nv2.js'

/**
 * A private key that signs in the prototype's way: RS256, or the algorithm of its curve.
 * @param chain leaf first; without one the header names the key by its id, and the verifier must have its certificate
 * @throws ERR_KEY_UNUSABLE for a key of another kind, or one that is not the leaf's
 */
export function nv2Key(key: KeyObject, chain: readonly Certificate[] = []): Nv2Key {
  const publicKey = createPublicKey(key)
  const [algorithm] = nv2AlgorithmsOf(publicKey)
  if (algorithm === undefined) return unusable(`${describeKey(publicKey)} cannot make nv2 signatures`)
  if (chain[0] !== undefined && !isPublicHalf(chain[0].publicKey, key)) {
    return unusable(`the key does not belong to the first certificate, ${chain[0].subject}`)
  }
  const signedBy: Nv2SignedBy =
    chain.length === 0 ? { kind: 'kid', keyId: libtrustKeyId(publicKey) } : { kind: 'x5c', chain }
  return new LocalNv2Key(key, { algorithm, signedBy, publicKey })
}

/**
 * The same for whoever shows raw signatures only: a token, a plugin. Its RSA signatures are PSS, which the prototype does
 * not have, so the key must be an elliptic one.
 * @throws ERR_KEY_UNUSABLE
 */
export function nv2KeyOfSigner(signer: Signer): Nv2Key {
  const [leaf] = signer.chain
  const algorithm = leaf && nv2AlgorithmsOf(leaf.publicKey).find((known) => known === signer.algorithm)
  if (leaf === undefined || algorithm === undefined) {
    return unusable(`${signer.algorithm} is none of nv2’s algorithms: use an elliptic key, or an RSA key from a file`)
  }
  return {
    algorithm,
    signedBy: { kind: 'x5c', chain: signer.chain },
    publicKey: leaf.publicKey,
    sign: (toBeSigned, call) => signer.sign(toBeSigned, call),
  }
}

class LocalNv2Key implements Nv2Key {
  readonly algorithm: Nv2Algorithm
  readonly signedBy: Nv2SignedBy
  readonly publicKey: KeyObject
  readonly #key: KeyObject

  constructor(key: KeyObject, known: Pick<Nv2Key, 'algorithm' | 'signedBy' | 'publicKey'>) {
    this.#key = key
    this.algorithm = known.algorithm
    this.signedBy = known.signedBy
    this.publicKey = known.publicKey
  }

  sign(toBeSigned: Uint8Array): Promise<Uint8Array> {
    const encoding = this.algorithm.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' as const } : {}
    return new Promise((resolve, reject) => {
      sign(`sha${this.algorithm.slice(2)}`, toBeSigned, { key: this.#key, ...encoding }, (cause, signature) => {
        if (cause === null) resolve(signature)
        // No cause: what a library says of a key may quote the key.
        else reject(new TransferError('ERR_KEY_UNUSABLE', 'the key cannot sign', { side: 'operator' }))
      })
    })
  }

  [inspect.custom](): string {
    return `[nv2 key ${this.algorithm}]`
  }
}

function unusable(why: string): never {
  throw new TransferError('ERR_KEY_UNUSABLE', why, { side: 'operator' })
}
