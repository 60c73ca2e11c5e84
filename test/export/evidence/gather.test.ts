import { describe, expect, it } from 'vitest'
import { hasCode } from '../../../src/errors.js'
import type { TransferEvent } from '../../../src/events.js'
import { type GatherOptions, gatherEvidence } from '../../../src/export/evidence/gather.js'
import { digestOf } from '../../../src/oci/digest.js'
import { encodeBase64 } from '../../../src/trust/base64.js'
import { formatPem } from '../../../src/trust/pem.js'
import { parseEvidenceFile } from '../../../src/trust/revocation/evidence-files.js'
import { MADE_AT } from '../../support/clock.js'
import { anExchange, aSigner, impatient, type SignerUnderTest } from '../../support/evidence.js'
import { caExtensions, mint } from '../../support/keys.js'
import {
  crlOf,
  crlSource,
  deltaSource,
  der,
  extension,
  NOT_KNOWN,
  ocspOf,
  ocspSource,
  oid,
  point,
  raw,
  revoked,
  uri,
} from '../../support/revocation.js'
import { scriptedRegistry } from '../../support/scripted-registry.js'
import { CALL } from '../../support/tmp.js'

const events: TransferEvent[] = []

async function gather(signers: readonly SignerUnderTest[], given: Partial<GatherOptions> = {}) {
  events.length = 0
  const chains = signers.map(({ chain }) => chain)
  const emit = (event: TransferEvent): number => events.push(event)
  return await gatherEvidence(chains, {
    files: [],
    required: false,
    now: () => MADE_AT,
    createdAt: () => MADE_AT,
    emit,
    ...CALL,
    ...given,
  })
}

const warnings = (): string[] => events.flatMap((event) => (event.type === 'warning' ? [event.code] : []))

/** A server of a certificate authority, and a signer whose certificate leads to it. */
async function aCa(sources: (url: string) => ReturnType<typeof crlSource>[]) {
  const server = await scriptedRegistry()
  const signer = await aSigner(sources(server.url))
  return { server, signer, at: (path: string) => `${server.url}${path}` }
}

const both = (url: string) => [crlSource(`${url}/list.crl`), ocspSource(`${url}/ocsp`)]
const list = (url: string) => [crlSource(`${url}/list.crl`)]

describe('gatherEvidence', () => {
  it('fetches the list and the response that a certificate names, and says what they are', async () => {
    const { server, signer, at } = await aCa(both)
    const { root: issuer, leaf: subject } = signer
    const crl = crlOf(issuer)
    const ocsp = ocspOf({ subject, issuer })
    server.on('GET /list.crl', { status: 200, body: crl.der })
    server.on('POST /ocsp', { status: 200, body: ocsp.der })

    const found = await gather([signer], { exchange: anExchange() })

    const common = {
      fetchedAt: '2026-11-20T10:00:00Z',
      thisUpdate: '2026-11-20T00:00:00Z',
      nextUpdate: '2026-11-27T00:00:00Z',
      certificates: [subject.certificate.thumbprint],
    }
    const described = (mediaType: string, bytes: Uint8Array) => ({
      mediaType,
      digest: digestOf(bytes),
      size: bytes.byteLength,
    })
    expect(found.evidence).toEqual([
      { ...common, type: 'crl', url: at('/list.crl'), descriptor: described('application/pkix-crl', crl.der) },
      { ...common, type: 'ocsp', url: at('/ocsp'), descriptor: described('application/ocsp-response', ocsp.der) },
    ])
    expect(found.evidenceMissing).toEqual([])
    expect(Buffer.from(found.bytes.get(digestOf(crl.der)) ?? []).equals(crl.der)).toBe(true)
    expect(server.asked('POST /ocsp')[0]?.headers).toMatchObject({
      'content-type': 'application/ocsp-request',
      accept: 'application/ocsp-response',
    })
    expect(events.map(({ type }) => type)).toEqual(['stage-started', 'stage-ended'])
  })

  it('fetches a list once, whatever it is about, and asks about each certificate', async () => {
    const { server, signer, at } = await aCa(both)
    const other = await aSigner(both(server.url), signer.root, 'Other')
    server.on('GET /list.crl', { status: 200, body: crlOf(signer.root).der })
    server.on('POST /ocsp', { status: 404 })

    const { evidence, evidenceMissing } = await gather([signer, other, signer], { exchange: anExchange() })

    const thumbprints = [signer, other].map(({ leaf }) => leaf.certificate.thumbprint).sort()
    expect(server.asked('GET /list.crl')).toHaveLength(1)
    expect(server.asked('POST /ocsp')).toHaveLength(2)
    expect(evidence).toMatchObject([{ type: 'crl', certificates: thumbprints }])
    expect(evidenceMissing.map(({ certificate, url, reason }) => [certificate, url, reason])).toEqual(
      thumbprints.map((thumbprint) => [thumbprint, at('/ocsp'), 'it answers with the status 404']),
    )
    expect(warnings()).toEqual(['evidence-missing', 'evidence-missing'])
  })

  it('gives the same whoever answers first', async () => {
    const { server, signer } = await aCa((url) =>
      [1, 2, 3, 4, 5, 6].map((at) => crlSource(`${url}/${at}.crl`)).slice(0, 1),
    )
    const signers = await Promise.all(
      ['b', 'c', 'a', 'd', 'e'].map((name) => aSigner([crlSource(`${server.url}/${name}.crl`)], signer.root, name)),
    )
    let turn = 0
    server.on(/^GET/, async ({ url }) => {
      turn += 1
      await new Promise((resolve) => setTimeout(resolve, (turn * 7) % 20))
      return url === '/c.crl' ? { status: 500 } : { status: 200, body: crl.der }
    })
    const crl = crlOf(signer.root)

    const one = await gather(signers, { exchange: anExchange() })
    const other = await gather(signers.toReversed(), { exchange: anExchange() })

    const text = (found: typeof one) => JSON.stringify([found.evidence.toSorted(byUrl), found.evidenceMissing])
    expect(text(other)).toBe(text(one))
    expect(one.evidence).toHaveLength(4)
  })

  it('takes the root of one chain for the issuer in another, and asks nothing about roots', async () => {
    const { server, signer } = await aCa(both)
    server.on('POST /ocsp', { status: 200, body: ocspOf({ subject: signer.leaf, issuer: signer.root }).der })
    server.on('GET /list.crl', { status: 200, body: crlOf(signer.root).der })
    const rootless = { ...signer, chain: { from: 'a token', certificates: [signer.leaf.certificate] } }
    const other = { ...signer, chain: { from: 'another', certificates: [signer.root.certificate] } }

    const alone = await gather([rootless], { exchange: anExchange() })
    const together = await gather([rootless, other], { exchange: anExchange() })

    expect(alone.evidence.map(({ type }) => type)).toEqual(['crl'])
    expect(alone.evidenceMissing).toMatchObject([{ reason: expect.stringContaining('who issued the certificate') }])
    expect(together.evidence.map(({ type }) => type)).toEqual(['crl', 'ocsp'])
  })

  it('follows a list to its delta list, and a certificate', async () => {
    const { server, signer } = await aCa(list)
    const freshest = extension('2.5.29.46', der(0x30, point([uri(`${server.url}/delta.crl`)])))
    server.on('GET /list.crl', { status: 200, body: crlOf(signer.root, { extensions: [freshest] }).der })
    server.on('GET /delta.crl', { status: 200, body: crlOf(signer.root, { number: 2, baseNumber: 1 }).der })
    const direct = await aSigner([...list(server.url), deltaSource(`${server.url}/other.crl`)], signer.root, 'Direct')
    server.on('GET /other.crl', { status: 200, body: crlOf(signer.root, { number: 3, baseNumber: 1 }).der })

    const found = await gather([signer, direct], { exchange: anExchange(), required: true })

    expect(found.evidence.map(({ url }) => url?.slice(server.url.length)).sort()).toEqual([
      '/delta.crl',
      '/list.crl',
      '/other.crl',
    ])
    expect(server.requests).toHaveLength(3)
  })

  it('gets the list about a responder that may be revoked itself', async () => {
    const { server, signer } = await aCa((url) => [ocspSource(`${url}/ocsp`)])
    const purpose = raw('2.5.29.37', der(0x30, oid('1.3.6.1.5.5.7.3.9')))
    const responder = await mint({ name: 'Responder', extensions: [purpose, ...list(server.url)] }, signer.root)
    const response = ocspOf({ subject: signer.leaf, issuer: signer.root, responder })
    server.on('POST /ocsp', { status: 200, body: response.der })
    server.on('GET /list.crl', { status: 200, body: crlOf(signer.root).der })

    const { evidence } = await gather([signer], { exchange: anExchange(), required: true })

    expect(evidence).toMatchObject([
      { type: 'ocsp' },
      { type: 'crl', certificates: [responder.certificate.thumbprint] },
    ])
  })

  it('records the time that the bundle was told to state, and judges by the clock', async () => {
    const { server, signer } = await aCa(list)
    server.on('GET /list.crl', { status: 200, body: crlOf(signer.root).der })
    const createdAt = new Date('2020-01-01T00:00:00Z')

    const found = await gather([signer], { exchange: anExchange(), required: true, createdAt: () => createdAt })

    expect(found.evidence).toMatchObject([{ fetchedAt: '2020-01-01T00:00:00Z' }])
    expect(found.evidenceMissing).toEqual([])
  })

  it('takes what a responder signs while it is asked, however long ago the export began', async () => {
    const { server, signer } = await aCa((url) => [ocspSource(`${url}/ocsp`)])
    const late = new Date(MADE_AT.getTime() + 600_000)
    let clock = MADE_AT
    server.on('POST /ocsp', async () => {
      clock = late
      return { status: 200, body: ocspOf({ subject: signer.leaf, issuer: signer.root, thisUpdate: late }).der }
    })
    const now = () => clock

    const found = await gather([signer], { exchange: anExchange(), required: true, now, createdAt: now })

    expect(found.evidenceMissing).toEqual([])
    expect(found.evidence).toMatchObject([{ fetchedAt: '2026-11-20T10:10:00Z', thisUpdate: '2026-11-20T10:10:00Z' }])
  })

  it('knows what answers for a certificate below an intermediate one', async () => {
    const { server, signer } = await aCa(list)
    const issuing = await mint({ name: 'Issuing', extensions: [...caExtensions(), ...list(server.url)] }, signer.root)
    const below = await aSigner([crlSource(`${server.url}/issuing.crl`)], issuing)
    const chain = { from: 'below', certificates: [...below.certificates, signer.root.certificate] }
    server.on('GET /list.crl', { status: 200, body: crlOf(signer.root).der })
    server.on('GET /issuing.crl', { status: 200, body: crlOf(issuing).der })
    const signers = [{ ...below, chain }]

    const fetched = await gather(signers, { exchange: anExchange(), required: true })
    const files = [crlOf(signer.root), crlOf(issuing)]
    await gather(signers, { exchange: anExchange(), required: true, files })

    expect(fetched.evidence).toHaveLength(2)
    // Not a third and a fourth time: what files answer for is not asked.
    expect(server.requests).toHaveLength(2)
  })

  it('says that somebody is revoked', async () => {
    const { server, signer } = await aCa((url) => [ocspSource(`${url}/ocsp`)])
    const response = ocspOf({ subject: signer.leaf, issuer: signer.root, status: revoked(MADE_AT, 1) })
    server.on('POST /ocsp', { status: 200, body: response.der })

    const { evidence } = await gather([signer], { exchange: anExchange(), required: true })

    expect(evidence).toHaveLength(1)
    expect(warnings()).toEqual(['certificate-revoked'])
  })
})

describe('what cannot be had', () => {
  const PAGE = '<!doctype html><title>Sign in</title>'

  it.each<readonly [string, string, (signer: SignerUnderTest) => Promise<Uint8Array | string> | Uint8Array | string]>([
    ['a page for people', 'neither DER nor PEM', () => PAGE],
    ['nothing', 'neither DER nor PEM', () => ''],
    ['DER of something else', 'cannot be', ({ leaf }) => der(0x30, leaf.certificate.der)],
    ['a certificate', 'cannot be', ({ leaf }) => leaf.certificate.der],
    [
      'the other kind',
      'the answer is an OCSP response',
      ({ leaf, root }) => ocspOf({ subject: leaf, issuer: root }).der,
    ],
    ['a list that is cut short', 'neither a CRL', ({ root }) => crlOf(root).der.subarray(0, -1)],
    ['a list that somebody else signed', 'not signed by its key', async ({ root }) => (await aForgery(root.name)).der],
    ['a list of another issuer', 'not about', async () => (await aForgery('Another CA')).der],
    ['a list with a bit changed', 'not signed by its key', ({ root }) => changed(crlOf(root).der)],
  ])('is %s in place of a list', async (_, reason, bytes) => {
    const { server, signer, at } = await aCa(list)
    server.on('GET /list.crl', { status: 200, body: await bytes(signer) })

    const found = await gather([signer], { exchange: anExchange() })

    expect(found.evidence).toEqual([])
    expect(found.evidenceMissing).toEqual([
      {
        certificate: signer.leaf.certificate.thumbprint,
        subject: signer.leaf.certificate.subject,
        url: at('/list.crl'),
        reason: expect.stringContaining(reason),
      },
    ])
  })

  it.each<readonly [string, string, (signer: SignerUnderTest) => Promise<Uint8Array> | Uint8Array]>([
    ['about another certificate', 'not about', async ({ root }) => ocspFor(await aSigner([], root, 'Other'))],
    ['that nobody who may has signed', 'not of its issuer', async (signer) => ocspFor(signer, await aSigner([]))],
    [
      'of a responder that does not know',
      'does not know',
      ({ leaf, root }) => ocspOf({ subject: leaf, issuer: root, status: NOT_KNOWN }).der,
    ],
    [
      'that says to try later',
      'its status is tryLater',
      ({ leaf, root }) => ocspOf({ subject: leaf, issuer: root, responseStatus: 3 }).der,
    ],
  ])('is a response %s', async (_, reason, bytes) => {
    const { server, signer } = await aCa((url) => [ocspSource(`${url}/ocsp`)])
    server.on('POST /ocsp', { status: 200, body: await bytes(signer) })

    const found = await gather([signer], { exchange: anExchange() })

    expect(found.evidence).toEqual([])
    expect(found.evidenceMissing).toMatchObject([{ reason: expect.stringContaining(reason) }])
  })

  it.each([
    ['an answer that never comes', 'stall' as const],
    ['a broken connection', 'drop' as const],
    ['an answer without an end', { status: 200, body: Buffer.alloc(100_000), endless: true }],
    ['a circle', { status: 302, headers: { location: '/list.crl' } }],
    ['a way to this machine’s secrets', { status: 302, headers: { location: 'http://169.254.169.254/' } }],
  ])('is %s', async (_, step) => {
    const { server, signer } = await aCa(list)
    server.on('GET /list.crl', step)

    const { evidence, evidenceMissing } = await gather([signer], { exchange: impatient(400) })

    expect(evidence).toEqual([])
    expect(evidenceMissing).toHaveLength(1)
    expect(evidenceMissing[0]?.reason).not.toContain('list.crl')
  })

  it.each([
    ['ran out', { thisUpdate: new Date('2026-11-01T00:00:00Z'), nextUpdate: new Date('2026-11-08T00:00:00Z') }],
    ['not in force before', { thisUpdate: new Date('2026-11-21T00:00:00Z') }],
  ])('is a list that %s, which is carried all the same', async (reason, window) => {
    const { server, signer } = await aCa(list)
    server.on('GET /list.crl', { status: 200, body: crlOf(signer.root, window).der })

    const { evidence, evidenceMissing } = await gather([signer], { exchange: anExchange() })

    expect(evidence).toHaveLength(1)
    expect(evidenceMissing).toMatchObject([{ reason: expect.stringContaining(reason) }])
    const work = gather([signer], { exchange: anExchange(), required: true })
    await expect(work).rejects.toMatchObject({ code: 'ERR_EVIDENCE_MISSING' })
  })

  it('is everything where a certificate names no address that can be asked', async () => {
    const signer = await aSigner([crlSource('ldap://ca.example/list')])

    const { evidenceMissing } = await gather([signer], { exchange: anExchange() })

    expect(evidenceMissing).toMatchObject([{ reason: expect.stringContaining('names no address') }])
    expect(Object.keys(evidenceMissing[0] ?? {})).not.toContain('url')
  })

  it('is everything where nobody may be asked', async () => {
    const signer = await aSigner(both('http://ca.example'))

    const { evidence, evidenceMissing } = await gather([signer])

    expect(evidence).toEqual([])
    expect(evidenceMissing.map(({ url }) => url)).toEqual(['http://ca.example/list.crl', 'http://ca.example/ocsp'])
    expect(events).toEqual([])
  })

  it('is nothing where no certificate can be revoked, and then nobody hears of it', async () => {
    const found = await gather([await aSigner([])], { exchange: anExchange(), required: true })

    expect([found.evidence, found.evidenceMissing, events]).toEqual([[], [], []])
  })

  it('fails only where it is required, and nothing else answers for the certificate', async () => {
    const { server, signer } = await aCa(both)
    server.on('POST /ocsp', { status: 500 })
    server.on('GET /list.crl', { status: 200, body: crlOf(signer.root).der }, { status: 500 })
    const exchange = anExchange()

    const found = await gather([signer], { exchange, required: true })
    const work = gather([signer], { exchange, required: true })

    expect(found.evidenceMissing).toHaveLength(1)
    await expect(work).rejects.toMatchObject({
      code: 'ERR_EVIDENCE_MISSING',
      subject: signer.leaf.certificate.thumbprint,
    })
  })

  it('is not what an operator stops', async () => {
    const { server, signer } = await aCa(list)
    server.on('GET /list.crl', 'stall')
    const stop = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => stop.abort(reason), 50)

    const work = gather([signer], { exchange: anExchange(), signal: stop.signal })

    await expect(work).rejects.toBe(reason)
  })

  it('is not a bug', async () => {
    const signer = await aSigner(list('http://ca.example'))
    const exchange = async (): Promise<never> => {
      throw new Error('a bug')
    }

    await expect(gather([signer], { exchange })).rejects.toSatisfy((cause) => !hasCode(cause, 'ERR_EVIDENCE_MISSING'))
  })
})

describe('what the operator brings', () => {
  it('is used first, and then nobody is asked about that certificate', async () => {
    const { server, signer } = await aCa(both)
    const other = await aSigner(both(server.url), undefined, 'Other')
    server.on('POST /ocsp', { status: 200, body: ocspOf({ subject: other.leaf, issuer: other.root }).der })
    const files = [crlOf(signer.root)]

    const found = await gather([signer, other], { exchange: anExchange(), files })

    expect(server.asked('POST /ocsp')).toHaveLength(1)
    expect(found.evidence.filter(({ url }) => url === undefined)).toMatchObject([
      { type: 'crl', certificates: [signer.leaf.certificate.thumbprint] },
    ])
    expect(found.evidenceMissing.map(({ certificate }) => certificate)).toEqual([other.leaf.certificate.thumbprint])
  })

  it('is found by what it is, in every form that there is', async () => {
    const signer = await aSigner(list('http://ca.example'))
    const base = crlOf(signer.root, {
      extensions: [extension('2.5.29.46', der(0x30, point([uri('http://ca.example/d')])))],
    })
    const delta = crlOf(signer.root, { number: 2, baseNumber: 1 })
    const cache = JSON.stringify({ baseCRL: encodeBase64(base.der), deltaCRL: encodeBase64(delta.der) })
    const pem = formatPem('X509 CRL', base.der) + formatPem('X509 CRL', delta.der)

    for (const file of [cache, pem]) {
      const files = parseEvidenceFile(Buffer.from(file), 'file')
      const found = await gather([signer], { files, required: true })
      expect(found.evidence.map(({ descriptor }) => descriptor.digest)).toEqual(
        [base, delta].map((one) => digestOf(one.der)),
      )
    }
  })

  it('is left at home where it is about nobody, with a word', async () => {
    const signer = await aSigner([])
    const stranger = await aForgery('Stranger')

    const { evidence } = await gather([signer], { files: [stranger] })

    expect(evidence).toEqual([])
    expect(warnings()).toEqual(['evidence-unused'])
  })

  it('does not answer where it has run out, and then others are asked', async () => {
    const { server, signer } = await aCa(list)
    server.on('GET /list.crl', { status: 200, body: crlOf(signer.root, { number: 9 }).der })
    const old = crlOf(signer.root, { nextUpdate: new Date('2026-11-20T09:00:00Z') })

    const { evidence } = await gather([signer], { exchange: anExchange(), files: [old], required: true })

    expect(evidence.map(({ url }) => url?.slice(server.url.length))).toEqual([undefined, '/list.crl'])
  })
})

async function aForgery(name: string) {
  return crlOf(await mint({ name, extensions: caExtensions() }))
}

function ocspFor({ leaf, root }: SignerUnderTest, forger?: SignerUnderTest): Uint8Array {
  const responder = forger === undefined ? {} : { responder: forger.root, certificates: [] }
  return ocspOf({ subject: leaf, issuer: root, ...responder }).der
}

function changed(bytes: Uint8Array): Uint8Array {
  const other = Buffer.from(bytes)
  const last = other.byteLength - 1
  other[last] = (other[last] ?? 0) ^ 1
  return other
}

function byUrl(a: { readonly url?: string }, b: { readonly url?: string }): number {
  return (a.url ?? '') < (b.url ?? '') ? -1 : 1
}
