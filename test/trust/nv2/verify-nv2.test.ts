import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { DOCKER_MANIFEST, OCI_MANIFEST } from '../../../src/oci/media-types.js'
import type { Certificate } from '../../../src/trust/certificate/certificate.js'
import { Extension, KeyUsageFlags, KeyUsagesExtension } from '../../../src/trust/certificate/x509.js'
import { nv2Key } from '../../../src/trust/nv2/nv2-key.js'
import { type Nv2Signing, signNv2 } from '../../../src/trust/nv2/sign-nv2.js'
import { type Nv2Given, type Nv2Judgement, verifyNv2 } from '../../../src/trust/nv2/verify-nv2.js'
import { caExtensions, leafExtensions, mint, NOW, privateKeyOf } from '../../support/keys.js'
import { namesExtension, newKey, rawToken, registrar } from '../../support/nv2.js'

const TARGET = { mediaType: DOCKER_MANIFEST, digest: digestOf(new Uint8Array([1])), size: 1 }
const HOST = 'registry.example.com'
const REFERENCES = [`${HOST}/app:v1`]
const HOUR = 3600_000

type Signing = Partial<Nv2Signing>

async function made(key: Parameters<typeof signNv2>[1], given: Signing = {}): Promise<Uint8Array> {
  return new TextEncoder().encode(await signNv2(TARGET, key, { references: REFERENCES, at: NOW, ...given }))
}

function given(anchors: readonly Certificate[], more: Partial<Nv2Given> = {}): Nv2Given {
  return { anchors, now: NOW, target: TARGET, ...more }
}

function failed({ checks, verdict }: Nv2Judgement): readonly string[] {
  const names = checks.filter(({ result }) => result === 'fail').map(({ name }) => name)
  expect(verdict).toBe(names.length === 0 ? 'verified' : 'refused')
  return names
}

describe('a signature by certificates', () => {
  test.each(['rsa2048', 'P-256', 'P-384', 'P-521'] as const)(
    'with %s is verified below a trusted root',
    async (kind) => {
      const { leaf, root, key } = await registrar(HOST, { kind })
      const token = await made(nv2Key(key, [leaf.certificate]))

      const judged = await verifyNv2(token, given([root.certificate]))

      expect(failed(judged)).toEqual([])
      expect(judged.chain.map(({ subject }) => subject)).toEqual([leaf.certificate.subject, root.certificate.subject])
      expect(judged.checks.map(({ name }) => name)).toEqual(CHECKS)
    },
  )

  test('is verified where its own certificate is trusted, if that may sign', async () => {
    const free = await mint({ name: HOST, extensions: caExtensions().slice(0, 1) })
    const onlyCa = await mint({ name: HOST, extensions: caExtensions() })

    const byFree = await verifyNv2(
      await made(nv2Key(privateKeyOf(free), [free.certificate])),
      given([free.certificate]),
    )
    const byCa = await verifyNv2(
      await made(nv2Key(privateKeyOf(onlyCa), [onlyCa.certificate])),
      given([onlyCa.certificate]),
    )

    expect(failed(byFree)).toEqual([])
    expect(failed(byCa)).toEqual(['chain'])
  })

  test('is refused where nobody is trusted, and says who signed', async () => {
    const { leaf, key } = await registrar(HOST)
    const token = await made(nv2Key(key, [leaf.certificate]))

    const judged = await verifyNv2(token, given([]))

    expect(failed(judged)).toEqual(['chain'])
    expect(judged.checks.find(({ name }) => name === 'chain')).toMatchObject({ code: 'ERR_SIGNER_UNKNOWN' })
    expect(judged.chain).toHaveLength(1)
  })

  test('is refused under a stranger with the name of the root', async () => {
    const { leaf, root, key } = await registrar(HOST)
    const stranger = await mint({ name: root.name, extensions: caExtensions(0) })

    const judged = await verifyNv2(await made(nv2Key(key, [leaf.certificate])), given([stranger.certificate]))

    expect(failed(judged)).toEqual(['chain'])
  })

  test('is verified through intermediates in their order, and in no other', async () => {
    const root = await mint({ name: 'root', extensions: caExtensions(2) })
    const upper = await mint({ name: 'upper', extensions: caExtensions(1) }, root)
    const lower = await mint({ name: 'lower', extensions: caExtensions(0) }, upper)
    const leaf = await mint({ name: HOST, extensions: leafExtensions() }, lower)
    const key = privateKeyOf(leaf)
    const [first, second, third] = [leaf, lower, upper].map(({ certificate }) => certificate) as [
      Certificate,
      Certificate,
      Certificate,
    ]

    const inOrder = await verifyNv2(await made(nv2Key(key, [first, second, third])), given([root.certificate]))
    const swapped = await verifyNv2(await made(nv2Key(key, [first, third, second])), given([root.certificate]))

    expect(failed(inOrder)).toEqual([])
    expect(failed(swapped)).toEqual(['chain'])
  })

  test.each<readonly [string, Extension[]]>([
    ['is no CA', leafExtensions()],
    ['has no basic constraints', []],
    ['may have no CA below it', caExtensions(0)],
    ['may not sign certificates', [...caExtensions().slice(0, 1), new KeyUsagesExtension(KeyUsageFlags.cRLSign, true)]],
    ['limits names', [...caExtensions(), new Extension('2.5.29.30', true, new Uint8Array([0x30, 0]).buffer)]],
    [
      'has a critical rule that is not known',
      [...caExtensions(), new Extension('1.2.3.4', true, new Uint8Array([5, 0]).buffer)],
    ],
  ])('is refused where a root %s', async (_what, extensions) => {
    const root = await mint({ name: 'root', extensions })
    const middle = await mint({ name: 'middle', extensions: caExtensions(0) }, root)
    const leaf = await mint({ name: HOST }, middle)
    const token = await made(nv2Key(privateKeyOf(leaf), [leaf.certificate, middle.certificate]))

    expect(failed(await verifyNv2(token, given([root.certificate])))).toEqual(['chain'])
  })

  test.each<readonly [string, Date, readonly string[]]>([
    ['after a certificate ended', new Date('2028-01-01T00:00:00Z'), ['validity']],
    ['before a certificate began', new Date('2025-12-31T23:59:59Z'), ['validity']],
    ['in the last second of it', new Date('2027-12-31T23:59:59Z'), []],
  ])('is judged %s', async (_when, now, expected) => {
    const { leaf, root, key } = await registrar(HOST)
    const token = await made(nv2Key(key, [leaf.certificate]))

    const judged = await verifyNv2(token, given([root.certificate], { now }))

    expect(failed(judged).filter((name) => name !== 'time')).toEqual(expected)
  })

  test('uses the root that is in force where it was certified again', async () => {
    const old = await mint({ name: 'root', extensions: caExtensions(0), notAfter: new Date('2026-06-01T00:00:00Z') })
    const leaf = await mint({ name: HOST }, old)
    const again = await mint({ name: 'root', extensions: caExtensions(0) })
    const token = await made(nv2Key(privateKeyOf(leaf), [leaf.certificate]))

    const judged = await verifyNv2(token, given([old.certificate, again.certificate]))

    // The new root has another key: only the old one issued the leaf, and it has ended.
    expect(failed(judged)).toEqual(['validity'])
  })

  test('may not come from a certificate whose keyUsage is for something else', async () => {
    const extensions = [new KeyUsagesExtension(KeyUsageFlags.keyEncipherment, true)]
    const { leaf, root, key } = await registrar(HOST, { extensions })

    const judged = await verifyNv2(await made(nv2Key(key, [leaf.certificate])), given([root.certificate]))

    expect(failed(judged)).toEqual(['chain'])
  })
})

const CHECKS = ['signature', 'target', 'chain', 'references', 'validity', 'time']

describe('a signature by a key id', () => {
  test.each(['rsa2048', 'P-384'] as const)(
    'with %s is verified with a trusted certificate of that key',
    async (kind) => {
      const { leaf, root, key } = await registrar(HOST, { kind })
      const token = await made(nv2Key(key))

      const judged = await verifyNv2(token, given([root.certificate, leaf.certificate]))

      expect(failed(judged)).toEqual([])
      expect(judged.chain.map(({ thumbprint }) => thumbprint)).toEqual([leaf.certificate.thumbprint])
    },
  )

  test('is refused where only the root of the key is trusted', async () => {
    const { root, key } = await registrar(HOST)

    const judged = await verifyNv2(await made(nv2Key(key)), given([root.certificate]))

    expect(failed(judged)).toEqual(['signature', 'chain'])
    expect(judged.checks[0]).toMatchObject({ code: 'ERR_SIGNER_UNKNOWN' })
  })

  test('counts by the certificate that is in force and has the names, where a key has several', async () => {
    const { privateKey, publicKey } = newKey('P-256')
    const ca = await mint({ name: 'root', extensions: caExtensions(0) })
    const minted = await Promise.all([
      mint({ name: HOST, publicKey, notAfter: new Date('2026-06-01T00:00:00Z') }, ca),
      mint({ name: 'other.example', publicKey }, ca),
      mint({ name: HOST, publicKey }, ca),
    ])

    const judged = await verifyNv2(await made(nv2Key(privateKey)), given(minted.map(({ certificate }) => certificate)))

    expect(failed(judged)).toEqual([])
    expect(judged.chain[0]?.thumbprint).toBe(minted[2]?.certificate.thumbprint)
  })

  test('is bound to the names of its certificate, too', async () => {
    const { leaf, key } = await registrar('other.example')

    const judged = await verifyNv2(await made(nv2Key(key)), given([leaf.certificate]))

    expect(failed(judged)).toEqual(['references'])
  })
})

describe('the claims', () => {
  test.each([
    ['digest', { ...TARGET, digest: digestOf(new Uint8Array([2])) }],
    ['size', { ...TARGET, size: 2 }],
    ['media type', { ...TARGET, mediaType: OCI_MANIFEST }],
  ])('are about content with this %s', async (_what, target) => {
    const { leaf, root, key } = await registrar(HOST)
    const token = await made(nv2Key(key, [leaf.certificate]))

    expect(failed(await verifyNv2(token, given([root.certificate], { target })))).toEqual(['target'])
  })

  test.each<readonly [string, number, readonly string[]]>([
    ['a second before its expiry', HOUR - 1000, []],
    ['in the last millisecond', HOUR - 1, []],
    ['at its expiry', HOUR, ['time']],
    ['an hour after it', 2 * HOUR, ['time']],
    ['when it begins', 0, []],
    ['a second before it begins', -1000, ['time']],
  ])('are judged %s', async (_when, afterMs, expected) => {
    const { leaf, root, key } = await registrar(HOST)
    const expiry = new Date(NOW.getTime() + HOUR)
    const token = await made(nv2Key(key, [leaf.certificate]), { expiry })
    const now = new Date(NOW.getTime() + afterMs)

    expect(failed(await verifyNv2(token, given([root.certificate], { now })))).toEqual(expected)
  })

  test('may name no registry, and then nothing is bound to a name', async () => {
    const { leaf, root, key } = await registrar('Acme releases', { extensions: [namesExtension('other.example')] })
    const token = await made(nv2Key(key, [leaf.certificate]), { references: [] })

    expect(failed(await verifyNv2(token, given([root.certificate])))).toEqual([])
  })
})

describe('a signature that somebody changed', () => {
  test('is refused, whichever part it was', async () => {
    const { leaf, root, key } = await registrar(HOST)
    const parts = Buffer.from(await made(nv2Key(key, [leaf.certificate])))
      .toString()
      .split('.')
    const others = Buffer.from(await made(nv2Key(key, [leaf.certificate]), { references: [] }))
      .toString()
      .split('.')

    for (const at of [1, 2]) {
      const mixed = parts.with(at, others[at] ?? '').join('.')
      const judged = await verifyNv2(new TextEncoder().encode(mixed), given([root.certificate]))
      expect(failed(judged)).toContain('signature')
    }
  })

  test('is refused with the algorithm of another kind of key', async () => {
    const { leaf, root } = await registrar(HOST, { kind: 'P-256' })
    const x5c = [Buffer.from(leaf.certificate.der).toString('base64')]
    const token = rawToken({ typ: 'x509', alg: 'RS256', x5c }, TARGET)

    expect(failed(await verifyNv2(token, given([root.certificate])))).toEqual(['signature'])
  })

  test('is a judgement, not an error, however it is broken', async () => {
    const judged = await verifyNv2(new TextEncoder().encode('not a token'), given([]))

    expect(failed(judged)).toEqual(['signature'])
    expect(judged).toMatchObject({ checks: [{ code: 'ERR_SIGNATURE_INVALID', validation: 'integrity' }], chain: [] })
  })
})
