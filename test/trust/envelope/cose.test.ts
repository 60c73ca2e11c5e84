import { sign as cryptoSign } from 'node:crypto'
import { Tagged } from 'cborg'
import { beforeAll, describe, expect, test } from 'vitest'
import { describe as describeBytes } from '../../../src/oci/descriptor.js'
import { type Cbor, decodeCbor, encodeCbor } from '../../../src/trust/envelope/cbor.js'
import { ENVELOPE_COSE } from '../../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../../src/trust/envelope/open.js'
import { sealEnvelope } from '../../../src/trust/envelope/seal.js'
import { formatPayload } from '../../../src/trust/payload.js'
import { type CoseForgery, forgeCose, type Label } from '../../support/cose.js'
import { leafExtensions, type MintedChain, mint, mintChain, NOW, privateKeyOf, signerOf } from '../../support/keys.js'

const PAYLOAD = formatPayload(describeBytes('application/vnd.oci.image.manifest.v1+json', Buffer.from('content')))
const AGENT = 'waybill/0.0.0-test'
const REFUSED = { code: 'ERR_SIGNATURE_INVALID' }
const SCHEME = 'io.cncf.notary.signingScheme'
const TIME = 'io.cncf.notary.signingTime'
const AUTHENTIC = 'io.cncf.notary.authenticSigningTime'
const EXPIRY = 'io.cncf.notary.expiry'
const TOKEN = 'io.cncf.notary.timestampSignature'
const SECONDS = NOW.getTime() / 1000
let chain: MintedChain
let envelope: Uint8Array

beforeAll(async () => {
  chain = await mintChain()
  envelope = await sealEnvelope(PAYLOAD, signerOf(chain), { type: ENVELOPE_COSE, signingTime: NOW, agent: AGENT })
})

const open = (bytes: Uint8Array) => openEnvelope(bytes, ENVELOPE_COSE)
const forge = (change: CoseForgery) => forgeCose(change, chain)
const epoch = (seconds: number) => new Tagged(1, seconds)

describe('a good envelope', () => {
  test('gives back payload, chain, times and algorithm', async () => {
    const expiry = new Date('2026-12-01T00:00:00Z')
    const given = { type: ENVELOPE_COSE, signingTime: NOW, expiry, agent: AGENT }

    const opened = await open(await sealEnvelope(PAYLOAD, signerOf(chain), given))

    expect(Buffer.from(opened.payload)).toEqual(Buffer.from(PAYLOAD))
    expect(opened.chain).toEqual(chain.certificates)
    expect(opened).toMatchObject({
      type: ENVELOPE_COSE,
      algorithm: 'ES256',
      attributes: { scheme: 'notary.x509', signingTime: NOW, expiry, extended: [] },
    })
    expect(opened.signature).toHaveLength(64)
    expect(opened).not.toHaveProperty('timestampToken')
  })

  test('has the tag, members and headers of the Notary profile', () => {
    const { tag, value } = decodeCbor(envelope) as Tagged
    const [head, unprotected] = value

    expect(tag).toBe(18)
    expect(decodeCbor(head)).toEqual(
      new Map<Label, Cbor>([
        [1, -7],
        [2, [SCHEME]],
        [3, 'application/vnd.cncf.notary.payload.v1+json'],
        [TIME, epoch(SECONDS)],
        [SCHEME, 'notary.x509'],
      ]),
    )
    expect([...unprotected.keys()].sort()).toEqual([33, 'io.cncf.notary.signingAgent'])
  })

  test('made by hand, after the specification, opens too', async () => {
    await expect(open(forge({}))).resolves.toMatchObject({ algorithm: 'ES256' })
  })

  test('may have its chain in the protected header', async () => {
    const x5chain = chain.certificates.map(({ der }) => der)
    const signed = { header: [[33, x5chain]], unprotected: [[33, undefined]] } as const

    await expect(open(forge(signed))).resolves.toMatchObject({ attributes: { extended: [] } })
    await expect(
      open(
        forge({
          ...signed,
          header: [
            [33, x5chain],
            [2, [SCHEME, 33]],
          ],
        }),
      ),
    ).resolves.toBeDefined()
  })

  test('may have unprotected headers that nobody knows, and a protected header in any order', async () => {
    const time = encodeCbor(epoch(SECONDS))
    const key = encodeCbor(TIME)
    const sorted = Buffer.from(encodeCbor(new Map(changedHeader())))
    const headerBytes = Buffer.concat([Buffer.from([sorted[0] ?? 0]), key, time, withoutTime(sorted)])

    await expect(
      open(
        forge({
          headerBytes,
          unprotected: [
            ['com.example', [1]],
            [4, new Uint8Array(2)],
          ],
        }),
      ),
    ).resolves.toBeDefined()
  })

  test('may have a signing time that is called critical, which COSE leaves to the signer', async () => {
    await expect(open(forge({ header: [[2, [SCHEME, TIME]]] }))).resolves.toBeDefined()
  })

  test('of a signing authority gives the authentic time as the signing time', async () => {
    const header = [
      [SCHEME, 'notary.x509.signingAuthority'],
      [TIME, undefined],
      [AUTHENTIC, epoch(SECONDS)],
      [2, [SCHEME, AUTHENTIC]],
    ] as const

    await expect(open(forge({ header }))).resolves.toMatchObject({
      attributes: { scheme: 'notary.x509.signingAuthority', signingTime: NOW },
    })
  })

  test('gives attributes that it does not know to whoever does, as JSON', async () => {
    const rule = new Map<Label, Cbor>([
      ['a', [true, null]],
      [1, Buffer.from('xyz')],
      ['at', epoch(0)],
    ])
    const header = [
      ['com.example.rule', rule],
      [-70_000, 'x'],
      [2, [SCHEME, 'com.example.rule']],
    ] as const

    const { attributes } = await open(forge({ header }))

    expect(attributes.extended).toContainEqual({ key: -70_000, value: 'x', critical: false })
    expect(attributes.extended).toContainEqual({
      key: 'com.example.rule',
      value: { a: [true, null], 1: 'eHl6', at: '1970-01-01T00:00:00.000Z' },
      critical: true,
    })
  })

  test('takes fractions of a second, which should not be there', async () => {
    const { attributes } = await open(forge({ header: [[TIME, epoch(SECONDS + 0.5)]] }))

    expect(attributes.signingTime).toEqual(new Date(NOW.getTime() + 500))
  })

  test('gives the token that stands beside its signature', async () => {
    await expect(open(forge({ unprotected: [[TOKEN, Buffer.from([0x30, 0])]] }))).resolves.toMatchObject({
      timestampToken: Uint8Array.of(0x30, 0),
    })
  })
})

function changedHeader(): readonly (readonly [Label, Cbor])[] {
  return [
    [1, -7],
    [2, [SCHEME]],
    [3, 'application/vnd.cncf.notary.payload.v1+json'],
    [TIME, epoch(SECONDS)],
    [SCHEME, 'notary.x509'],
  ]
}

/** The entries of an encoded header but for the signing time. */
function withoutTime(header: Buffer): Buffer {
  const entry = Buffer.concat([encodeCbor(TIME), encodeCbor(epoch(SECONDS))])
  const at = header.indexOf(entry)
  return Buffer.concat([header.subarray(1, at), header.subarray(at + entry.length)])
}

describe('an envelope that is properly signed but breaks a rule is refused', () => {
  test.each<[string, CoseForgery]>([
    ['no tag', { tag: undefined }],
    ['another tag', { tag: 98 }],
    ['a fifth member', { members: (members) => [...members, null] }],
    ['three members', { members: (members) => members.slice(0, 3) }],
    ['a map in the place of its members', { members: (members) => new Map(members.map((one, at) => [at, one])) }],
    ['a protected header that is no byte string', { members: ([, ...others]) => [new Map([[1, -7]]), ...others] }],
    ['a protected header that is no map', { headerBytes: encodeCbor([1, -7]) }],
    ['an empty protected header', { headerBytes: Buffer.of() }],
    [
      'bytes after its protected header',
      { headerBytes: Buffer.concat([encodeCbor(new Map(changedHeader())), Buffer.of(0)]) },
    ],
    ['an unprotected header that is no map', { members: ([head, , ...others]) => [head ?? null, [], ...others] }],
    ['a payload that is elsewhere', { members: ([a, b, , d]) => [a ?? null, b ?? null, null, d ?? null] }],
    ['an empty payload', { payload: Buffer.of() }],
    ['an empty signature', { sign: () => Buffer.of() }],
    ['a signature in DER', { sign: (bytes) => cryptoSign('sha256', bytes, privateKeyOf(chain.leaf)) }],
    ['a label in both headers', { unprotected: [[1, -7]] }],
    ['a signed label again, unsigned', { unprotected: [[SCHEME, 'notary.x509']] }],
    ['no algorithm', { header: [[1, undefined]] }],
    ['the algorithm of another key', { header: [[1, -35]] }],
    ['an algorithm with a hash that it may not have', { header: [[1, -257]] }],
    ['EdDSA', { header: [[1, -8]] }],
    ['an HMAC', { header: [[1, 5]] }],
    ['an algorithm by name', { header: [[1, 'ES256']] }],
    ['no content type', { header: [[3, undefined]] }],
    ['another content type', { header: [[3, 'application/json']] }],
    ['a content type by number', { header: [[3, 50]] }],
    ['no list of critical headers', { header: [[2, undefined]] }],
    ['an empty list of critical headers', { header: [[2, []]] }],
    ['a list of critical headers that is text', { header: [[2, SCHEME]] }],
    ['a critical header that is no label', { header: [[2, [SCHEME, null]]] }],
    ['a critical header twice', { header: [[2, [SCHEME, SCHEME]]] }],
    ['a critical header that is absent', { header: [[2, [SCHEME, 'com.example']]] }],
    ['a critical header of COSE itself', { header: [[2, [SCHEME, 1]]] }],
    [
      'a critical header of COSE itself, by number 8',
      {
        header: [
          [2, [SCHEME, 8]],
          [8, 1],
        ],
      },
    ],
    ['a critical chain that is not signed', { header: [[2, [SCHEME, 33]]] }],
    [
      'a scheme that is not critical',
      {
        header: [
          [2, ['com.example']],
          ['com.example', 1],
        ],
      },
    ],
    ['an expiry that is not critical', { header: [[EXPIRY, epoch(SECONDS + 60)]] }],
    ['no scheme', { header: [[SCHEME, undefined]] }],
    ['an unknown scheme', { header: [[SCHEME, 'notary.x510']] }],
    ['no signing time', { header: [[TIME, undefined]] }],
    ['a signing time without its tag', { header: [[TIME, SECONDS]] }],
    ['a signing time as text', { header: [[TIME, '2026-11-22T12:00:00Z']] }],
    ['a signing time that is tagged text', { header: [[TIME, new Tagged(1, 'x')]] }],
    ['a signing time beyond every calendar', { header: [[TIME, epoch(2 ** 52)]] }],
    [
      'the time of another scheme',
      {
        header: [
          [AUTHENTIC, epoch(SECONDS)],
          [2, [SCHEME, AUTHENTIC]],
        ],
      },
    ],
    [
      'an expiry at its signing time',
      {
        header: [
          [EXPIRY, epoch(SECONDS)],
          [2, [SCHEME, EXPIRY]],
        ],
      },
    ],
    [
      'two keys of an attribute that would become one',
      {
        header: [
          [
            'x',
            new Map<Label, Cbor>([
              [1, 1],
              ['1', 2],
            ]),
          ],
        ],
      },
    ],
    ['a Sign1 in an attribute', { header: [['x', new Tagged(18, [])]] }],
    ['no chain', { unprotected: [[33, undefined]] }],
    ['an empty chain', { unprotected: [[33, []]] }],
    ['a chain with a text', { unprotected: [[33, ['x']]] }],
    ['eleven certificates', { unprotected: [[33, Array(11).fill(Buffer.of(0x30))]] }],
    ['a timestamp that is text', { unprotected: [[TOKEN, 'x']] }],
  ])('%s', async (_why, change) => {
    await expect(open(forge(change))).rejects.toMatchObject(REFUSED)
  })

  test('one certificate as a bare byte string, which Notary does not know', async () => {
    const alone = await mint({ name: 'alone', extensions: leafExtensions() })
    const single = { ...chain, leaf: alone, certificates: [alone.certificate] }
    const bare = forgeCose({ unprotected: [[33, alone.certificate.der]] }, single)

    await expect(open(forgeCose({}, single))).resolves.toBeDefined()
    await expect(open(bare)).rejects.toMatchObject(REFUSED)
  })

  test.each([
    ['nothing', Buffer.of()],
    ['JSON', Buffer.from('{}')],
    ['bytes after its end', 'after'],
    ['an envelope that is cut off', 'cut'],
  ])('%s', async (_why, what) => {
    const bytes =
      what === 'after' ? Buffer.concat([envelope, Buffer.of(0)]) : what === 'cut' ? envelope.subarray(0, -1) : what

    await expect(open(bytes as Uint8Array)).rejects.toMatchObject(REFUSED)
  })

  test('another spelling of the signed header', async () => {
    const [, unprotected, payload, signature] = (decodeCbor(envelope) as Tagged).value
    const sorted = Buffer.from(encodeCbor(new Map(changedHeader())))
    const reordered = Buffer.concat([
      sorted.subarray(0, 1),
      encodeCbor(TIME),
      encodeCbor(epoch(SECONDS)),
      withoutTime(sorted),
    ])

    await expect(open(encodeCbor(new Tagged(18, [sorted, unprotected, payload, signature])))).resolves.toBeDefined()
    await expect(open(encodeCbor(new Tagged(18, [reordered, unprotected, payload, signature])))).rejects.toMatchObject(
      REFUSED,
    )
  })
})
