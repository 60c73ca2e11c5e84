import { beforeAll, describe, expect, test } from 'vitest'
import { KeyUsageFlags, KeyUsagesExtension } from '../../../src/trust/certificate/x509.js'
import { judgeRevocation } from '../../../src/trust/revocation/judge.js'
import type { Evidence, RevocationOptions } from '../../../src/trust/revocation/revocation.js'
import { caExtensions, leafExtensions, type Minted, mint, NOW } from '../../support/keys.js'
import {
  CRL_URL,
  type CrlRecipe,
  crlOf,
  crlSource,
  deltaSource,
  der,
  extension,
  FROM,
  flag,
  mintRevocable,
  oid,
  point,
  type RevocableChain,
  raw,
  scope,
  TO,
  uri,
} from '../../support/revocation.js'

let chain: RevocableChain
let serial: string

beforeAll(async () => {
  chain = await mintRevocable(crlSource(CRL_URL, 'http://other.example/list.crl'))
  serial = chain.leaf.certificate.serialNumber
})

const list = (recipe: CrlRecipe = {}) => crlOf(chain.root, recipe)
const listed = (reason?: number, more: { readonly invalidFrom?: Date } = {}) => [
  { serial, ...(reason === undefined ? {} : { reason }), ...more },
]

async function judge(evidence: readonly Evidence[], options: Partial<RevocationOptions> = {}, of = chain) {
  const { result, certificates, allowedStale } = await judgeRevocation(of.certificates, {
    now: NOW,
    ...options,
    evidence,
  })
  const [leaf] = certificates
  expect(certificates).toHaveLength(1)
  expect(leaf?.result).toBe(result)
  return { result, allowedStale, detail: leaf?.detail ?? '' }
}

const resultOf = async (...of: Parameters<typeof judge>) => (await judge(...of)).result

const EARLIER = new Date('2026-11-10T00:00:00Z')
const PAST = { thisUpdate: EARLIER, nextUpdate: new Date('2026-11-17T00:00:00Z') }
const COMING = { thisUpdate: new Date('2026-11-23T00:00:00Z'), nextUpdate: new Date('2026-11-30T00:00:00Z') }

describe('a list of the issuer', () => {
  test('clears a certificate that it does not list', async () => {
    const { result, detail } = await judge([list({ number: 7, entries: [{ serial: '01' }] })])

    expect(result).toBe('good')
    expect(detail).toBe('not revoked, says CRL 7 (2026-11-20T00:00:00Z to 2026-11-27T00:00:00Z)')
  })

  test.each([undefined, 0, 1, 2, 3, 4, 5, 6, 9, 10])(
    'revokes a certificate that it lists, with the reason %s',
    async (reason) => {
      expect(await resultOf([list({ entries: listed(reason) })])).toBe('revoked')
    },
  )

  test('is asked by what it is, not by where it is said to come from', async () => {
    expect(await resultOf([{ ...list(), url: 'http://nowhere.example/' }])).toBe('good')
  })

  test('is in force at both of its ends', async () => {
    expect(await resultOf([list()], { now: FROM })).toBe('good')
    expect(await resultOf([list()], { now: TO })).toBe('good')
  })

  test.each([
    ['there is none', () => []],
    ['it has run out', () => [list(PAST)]],
    ['it is not in force yet', () => [list(COMING)]],
    ['it is not in force yet, and revokes', () => [list({ ...COMING, entries: listed() })]],
    ['it cannot be read', () => [{ kind: 'crl', der: Buffer.of(0x30, 0) } as const]],
    ['it is called a response', () => [{ kind: 'ocsp', der: list().der } as const]],
    ['an entry cannot be read', () => [list({ entries: [{ serial: '01', reason: 11 }] })]],
    ['it has run out, and has the certificate on hold', () => [list({ ...PAST, entries: listed(6) })]],
    ['it is about certificates of CAs', () => [list({ extensions: [scope(flag(0x82))] })]],
    ['it is about attribute certificates', () => [list({ extensions: [scope(flag(0x85))] })]],
    ['it is about some reasons', () => [list({ extensions: [scope(der(0x83, Buffer.of(4, 0x50)))] })]],
    ['it is an indirect one', () => [list({ extensions: [scope(flag(0x84))] })]],
    [
      'it is an indirect one, and lists the number',
      () => [list({ entries: listed(), extensions: [scope(flag(0x84))] })],
    ],
    ['it is of another place', () => [list({ extensions: [scope(names(uri('http://ca.example/2.crl')))] })]],
    ['its place is relative to the issuer', () => [list({ extensions: [scope(der(0xa0, der(0xa1, RDN)))] })]],
    ['its signature is of SHA-1 by name', () => [changed({ algorithm: ECDSA_SHA1 })]],
    [
      'it says that there are delta lists',
      () => [list({ extensions: [extension('2.5.29.46', der(0x30, point([uri('http://a')])))] })],
    ],
  ])('proves nothing where %s', async (_, evidence) => {
    expect(await resultOf(evidence())).toBe('unknown')
  })

  test('proves nothing, whichever of its octets is another', async () => {
    const { der: bytes } = list({ entries: [{ serial: '01', reason: 1 }] })
    const at = Array.from({ length: bytes.byteLength }, (_, index) => index)
    const flipped = at.map((index) => Uint8Array.from(bytes).fill((bytes[index] ?? 0) ^ 1, index, index + 1))

    const results = await Promise.all(flipped.map((one) => resultOf([{ kind: 'crl', der: one }])))

    expect(new Set(results)).toEqual(new Set(['unknown']))
  })

  test('does not clear certificates that its signature does not cover', async () => {
    const other = await mint({ name: 'Revoking CA', extensions: caExtensions() })

    const { result, detail } = await judge([crlOf(other)])

    expect(result).toBe('unknown')
    expect(detail).toContain('not signed by its key')
    expect(
      await resultOf([
        crlOf(chain.leaf, { change: (parts) => parts.with(2, Buffer.from(chain.root.certificate.subjectDer)) }),
      ]),
    ).toBe('unknown')
  })

  test('of another CA is not looked at', async () => {
    const other = await mint({ name: 'Another CA', extensions: caExtensions() })

    expect((await judge([crlOf(other)])).detail).toBe('no evidence of its issuer is here')
  })

  test('of a CA whose key is not for signing lists proves nothing', async () => {
    const usages = new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)
    const root = await mint({ name: 'CA', extensions: [...caExtensions().slice(0, 1), usages] })
    const leaf = await mint({ name: 'Leaf', extensions: [...leafExtensions(), crlSource()] }, root)

    expect(await resultOf([crlOf(root)], {}, pair(leaf, root))).toBe('unknown')
  })

  test('of a CA that does not say what its key is for is as good as any', async () => {
    const root = await mint({ name: 'CA', extensions: caExtensions().slice(0, 1) })
    const leaf = await mint({ name: 'Leaf', extensions: [...leafExtensions(), crlSource()] }, root)

    expect(await resultOf([crlOf(root)], {}, pair(leaf, root))).toBe('good')
  })

  test('clears where one name of its place is one of the certificate', async () => {
    const places = names(uri('http://ca.example/2.crl'), uri('http://other.example/list.crl'))

    expect(await resultOf([list({ extensions: [scope(places)] })])).toBe('good')
    expect(await resultOf([list({ extensions: [scope(places, flag(0x81))] })])).toBe('good')
    expect(await resultOf([list({ extensions: [scope(places, flag(0x82))] })])).toBe('unknown')
  })

  test('with a place clears nothing where the certificate’s own place is only for some reasons, or of another issuer', async () => {
    const scoped = (issuer: Minted) => crlOf(issuer, { extensions: [scope(names(uri(CRL_URL)))] })
    for (const part of [der(0x81, Buffer.of(4, 0x50)), der(0xa2, der(0xa4, der(0x30)))]) {
      const partial = await mintRevocable(raw('2.5.29.31', der(0x30, point([uri(CRL_URL)], part))))

      expect(await resultOf([scoped(partial.root)], {}, partial)).toBe('unknown')
      expect(await resultOf([crlOf(partial.root)], {}, partial)).toBe('good')
    }
  })

  test('revokes what it lists even where it would clear nothing', async () => {
    const elsewhere = scope(names(uri('http://ca.example/2.crl')))

    expect(await resultOf([list({ entries: listed(1), extensions: [elsewhere] })])).toBe('revoked')
    expect(await resultOf([list({ entries: listed(6), extensions: [elsewhere] })])).toBe('revoked')
  })

  test('revokes what it lists even when it has run out: a key does not come back', async () => {
    expect(await resultOf([list({ ...PAST, entries: listed(1) })])).toBe('revoked')
    expect(await resultOf([list({ ...PAST, entries: listed() }), list({ number: 9 })])).toBe('revoked')
  })
})

describe('of several lists', () => {
  test('one that revokes decides, wherever it stands', async () => {
    const [good, bad] = [list({ number: 9 }), list({ number: 3, entries: listed(4) })]

    expect(await resultOf([good, bad])).toBe('revoked')
    expect(await resultOf([bad, good])).toBe('revoked')
  })

  test('the newest in force decides whether a certificate is on hold', async () => {
    const held = list({ number: 8, entries: listed(6) })

    expect(await resultOf([held, list({ number: 9 })])).toBe('good')
    expect(await resultOf([list({ number: 7 }), held])).toBe('revoked')
  })

  test('one that cannot be used does not hide one that can', async () => {
    expect(await resultOf([list(PAST), { kind: 'crl', der: Buffer.of(1) }, list()])).toBe('good')
  })
})

describe('a delta list', () => {
  const base = (recipe: CrlRecipe = {}) =>
    list({ number: 10, ...recipe, extensions: [extension('2.5.29.46', der(0x30, point([uri('http://a')])))] })
  const delta = (recipe: CrlRecipe = {}) => list({ number: 12, baseNumber: 9, ...recipe })

  test('is the last word where the list says that there are some', async () => {
    const { result, detail } = await judge([base(), delta()])

    expect(result).toBe('good')
    expect(detail).toContain('delta CRL 12')
    expect(await resultOf([base(), delta({ entries: listed(1) })])).toBe('revoked')
    expect(await resultOf([base(), delta({ entries: listed(6) })])).toBe('revoked')
  })

  test('releases a certificate from hold, and from nothing else', async () => {
    expect(await resultOf([base({ entries: listed(6) }), delta()])).toBe('revoked')
    expect(await resultOf([base({ entries: listed(6) }), delta({ entries: listed(8) })])).toBe('good')
    expect(await resultOf([base({ entries: listed(1) }), delta({ entries: listed(8) })])).toBe('revoked')
  })

  test('is needed where only the certificate says that there are some', async () => {
    const own = await mintRevocable(crlSource(), deltaSource())

    expect(await resultOf([crlOf(own.root)], {}, own)).toBe('unknown')
    expect(await resultOf([crlOf(own.root), crlOf(own.root, { number: 2, baseNumber: 1 })], {}, own)).toBe('good')
  })

  test.each<[string, CrlRecipe]>([
    ['has run out', PAST],
    ['is not in force yet', COMING],
    ['begins behind the list', { baseNumber: 11 }],
    ['is as old as the list', { number: 10 }],
    ['is older than the list', { number: 9, baseNumber: 1 }],
    ['is of another scope', { extensions: [scope(flag(0x81))] }],
    ['is of another key of the issuer', { extensions: [extension('2.5.29.35', der(0x30, der(0x80, Buffer.of(1))))] }],
  ])('that %s cannot be laid over it', async (_, recipe) => {
    expect(await resultOf([base(), delta(recipe)])).toBe('unknown')
    expect(await resultOf([base({ entries: listed(6) }), delta({ ...recipe, entries: listed(8) })])).toBe('revoked')
  })

  test('revokes for good even where it cannot be laid over anything', async () => {
    expect(await resultOf([delta({ entries: listed(1) })])).toBe('revoked')
    expect(await resultOf([list({ number: 10 }), delta({ baseNumber: 11, entries: listed(6) })])).toBe('revoked')
  })

  test('alone clears nothing', async () => {
    expect(await resultOf([delta()])).toBe('unknown')
  })

  test('counts as the newest that can be laid over the list', async () => {
    expect(await resultOf([base(), delta({ number: 11, entries: listed(6) }), delta({ entries: listed(8) })])).toBe(
      'good',
    )
    expect(await resultOf([base(), delta({ number: 11, entries: listed(8) }), delta({ entries: listed(6) })])).toBe(
      'revoked',
    )
  })
})

describe('the day from which a key is not its owner’s', () => {
  const lost = new Date('2026-06-01T00:00:00Z')
  const evidence = () => [list({ entries: listed(1, { invalidFrom: lost }) })]

  test('spares what is proven to be signed before it', async () => {
    const { result, detail } = await judge(evidence(), { signedAt: new Date('2026-05-31T23:59:59Z') })

    expect(result).toBe('good')
    expect(detail).toContain('signed before that mattered')
  })

  test.each([
    ['nothing proves when it was signed', undefined],
    ['it was signed at that very moment', lost],
    ['it was signed later', new Date('2026-06-02T00:00:00Z')],
  ])('spares nothing where %s', async (_, signedAt) => {
    expect(await resultOf(evidence(), signedAt === undefined ? {} : { signedAt })).toBe('revoked')
  })

  test('spares nothing where it cannot be read, or is not given', async () => {
    const unreadable = [{ serial, extensions: [extension('2.5.29.24', der(0x18, Buffer.from('2026')))] }]
    const signedAt = new Date('2026-01-02T00:00:00Z')

    expect(await resultOf([list({ entries: unreadable })], { signedAt })).toBe('revoked')
    expect(await resultOf([list({ entries: listed(1) })], { signedAt })).toBe('revoked')
  })

  test('does not make a list that has run out good', async () => {
    const old = list({ ...PAST, entries: listed(1, { invalidFrom: lost }) })

    expect(await resultOf([old], { signedAt: new Date('2026-01-02T00:00:00Z') })).toBe('unknown')
  })
})

const ECDSA_SHA1 = der(0x30, oid('1.2.840.10045.4.1'))
const RDN = der(0x30, oid('2.5.4.3'), der(0x0c, Buffer.from('1')))
const names = (...of: readonly Buffer[]) => der(0xa0, der(0xa0, ...of))

function changed({ algorithm }: { readonly algorithm: Buffer }): Evidence {
  return list({ algorithm, change: (parts) => parts.with(1, algorithm) })
}

function pair(leaf: Minted, root: Minted): RevocableChain {
  return { root, leaf, certificates: [leaf.certificate, root.certificate] }
}
