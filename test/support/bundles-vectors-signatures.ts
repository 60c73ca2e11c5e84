import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { ErrorCode } from '../../src/errors.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { ENVELOPE_JWS } from '../../src/trust/envelope/envelope.js'
import { sealEnvelope } from '../../src/trust/envelope/seal.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { formatPayload } from '../../src/trust/payload.js'
import { GENERATOR } from './bundles.js'
import { byHand, type HandParts, type HandSignature, signatureManifest, signedBy } from './bundles-by-hand.js'
import type { Base, Vector } from './bundles-vectors.js'
import { MADE_AT } from './clock.js'
import { type FixedName, type Recorded, recordedSigner } from './keys-fixed.js'

const RETIRED_AT = new Date('2026-01-15T10:00:00Z')
const INVALID = 'ERR_SIGNATURE_INVALID'

interface Signed {
  readonly name: string
  readonly why: string
  readonly code?: ErrorCode
  readonly verdict?: Vector['verdict']
  readonly now?: string
  readonly sign: HandParts['sign']
}

/** One sound bundle under signatures of all kinds. */
export async function signatureVectors(base: Base, other: Base, recorded: Recorded): Promise<readonly Vector[]> {
  const by = (name: FixedName, at = MADE_AT): Signer => recordedSigner(name, recorded, at)
  const vectors: Vector[] = []
  const waybill = await waybillOf(other)
  for (const one of [...signers(by), ...forgeries(by('exporter'), waybill), ...doubled(by)]) {
    const { name, why, code, sign, now } = one
    const verdict = one.verdict ?? (code === undefined ? 'verified' : 'not-authentic')
    const bytes = await byHand({ ...base.contents, content: base.content, sign })
    const facts = { ...(code === undefined ? {} : { code }), ...(now === undefined ? {} : { now }) }
    vectors.push({ name, why, verdict, bytes, of: base.name, ...facts })
  }
  return vectors
}

async function waybillOf(base: Base): Promise<Descriptor> {
  const found: Descriptor[] = []
  await byHand({
    ...base.contents,
    content: base.content,
    sign: async (waybill) => {
      found.push(waybill)
      return []
    },
  })
  const [waybill] = found
  if (waybill === undefined) throw new Error('no waybill')
  return waybill
}

function signers(by: (name: FixedName, at?: Date) => Signer): readonly Signed[] {
  const retired = signedBy(by('retired', RETIRED_AT), { at: RETIRED_AT })
  return [
    { name: 'unsigned', why: 'nobody answers for it', code: 'ERR_SIGNATURE_MISSING', sign: async () => [] },
    {
      name: 'signature-by-unknown-signer',
      why: 'a root that calls itself like the trusted one, and is another',
      code: 'ERR_SIGNER_UNKNOWN',
      sign: signedBy(by('stranger')),
    },
    {
      name: 'signature-by-expired-certificate',
      why: 'a certificate of the trusted root that ended in February',
      code: 'ERR_BUNDLE_STALE',
      sign: retired,
    },
    {
      name: 'signature-by-certificate-before-it-expired',
      why: 'the same, verified in January',
      now: '2026-01-31T23:59:59Z',
      sign: retired,
    },
    {
      name: 'signature-by-certificate-not-yet-valid',
      why: 'a clock that is years behind',
      code: 'ERR_BUNDLE_STALE',
      now: '2024-12-31T23:59:59Z',
      sign: signedBy(by('exporter')),
    },
  ]
}

function forgeries(exporter: Signer, other: Descriptor): readonly Signed[] {
  const envelopeOf = (target: Descriptor) =>
    sealEnvelope(formatPayload(target), exporter, { type: ENVELOPE_JWS, signingTime: MADE_AT, agent: GENERATOR })
  const around = (envelope: Uint8Array, subject: Descriptor): readonly HandSignature[] => [
    { envelope, manifest: signatureManifest(envelope, { subject, signer: exporter }) },
  ]
  /** An envelope that is changed after it was made, with the manifest that follows from it. */
  const changed = (change: (jws: Jws) => object): HandParts['sign'] => {
    return async (waybill) => {
      const jws = JSON.parse(Buffer.from(await envelopeOf(waybill)).toString()) as Jws
      return around(canonicalBytes(change(jws)), waybill)
    }
  }
  /** A manifest that is changed around a good envelope. */
  const wrapped = (change: (text: string) => string): HandParts['sign'] => {
    return async (waybill) => {
      const [signature] = around(await envelopeOf(waybill), waybill)
      if (signature === undefined) return []
      const manifest = Buffer.from(change(Buffer.from(signature.manifest).toString()))
      return [{ ...signature, manifest }]
    }
  }
  const forged = (name: string, why: string, sign: HandParts['sign']): Signed => ({ name, why, code: INVALID, sign })
  return [
    forged('signature-over-another-waybill', 'the signature of another bundle', signedBy(exporter, { target: other })),
    forged(
      'signature-of-another-waybill-hung-here',
      'the same, under a manifest that names this one',
      async (waybill) => around(await envelopeOf(other), waybill),
    ),
    forged('signature-over-another-size', 'a good digest with a wrong size', async (waybill) =>
      around(await envelopeOf({ ...waybill, size: waybill.size + 1 }), waybill),
    ),
    forged('signature-over-another-media-type', 'a good digest with a wrong media type', async (waybill) =>
      around(await envelopeOf({ ...waybill, mediaType: 'application/octet-stream' }), waybill),
    ),
    forged('envelope-payload-exchanged', 'this waybill in the payload of another signature', async (waybill) => {
      const jws = JSON.parse(Buffer.from(await envelopeOf(other)).toString()) as Jws
      const payload = Buffer.from(formatPayload(waybill)).toString('base64url')
      return around(canonicalBytes({ ...jws, payload }), waybill)
    }),
    forged(
      'envelope-algorithm-none',
      'an algorithm that needs no key',
      changed((jws) => ({ ...jws, protected: protectedAs(jws, { alg: 'none' }), signature: 'AA' })),
    ),
    forged(
      'envelope-algorithm-hmac',
      'an algorithm for which the certificate would be the key',
      changed((jws) => ({ ...jws, protected: protectedAs(jws, { alg: 'HS256' }) })),
    ),
    forged(
      'envelope-without-chain',
      'no certificate',
      changed((jws) => ({ ...jws, header: { ...jws.header, x5c: [] } })),
    ),
    forged(
      'envelope-with-unknown-member',
      'a second signature beside the first',
      changed((jws) => ({ ...jws, signatures: [] })),
    ),
    forged(
      'signature-manifest-with-another-time',
      'the manifest around a good envelope says another time',
      wrapped((text) => text.replace('2026-11-20T10:00:00Z', '2026-11-21T10:00:00Z')),
    ),
    forged(
      'signature-manifest-of-another-type',
      'the manifest around a good envelope calls it COSE',
      wrapped((text) => text.replace('application/jose+json', 'application/cose')),
    ),
    forged(
      'signature-manifest-with-a-note',
      'the manifest around a good envelope says more than follows from it',
      wrapped((text) => text.replace('"annotations":{', '"annotations":{"approved-by":"nobody",')),
    ),
  ]
}

interface Jws {
  readonly payload: string
  readonly protected: string
  readonly header: object
  readonly signature: string
}

function protectedAs(jws: Jws, change: object): string {
  const header = JSON.parse(Buffer.from(jws.protected, 'base64url').toString()) as object
  return Buffer.from(JSON.stringify({ ...header, ...change })).toString('base64url')
}

function doubled(by: (name: FixedName, at?: Date) => Signer): readonly Signed[] {
  const both = (one: HandParts['sign'], two: HandParts['sign']): HandParts['sign'] => {
    return async (waybill) => [...(await one(waybill)), ...(await two(waybill))]
  }
  const good = signedBy(by('exporter'))
  return [
    {
      name: 'extra-signature-added',
      why: 'somebody unknown has signed too',
      code: 'ERR_SIGNER_UNKNOWN',
      sign: both(good, signedBy(by('stranger'))),
    },
    {
      name: 'extra-signature-before-the-good-one',
      why: 'somebody unknown has signed too, and stands first',
      code: 'ERR_SIGNER_UNKNOWN',
      sign: both(signedBy(by('stranger')), good),
    },
    {
      name: 'signature-doubled',
      why: 'the good signature again, in an envelope whose unsigned part differs: nobody needs a key for that',
      code: INVALID,
      sign: both(good, signedBy(by('exporter'), { agent: 'somebody/1.0' })),
    },
    {
      name: 'signature-listed-twice',
      why: 'the good signature, twice as it is',
      code: 'ERR_BUNDLE_FORMAT',
      verdict: 'damaged',
      sign: both(good, good),
    },
    {
      name: 'valid-two-signers',
      why: 'two certificates of the trusted root have signed',
      now: '2026-01-20T00:00:00Z',
      sign: both(
        signedBy(by('exporter', RETIRED_AT), { at: RETIRED_AT }),
        signedBy(by('retired', RETIRED_AT), { at: RETIRED_AT }),
      ),
    },
  ]
}
