import { beforeAll, describe, expect, test } from 'vitest'
import { ExtendedKeyUsageExtension, type Extension } from '../../../src/trust/certificate/x509.js'
import { judgeRevocation } from '../../../src/trust/revocation/judge.js'
import type { Evidence, RevocationOptions } from '../../../src/trust/revocation/revocation.js'
import { leafExtensions, type Minted, mint, NOW } from '../../support/keys.js'
import {
  type CrlRecipe,
  crlOf,
  crlSource,
  der,
  extension,
  FROM,
  generalizedTime,
  mintRevocable,
  NOT_KNOWN,
  type OcspRecipe,
  ocspOf,
  ocspSource,
  type RevocableChain,
  raw,
  revoked,
  TO,
} from '../../support/revocation.js'

let chain: RevocableChain

beforeAll(async () => {
  chain = await mintRevocable(ocspSource(), crlSource())
})

const answer = (recipe: Partial<OcspRecipe> = {}) => ocspOf({ subject: chain.leaf, issuer: chain.root, ...recipe })
const list = (recipe: CrlRecipe = {}) => crlOf(chain.root, recipe)

async function judge(evidence: readonly Evidence[], options: Partial<RevocationOptions> = {}) {
  const { result, certificates } = await judgeRevocation(chain.certificates, { now: NOW, ...options, evidence })
  return { result, detail: certificates[0]?.detail ?? '' }
}

const resultOf = async (...of: Parameters<typeof judge>) => (await judge(...of)).result

const EARLIER = new Date('2026-11-10T00:00:00Z')
const PAST = { thisUpdate: EARLIER, nextUpdate: new Date('2026-11-17T00:00:00Z') }
const COMING = { thisUpdate: new Date('2026-11-23T00:00:00Z') }

describe('an OCSP response', () => {
  test.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)(
    'clears a certificate that it names by %s',
    async (hash) => {
      const { result, detail } = await judge([answer({ hash })])

      expect(result).toBe('good')
      expect(detail).toBe('not revoked, says an OCSP response (2026-11-20T00:00:00Z to 2026-11-27T00:00:00Z)')
    },
  )

  test('may name who signed it by name or by key', async () => {
    expect(await resultOf([answer({ by: 'name' })])).toBe('good')
    expect(await resultOf([answer({ by: 'key' })])).toBe('good')
  })

  test.each([undefined, 0, 1, 2, 3, 4, 5, 6, 9, 10])('revokes with the reason %s', async (reason) => {
    expect(await resultOf([answer({ status: revoked(EARLIER, reason) })])).toBe('revoked')
  })

  test('is in force at both of its ends', async () => {
    expect(await resultOf([answer()], { now: FROM })).toBe('good')
    expect(await resultOf([answer()], { now: TO })).toBe('good')
  })

  test('revokes for good even when it has run out, and holds only while it is in force', async () => {
    expect(await resultOf([answer({ ...PAST, status: revoked(EARLIER, 1) })])).toBe('revoked')
    expect(await resultOf([answer({ ...PAST, status: revoked(EARLIER, 1) }), answer()])).toBe('revoked')
    expect(await resultOf([answer({ ...PAST, status: revoked(EARLIER, 6) })])).toBe('unknown')
    expect(await resultOf([answer({ ...PAST, status: revoked(EARLIER, 6) }), answer()])).toBe('good')
  })

  test('spares what is proven to be signed before the day from which the key is not its owner’s', async () => {
    const lost = extension('2.5.29.24', generalizedTime(new Date('2026-06-01T00:00:00Z')))
    const evidence = [answer({ status: revoked(EARLIER, 1), singleExtensions: [lost] })]

    expect(await resultOf(evidence, { signedAt: new Date('2026-05-31T00:00:00Z') })).toBe('good')
    expect(await resultOf(evidence, { signedAt: new Date('2026-06-01T00:00:00Z') })).toBe('revoked')
    expect(await resultOf(evidence)).toBe('revoked')
  })

  const wrong = (at: number, part: Buffer) => (parts: Buffer[]) => parts.with(at, part)

  test.each<[string, Partial<OcspRecipe>]>([
    ['it has run out', PAST],
    ['it is not in force yet', COMING],
    ['it is not in force yet, and revokes', { ...COMING, status: revoked(EARLIER) }],
    ['it does not say until when it is in force', { nextUpdate: 'none' }],
    ['the responder does not know the certificate', { status: NOT_KNOWN }],
    ['the responder had no answer', { responseStatus: 6 }],
    ['it names the certificate by a hash that is not known', { hash: 'md5' }],
    ['it is about another number', { changeId: wrong(3, der(0x02, Buffer.of(1))) }],
    ['it is about an issuer of another name', { changeId: wrong(1, der(0x04, Buffer.alloc(20))) }],
    ['it is about an issuer with another key', { changeId: wrong(2, der(0x04, Buffer.alloc(20))) }],
    ['it has a status that is not known', { status: der(0x83) }],
    ['it gives a reason that is not known', { status: revoked(EARLIER, 7) }],
    ['it has a critical extension that is not known', { extensions: [extension('2.5.29.99', der(0x05), true)] }],
    [
      'its answer has a critical extension that is not known',
      { singleExtensions: [extension('2.5.29.99', der(0x05), true)] },
    ],
  ])('proves nothing where %s', async (_, recipe) => {
    expect(await resultOf([answer(recipe)])).toBe('unknown')
  })

  test('proves nothing where it names another as the one who signed it, or its signature is another’s', async () => {
    const other = await mint({ name: 'Revoking CA' })

    expect(await resultOf([answer({ named: other })])).toBe('unknown')
    expect(await resultOf([answer({ responder: other, certificates: [] })])).toBe('unknown')
    expect(await resultOf([answer({ responder: other, named: chain.root, by: 'name', certificates: [] })])).toBe(
      'unknown',
    )
  })

  test('proves nothing, whichever of its octets is another', async () => {
    const { der: bytes } = answer()
    const at = Array.from({ length: bytes.byteLength }, (_, index) => index)
    const flipped = at.map(
      (index) =>
        ({ kind: 'ocsp', der: Uint8Array.from(bytes).fill((bytes[index] ?? 0) ^ 1, index, index + 1) }) as const,
    )

    const results = await Promise.all(flipped.map((evidence) => resultOf([evidence])))

    expect(new Set(results)).toEqual(new Set(['unknown']))
  })

  test('is what decides while it is in force, by the newest', async () => {
    const older = new Date('2026-11-19T00:00:00Z')

    expect(await resultOf([answer({ thisUpdate: older, status: revoked(EARLIER, 6) }), answer()])).toBe('good')
    expect(await resultOf([answer({ thisUpdate: older }), answer({ status: revoked(EARLIER, 6) })])).toBe('revoked')
    expect(await resultOf([answer({ thisUpdate: older }), answer({ status: NOT_KNOWN })])).toBe('unknown')
    expect(await resultOf([answer(), answer({ status: revoked(EARLIER, 6) })])).toBe('revoked')
  })
})

describe('OCSP and lists together', () => {
  test('OCSP is asked first, and lists where it has no answer', async () => {
    expect((await judge([answer(), list()])).detail).toContain('OCSP')
    expect((await judge([answer({ status: NOT_KNOWN }), list()])).detail).toContain('CRL')
    expect(await resultOf([answer(PAST), list()])).toBe('good')
    expect(await resultOf([answer(), list({ nextUpdate: NOW, thisUpdate: EARLIER })])).toBe('good')
  })

  test('either of them revokes', async () => {
    const entries = [{ serial: chain.leaf.certificate.serialNumber, reason: 1 }]

    expect(await resultOf([answer(), list({ entries })])).toBe('revoked')
    expect(await resultOf([answer({ status: revoked(EARLIER) }), list()])).toBe('revoked')
  })

  test('a hold ends only with what was said later', async () => {
    const entries = [{ serial: chain.leaf.certificate.serialNumber, reason: 6 }]

    expect(await resultOf([answer(), list({ entries, thisUpdate: EARLIER })])).toBe('good')
    expect(await resultOf([answer({ thisUpdate: EARLIER }), list({ entries })])).toBe('revoked')
    expect(await resultOf([answer(), list({ entries })])).toBe('revoked')
  })
})

const OCSP_SIGNING = new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.9'])
const NO_CHECK = raw('1.3.6.1.5.5.7.48.1.5', der(0x05))

describe('a delegated responder', () => {
  const delegate = (...extensions: readonly Extension[]) => mint({ name: 'Responder', extensions }, chain.root)
  const signedBy = (responder: Minted, recipe: Partial<OcspRecipe> = {}) => answer({ responder, ...recipe })

  test('is believed where the same CA has delegated it, and waived its revocation', async () => {
    const responder = await delegate(OCSP_SIGNING, NO_CHECK)

    expect(await resultOf([signedBy(responder)])).toBe('good')
    expect(await resultOf([signedBy(responder, { by: 'name' })])).toBe('good')
    expect(await resultOf([signedBy(responder, { status: revoked(EARLIER, 1) })])).toBe('revoked')
  })

  test('is believed without the waiver only where a list in force clears it', async () => {
    const responder = await delegate(OCSP_SIGNING)
    const number = responder.certificate.serialNumber

    const lost = list({ entries: [{ serial: number, reason: 1 }] })
    const longAgo = list({ entries: [{ serial: number, reason: 1 }], ...PAST })

    expect(await resultOf([signedBy(responder)])).toBe('unknown')
    expect((await judge([signedBy(responder), list()])).detail).toContain('says an OCSP response')
    // The list clears the signer, and not the responder: its answer is not used.
    expect((await judge([signedBy(responder), lost])).detail).toContain('says CRL')
    expect(await resultOf([signedBy(responder), longAgo])).toBe('unknown')
    expect((await judge([signedBy(responder), list(), longAgo])).detail).toContain('says CRL')
  })

  test('is not believed where its certificate is for another purpose, of another CA, or not sent along', async () => {
    const other = await mintRevocable()
    const stranger = await mint({ name: 'Responder', extensions: [OCSP_SIGNING, NO_CHECK] }, other.root)
    const alone = await mint({ name: 'Revoking CA', extensions: [OCSP_SIGNING, NO_CHECK] })
    const signer = await mint({ name: 'Signer', extensions: [...leafExtensions(), NO_CHECK] }, chain.root)
    const known = await delegate(OCSP_SIGNING, NO_CHECK)

    expect(await resultOf([signedBy(stranger)])).toBe('unknown')
    expect(await resultOf([signedBy(alone)])).toBe('unknown')
    expect(await resultOf([signedBy(signer)])).toBe('unknown')
    expect(await resultOf([signedBy(known, { certificates: [] })])).toBe('unknown')
    expect(await resultOf([signedBy(known, { certificates: [stranger, known] })])).toBe('good')
  })

  test('is not believed where a certificate below another one delegates it', async () => {
    const below = await mint(
      { name: 'Responder', extensions: [OCSP_SIGNING, NO_CHECK] },
      await delegate(...leafExtensions()),
    )

    expect(await resultOf([signedBy(below)])).toBe('unknown')
  })

  test('is not believed before or after its certificate is valid', async () => {
    const extensions = [OCSP_SIGNING, NO_CHECK]
    const late = await mint({ name: 'Responder', extensions, notBefore: new Date('2026-11-23T00:00:00Z') }, chain.root)
    const past = await mint({ name: 'Responder', extensions, notAfter: new Date('2026-11-21T00:00:00Z') }, chain.root)

    expect(await resultOf([signedBy(late)])).toBe('unknown')
    expect(await resultOf([signedBy(past)])).toBe('unknown')
    // What it revoked while it was a responder stays revoked; what it says before it was one is nothing.
    expect(await resultOf([signedBy(past, { status: revoked(EARLIER, 1) })])).toBe('revoked')
    expect(await resultOf([signedBy(late, { status: revoked(EARLIER, 1) })])).toBe('unknown')
  })

  test('is not believed where its certificate is signed with SHA-1', async () => {
    const weak = await mint({ name: 'Responder', extensions: [OCSP_SIGNING, NO_CHECK], hash: 'SHA-1' }, chain.root)

    expect(await resultOf([signedBy(weak)])).toBe('unknown')
  })
})
