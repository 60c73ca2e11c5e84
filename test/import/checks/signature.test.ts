import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/limits.js'
import { type Descriptor, describe as describeBytes } from '../../../src/oci/descriptor.js'
import type { Digest } from '../../../src/oci/digest.js'
import { type Cbor, encodeCbor } from '../../../src/trust/envelope/cbor.js'
import { coseHeader } from '../../../src/trust/envelope/cose-header.js'
import { formatSign1, sign1ToBeSigned } from '../../../src/trust/envelope/cose-sign1.js'
import { ENVELOPE_COSE } from '../../../src/trust/envelope/envelope.js'
import type { Signer } from '../../../src/trust/key/signer.js'
import { formatPayload } from '../../../src/trust/payload.js'
import { buildSignatureManifest } from '../../../src/trust/signature-manifest.js'
import { anImage } from '../../support/build.js'
import { APP, aRepository, judge, planOf } from '../../support/bundles.js'
import { byHand, type HandParts, signatureManifest, signedBy } from '../../support/bundles-by-hand.js'
import { MADE_AT } from '../../support/clock.js'
import { mintChain, signerOf } from '../../support/keys.js'
import { fixedSigner } from '../../support/keys-fixed.js'
import { tmpFolder } from '../../support/tmp.js'

/** What a bundle of one image comes to under these signatures. The vectors have the ones that are wrong in themselves. */
async function judged(sign: HandParts['sign']) {
  const image = anImage().tagged('1.0')
  const { contents } = await planOf({ from: { [APP]: await aRepository(image) }, sources: [`${APP}:1.0`] })
  const content = new Map<Digest, Uint8Array>(image.contents.map((one) => [one.descriptor.digest, one.bytes]))
  const path = join(await tmpFolder(), 'bundle.tar')
  await writeFile(path, await byHand({ ...contents, content, sign }))
  return await judge(path)
}

type Entries = readonly (readonly [string | number, Cbor])[]

/** A COSE signature by the trusted exporter, who states more than the profile does. */
function coseSignature(more: Entries): HandParts['sign'] {
  const signer = fixedSigner()
  return async (subject) => {
    const payload = formatPayload(subject)
    const header = new Map([...coseHeader(signer.algorithm, { signingTime: MADE_AT }), ...more])
    const protectedBytes = encodeCbor(header)
    const signature = await signer.sign(sign1ToBeSigned({ protectedBytes, payload }), {})
    const unprotectedHeader = new Map([[33, signer.chain.map(({ der }) => der)]])
    const envelope = formatSign1({ protectedBytes, unprotectedHeader, payload, signature })
    return [{ envelope, manifest: manifestOf(envelope, subject, signer) }]
  }
}

function manifestOf(envelope: Uint8Array, subject: Descriptor, { chain }: Signer): Uint8Array {
  return buildSignatureManifest({
    envelope: describeBytes(ENVELOPE_COSE, envelope),
    subject,
    chain,
    createdAt: MADE_AT,
  })
}

const SCHEME = 'io.cncf.notary.signingScheme'
const PLUGIN = 'io.cncf.notary.verificationPlugin'

describe('a waybill that is signed with COSE', () => {
  it('is verified, as one that is signed with JWS', async () => {
    expect(await judged(coseSignature([]))).toMatchObject({ verdict: 'verified' })
    expect(await judged(coseSignature([['com.example.note', 'x']]))).toMatchObject({ verdict: 'verified' })
  })

  it.each<[string, Entries]>([
    [
      'an attribute that somebody else would have to process',
      [
        [2, [SCHEME, 'com.example']],
        ['com.example', 1],
      ],
    ],
    [
      'a verification plugin',
      [
        [2, [SCHEME, PLUGIN]],
        [PLUGIN, 'acme'],
      ],
    ],
    ['the scheme of a signing authority', [[SCHEME, 'notary.x509.signingAuthority']]],
  ])('is refused with %s', async (_why, more) => {
    expect(await judged(coseSignature(more))).toMatchObject({
      verdict: 'not-authentic',
      code: 'ERR_SIGNATURE_INVALID',
    })
  })
})

describe('checkSignatures', () => {
  it('refuses an attacker’s changes to the document, however they are signed', async () => {
    const attacker = signerOf(await mintChain('Exporter'), MADE_AT)

    expect(await judged(signedBy(attacker))).toMatchObject({ verdict: 'not-authentic', code: 'ERR_SIGNER_UNKNOWN' })
  })

  it('wants every signature to be good, not one of them', async () => {
    const [good, bad] = [signedBy(fixedSigner()), signedBy(signerOf(await mintChain(), MADE_AT))]

    const found = await judged(async (waybill) => [...(await good(waybill)), ...(await bad(waybill))])

    expect(found.verdict).toBe('not-authentic')
  })

  it('refuses more signatures than the limit before it reads them', async () => {
    const sign = signedBy(fixedSigner())

    const found = await judged(async (waybill) => {
      const many = await Promise.all(Array.from({ length: LIMITS.bundleSignatures + 1 }, () => sign(waybill)))
      return many.flat()
    })

    expect(found).toMatchObject({ verdict: 'damaged', code: 'ERR_LIMIT_EXCEEDED' })
  })

  it.each([
    ['an envelope that is no JSON', Buffer.from('hello')],
    ['an empty envelope', Buffer.alloc(0)],
    ['an envelope that is a list', Buffer.from('[]')],
  ])('refuses %s', async (_name, envelope) => {
    const signer = fixedSigner()

    const found = await judged(async (subject) => [
      { envelope, manifest: signatureManifest(envelope, { subject, signer }) },
    ])

    expect(found).toMatchObject({ verdict: 'not-authentic', code: 'ERR_SIGNATURE_INVALID' })
  })
})
