import { Integer, Sequence } from 'asn1js'
import { describe } from '../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import type { SigningOptions } from '../../src/sign/signing-options.js'
import type { TimestampAuthority } from '../../src/sign/timestamp.js'
import { ENVELOPE_JWS } from '../../src/trust/envelope/envelope.js'
import { sealEnvelope } from '../../src/trust/envelope/seal.js'
import type { EnvelopeSigner, EnvelopeWishes, Signer } from '../../src/trust/key/signer.js'
import { TimeStampReq } from '../../src/trust/pkijs.js'
import type { Exchange, ExchangeRequest } from '../../src/web/exchange.js'
import { NOW } from './keys.js'
import { decode, encode } from './timestamp-parts.js'
import { type Authority, mintToken, type TokenRecipe } from './timestamps.js'
import { CALL } from './tmp.js'

/** What is signed in tests. */
export const SUBJECT = describe(OCI_MANIFEST, Buffer.from('a manifest'))

export function signingWith(signer: SigningOptions['signer'], given: Partial<SigningOptions> = {}): SigningOptions {
  const { signal } = CALL
  return { signer, type: ENVELOPE_JWS, signingTime: NOW, now: NOW, metadata: {}, agent: 'test', signal, ...given }
}

/** A signing service that makes whole envelopes, and does to the payload and its wishes what a test wants. */
export function aService(
  signer: Signer,
  change: {
    readonly payload?: (payload: Uint8Array) => Uint8Array
    readonly wishes?: (wishes: EnvelopeWishes) => EnvelopeWishes
    readonly annotations?: Readonly<Record<string, string>>
  } = {},
): EnvelopeSigner {
  return {
    sealPayload: async (payload, wanted) => {
      const { envelopeType: type, expirySeconds, signal } = change.wishes?.(wanted) ?? wanted
      const expiry = expirySeconds === undefined ? {} : { expiry: new Date(NOW.getTime() + expirySeconds * 1000) }
      const given = { type, signingTime: NOW, agent: 'service', signal, ...expiry }
      const envelope = await sealEnvelope(change.payload?.(payload) ?? payload, signer, given)
      return { envelope, annotations: change.annotations ?? {} }
    },
  }
}

export interface AuthorityUnderTest extends TimestampAuthority {
  readonly asked: readonly ExchangeRequest[]
}

/** An authority that stamps whatever it is shown; what is wrong with its tokens is the recipe's. */
export function anAuthority(
  authority: Authority,
  signed: () => Uint8Array,
  given: { readonly recipe?: Partial<TokenRecipe>; readonly exchange?: Exchange } = {},
): AuthorityUnderTest {
  const asked: ExchangeRequest[] = []
  const stamp: Exchange = async ({ body = new Uint8Array() }) => {
    const { nonce } = new TimeStampReq({ schema: decode(body) })
    const token = mintToken({
      authority,
      signed: signed(),
      tstInfo: (fields) => [...fields, new Integer({ valueHex: nonce?.valueBlock.valueHexView ?? new Uint8Array(1) })],
      ...given.recipe,
    })
    const granted = new Sequence({ value: [new Integer({ value: 0 })] })
    return { status: 200, body: encode(new Sequence({ value: [granted, decode(token)] })) }
  }
  return {
    url: 'http://tsa.example/',
    anchors: [authority.root.certificate],
    nonce: () => new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]),
    exchange: (request) => {
      asked.push(request)
      return (given.exchange ?? stamp)(request)
    },
    asked,
  }
}

/** A signer that remembers what it last answered. */
export function remembering(signer: Signer): Signer & { readonly last: () => Uint8Array } {
  let last = new Uint8Array()
  return {
    chain: signer.chain,
    algorithm: signer.algorithm,
    sign: async (toBeSigned, call) => {
      last = new Uint8Array(await signer.sign(toBeSigned, call))
      return last
    },
    last: () => last,
  }
}
