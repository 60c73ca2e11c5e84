import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkChain, checkValidity } from '../../../src/trust/certificate/chain.js'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
} from '../../../src/trust/certificate/x509.js'
import { caExtensions, leafExtensions, type Minted, type MintedChain, mint, mintChain } from '../../support/keys.js'

const CONSTRAINTS = new BasicConstraintsExtension(false, undefined, true)
const SIGN = KeyUsageFlags.digitalSignature
const ISSUE = KeyUsageFlags.keyCertSign
let chain: MintedChain

beforeAll(async () => {
  chain = await mintChain()
})

async function findingsForLeaf(extensions: readonly Extension[], more: Parameters<typeof mint>[0] | object = {}) {
  const leaf = await mint({ name: 'leaf', extensions, ...more }, chain.intermediate)
  return checkChain([leaf, chain.intermediate, chain.root].map(({ certificate }) => certificate))
}

async function findingsForIntermediate(extensions: readonly Extension[], more: object = {}) {
  const intermediate = await mint({ name: 'ca', extensions, ...more }, chain.root)
  const leaf = await mint({ name: 'leaf', extensions: leafExtensions() }, intermediate)
  return checkChain([leaf, intermediate, chain.root].map(({ certificate }) => certificate))
}

test('finds nothing wrong with a sound chain of three, of two and of one', async () => {
  const leaf = await mint({ name: 'leaf', extensions: leafExtensions() }, chain.root)
  const alone = await mint({ name: 'alone', extensions: leafExtensions() })

  expect(checkChain(chain.certificates)).toEqual([])
  expect(checkChain([leaf.certificate, chain.root.certificate])).toEqual([])
  expect(checkChain([alone.certificate])).toEqual([])
})

describe('order and completeness', () => {
  const order = (...certificates: Minted[]) => checkChain(certificates.map(({ certificate }) => certificate))

  test('refuses an empty chain', () => expect(checkChain([])).not.toEqual([]))

  test('refuses a chain whose root comes before its intermediate', () =>
    expect(order(chain.leaf, chain.root, chain.intermediate)).not.toEqual([]))

  test('refuses a chain from the root down', () =>
    expect(order(chain.root, chain.intermediate, chain.leaf)).not.toEqual([]))

  test('refuses a chain without its root', () => expect(order(chain.leaf, chain.intermediate)).not.toEqual([]))

  test('refuses a chain without its intermediate', () => expect(order(chain.leaf, chain.root)).not.toEqual([]))

  test('refuses a leaf alone', () => expect(order(chain.leaf)).not.toEqual([]))

  test('refuses the root twice', () =>
    expect(order(chain.leaf, chain.intermediate, chain.root, chain.root)).not.toEqual([]))

  test('refuses a second root and a certificate that does not belong to the chain', async () => {
    const stranger = await mint({ name: 'stranger', extensions: caExtensions() })

    expect(order(chain.leaf, chain.intermediate, chain.root, stranger)).not.toEqual([])
    expect(order(chain.leaf, chain.intermediate, stranger, chain.root)).not.toEqual([])
    expect(order(stranger, chain.leaf, chain.intermediate, chain.root)).not.toEqual([])
  })

  test('refuses a root of the right name with another key', async () => {
    const impostor = await mint({ name: chain.root.name, extensions: caExtensions(1) })

    expect(order(chain.leaf, chain.intermediate, impostor)).not.toEqual([])
  })

  test('takes a leaf that has the name of its root', async () => {
    const twin = await mint({ name: chain.root.name, extensions: leafExtensions() }, chain.root)

    expect(order(twin, chain.root)).toEqual([])
  })

  test('refuses more certificates than a chain may have before it looks at any', () => {
    const many = Array.from({ length: 11 }, () => chain.root)

    expect(order(...many)).toHaveLength(1)
  })
})

describe('the signing certificate', () => {
  test('needs no basicConstraints and no extended key usage', async () => {
    expect(await findingsForLeaf([new KeyUsagesExtension(SIGN, true)])).toEqual([])
  })

  test('may have nonRepudiation beside digitalSignature', async () => {
    expect(await findingsForLeaf([new KeyUsagesExtension(SIGN | KeyUsageFlags.nonRepudiation, true)])).toEqual([])
  })

  test.each([
    ['is a CA', [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(SIGN, true)]],
    ['has no keyUsage', [CONSTRAINTS]],
    ['has a keyUsage that is not critical', [CONSTRAINTS, new KeyUsagesExtension(SIGN, false)]],
    ['lacks digitalSignature', [CONSTRAINTS, new KeyUsagesExtension(KeyUsageFlags.nonRepudiation, true)]],
    ...(
      [
        'keyEncipherment',
        'dataEncipherment',
        'keyAgreement',
        'keyCertSign',
        'cRLSign',
        'encipherOnly',
        'decipherOnly',
      ] as const
    ).map((usage): [string, Extension[]] => [
      `has the key usage ${usage}`,
      [CONSTRAINTS, new KeyUsagesExtension(SIGN | KeyUsageFlags[usage], true)],
    ]),
    ...['2.5.29.37.0', ...[1, 2, 4, 8, 9].map((number) => `1.3.6.1.5.5.7.3.${number}`)].map(
      (purpose): [string, Extension[]] => [
        `has the extended key usage ${purpose} beside codeSigning`,
        [...leafExtensions().slice(0, 2), new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.3', purpose])],
      ],
    ),
  ])('is refused if it %s', async (_why, extensions) => {
    expect(await findingsForLeaf(extensions)).toHaveLength(1)
  })

  test('is refused with a key that the Notary Project does not know', async () => {
    const n = Buffer.alloc(320, 0xff).toString('base64url')
    const keys = [
      createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' }),
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
      generateKeyPairSync('ed25519').publicKey,
    ]

    for (const publicKey of keys) expect(await findingsForLeaf(leafExtensions(), { publicKey })).toHaveLength(1)
  })

  test('is refused if it was signed with SHA-1', async () => {
    expect(await findingsForLeaf(leafExtensions(), { hash: 'SHA-1' })).toHaveLength(1)
  })

  test('alone in its chain may not be a CA', async () => {
    const alone = await mint({ name: 'alone', extensions: caExtensions() })

    expect(checkChain([alone.certificate])).not.toEqual([])
  })

  test('alone in its chain must have signed itself, and not with SHA-1', async () => {
    const alone = await mint({ name: 'alone', extensions: leafExtensions(), hash: 'SHA-1' })

    expect(checkChain([alone.certificate])).not.toEqual([])
    expect(checkChain([chain.leaf.certificate])).not.toEqual([])
  })
})

describe('a CA certificate', () => {
  const usage = new KeyUsagesExtension(ISSUE, true)

  test.each([
    ['has no basicConstraints', [usage]],
    ['is not a CA', [CONSTRAINTS, usage]],
    ['has basicConstraints that are not critical', [new BasicConstraintsExtension(true, undefined, false), usage]],
    ['has no keyUsage', [new BasicConstraintsExtension(true, undefined, true)]],
    ['has a keyUsage that is not critical', [caExtensions()[0] ?? usage, new KeyUsagesExtension(ISSUE, false)]],
    ['lacks keyCertSign', [caExtensions()[0] ?? usage, new KeyUsagesExtension(KeyUsageFlags.cRLSign, true)]],
  ])('is refused if it %s', async (_why, extensions) => {
    expect(await findingsForIntermediate(extensions)).toHaveLength(1)
  })

  test('is refused if it was signed with SHA-1', async () => {
    expect(await findingsForIntermediate(caExtensions(), { hash: 'SHA-1' })).toHaveLength(1)
  })

  test('allows as many CA certificates below it as its path length says', async () => {
    const root = await mint({ name: 'short root', extensions: caExtensions(0) })
    const intermediate = await mint({ name: 'ca', extensions: caExtensions(0) }, root)
    const deep = await mint({ name: 'deep', extensions: leafExtensions() }, intermediate)
    const flat = await mint({ name: 'flat', extensions: leafExtensions() }, root)

    expect(checkChain([flat.certificate, root.certificate])).toEqual([])
    expect(checkChain([deep.certificate, intermediate.certificate, root.certificate])).toHaveLength(1)
  })
})

describe('the chain of a timestamp authority', () => {
  const TIMESTAMPING = '1.3.6.1.5.5.7.3.8'
  const purpose = new ExtendedKeyUsageExtension([TIMESTAMPING], true)

  async function findingsFor(extensions: readonly Extension[], publicKey?: KeyObject) {
    const leaf = await mint({ name: 'tsa', extensions, ...(publicKey === undefined ? {} : { publicKey }) }, chain.root)
    return checkChain([leaf.certificate, chain.root.certificate], 'timestamping')
  }

  test('is sound with a leaf for timestamps only, and a keyUsage that need not be critical', async () => {
    expect(await findingsFor([CONSTRAINTS, new KeyUsagesExtension(SIGN, true), purpose])).toEqual([])
    expect(await findingsFor([new KeyUsagesExtension(SIGN, false), purpose])).toEqual([])
  })

  test('may have a CA whose keyUsage is not critical, but its basicConstraints must be', async () => {
    const findings = async (constraintsCritical: boolean) => {
      const ca = await mint(
        {
          name: 'ca',
          extensions: [
            new BasicConstraintsExtension(true, undefined, constraintsCritical),
            new KeyUsagesExtension(ISSUE, false),
          ],
        },
        chain.root,
      )
      const leaf = await mint({ name: 'tsa', extensions: [new KeyUsagesExtension(SIGN, true), purpose] }, ca)
      return checkChain(
        [leaf, ca, chain.root].map(({ certificate }) => certificate),
        'timestamping',
      )
    }

    expect(await findings(true)).toEqual([])
    expect(await findings(false)).toHaveLength(1)
  })

  test('may have a leaf with a long RSA key that no signing certificate has', async () => {
    const n = Buffer.alloc(320, 0xff).toString('base64url')
    const key = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })

    expect(await findingsFor([new KeyUsagesExtension(SIGN, true), purpose], key)).toEqual([])
  })

  test.each<[string, Extension[]]>([
    ['has no extended key usage', [new KeyUsagesExtension(SIGN, true)]],
    [
      'has one that is not critical',
      [new KeyUsagesExtension(SIGN, true), new ExtendedKeyUsageExtension([TIMESTAMPING])],
    ],
    [
      'has another one beside it',
      [new KeyUsagesExtension(SIGN, true), new ExtendedKeyUsageExtension([TIMESTAMPING, '1.3.6.1.5.5.7.3.3'], true)],
    ],
    ['signs content', leafExtensions()],
    ['is a CA', [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(SIGN, true), purpose]],
    ['has no keyUsage', [purpose]],
    ['lacks digitalSignature', [new KeyUsagesExtension(KeyUsageFlags.nonRepudiation, true), purpose]],
    ['may issue certificates', [new KeyUsagesExtension(SIGN | ISSUE, true), purpose]],
  ])('is refused if its leaf %s', async (_why, extensions) => {
    expect(await findingsFor(extensions)).toHaveLength(1)
  })

  test('is refused with the key of Ed25519', async () => {
    const { publicKey } = generateKeyPairSync('ed25519')

    expect(await findingsFor([new KeyUsagesExtension(SIGN, true), purpose], publicKey)).toHaveLength(1)
  })

  test('does not sign content, and the other way round', async () => {
    const leaf = await mint({ name: 'tsa', extensions: [new KeyUsagesExtension(SIGN, true), purpose] }, chain.root)

    expect(checkChain([leaf.certificate, chain.root.certificate], 'codeSigning')).toHaveLength(1)
    expect(checkChain(chain.certificates, 'timestamping')).toHaveLength(1)
  })
})

describe('dates', () => {
  test('count from the first to the last second of each certificate, root included', async () => {
    const notBefore = new Date('2026-03-01T00:00:00Z')
    const notAfter = new Date('2026-04-01T00:00:00Z')
    const root = await mint({ name: 'brief root', extensions: caExtensions(), notBefore, notAfter })
    const leaf = await mint({ name: 'leaf', extensions: leafExtensions() }, root)
    const at = (time: number) => checkValidity([leaf.certificate, root.certificate], new Date(time))

    expect(at(notBefore.getTime())).toEqual([])
    expect(at(notAfter.getTime())).toEqual([])
    expect(at(notBefore.getTime() - 1000)).toHaveLength(1)
    expect(at(notAfter.getTime() + 1000)).toHaveLength(1)
    expect(at(Number.NaN)).toHaveLength(2)
  })

  test('need not lie within those of the issuer', async () => {
    const root = await mint({ name: 'root', extensions: caExtensions(), notAfter: new Date('2026-12-31T00:00:00Z') })
    const leaf = await mint(
      { name: 'leaf', extensions: leafExtensions(), notAfter: new Date('2030-01-01T00:00:00Z') },
      root,
    )

    expect(checkChain([leaf.certificate, root.certificate])).toEqual([])
  })
})
