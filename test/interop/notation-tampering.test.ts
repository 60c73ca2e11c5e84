import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NotaryHome, newLayout, openHome, type SignedLayout } from '../support/peers/notary-home.js'
import { makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { changeJws, envelopeOf, type OpenJws, replaceEnvelope } from '../support/peers/tamper.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const STRICT = {
  signatureVerification: { level: 'strict' },
  trustStores: ['ca:acme', 'signingAuthority:acme'],
  trustedIdentities: ['*'],
}
const SCHEME = 'io.cncf.notary.signingScheme'
const SIGNING_TIME = 'io.cncf.notary.signingTime'
const EXPIRY = 'io.cncf.notary.expiry'

let space: Workspace
let home: NotaryHome
let stranger: OpensslChain
let layouts = 0

beforeAll(async () => {
  space = await openWorkspace()
  const signer = await makeChain(space, 'acme')
  stranger = await makeChain(space, 'stranger')
  const stores = { 'ca:acme': [signer.ca], 'signingAuthority:acme': [signer.ca] }
  home = await openHome(space, 'home', { stores, signer })
  await home.setPolicy(STRICT)
})

afterAll(() => space.remove())

async function signed(format: 'jws' | 'cose'): Promise<SignedLayout> {
  layouts += 1
  const layout = await newLayout(space, `layout-${layouts}`)
  home.sign(layout, ['--signature-format', format, '--expiry', '24h'])
  return layout
}

/** Both say no, and both said yes before. */
async function refusedByBoth(format: 'jws' | 'cose', tamper: (envelope: Buffer) => Promise<Uint8Array> | Uint8Array) {
  const layout = await signed(format)
  expect([home.notation(layout).status, home.waybill(layout).status]).toEqual([0, 0])

  await replaceEnvelope(layout, await tamper(await envelopeOf(layout)))

  const { status, stdout } = home.waybill(layout)
  expect(home.notation(layout).status).not.toBe(0)
  expect(stdout.toString()).not.toContain('"verdict":"verified"')
  expect(status).toBe(5)
}

async function strangersCertificates(): Promise<string[]> {
  const der = (path: string) => space.bytes('openssl', ['x509', '-in', path, '-outform', 'DER']).toString('base64')
  return [der(space.path('stranger-leaf.crt')), der(stranger.ca)]
}

const CHANGES: Readonly<Record<string, (jws: OpenJws) => void>> = {
  'another digest in the payload': ({ payload }) => {
    Object.assign(payload['targetArtifact'] ?? {}, { digest: `sha256:${'0'.repeat(64)}` })
  },
  'another size in the payload': ({ payload }) => {
    Object.assign(payload['targetArtifact'] ?? {}, { size: 1 })
  },
  'metadata that the signer never stated': ({ payload }) => {
    Object.assign(payload['targetArtifact'] ?? {}, { annotations: { approved: 'yes' } })
  },
  'another signing time': ({ protected: head }) => {
    head[SIGNING_TIME] = '2026-01-01T00:00:00Z'
  },
  'a later expiry': ({ protected: head }) => {
    head[EXPIRY] = '2099-01-01T00:00:00Z'
  },
  'no expiry': ({ protected: head }) => {
    delete head[EXPIRY]
    head['crit'] = [SCHEME]
  },
  'the scheme of a signing authority': ({ protected: head }) => {
    head[SCHEME] = 'notary.x509.signingAuthority'
    head['io.cncf.notary.authenticSigningTime'] = head[SIGNING_TIME]
    delete head[SIGNING_TIME]
    head['crit'] = [SCHEME, EXPIRY, 'io.cncf.notary.authenticSigningTime']
  },
  'no critical headers': ({ protected: head }) => {
    head['crit'] = []
  },
  'another algorithm': ({ protected: head }) => {
    head['alg'] = 'ES384'
  },
  'one bit of the signature': ({ signature }) => {
    signature.writeUInt8(signature.readUInt8(7) ^ 1, 7)
  },
  'no signature': (jws) => {
    jws.signature = Buffer.alloc(0)
  },
  'the chain in the wrong order': ({ header }) => {
    header.x5c.reverse()
  },
  'a chain without its root': ({ header }) => {
    header.x5c.pop()
  },
  'a chain with its root twice': ({ header }) => {
    header.x5c.push(header.x5c.at(-1) ?? '')
  },
}

describe('a JWS signature with', () => {
  it.each(Object.entries(CHANGES))('%s is refused by notation and by waybill', async (_, change) => {
    await refusedByBoth('jws', (envelope) => changeJws(envelope, change))
  })

  it('a stranger’s chain in the place of the signer’s is refused by notation and by waybill', async () => {
    const chain = await strangersCertificates()

    await refusedByBoth('jws', (envelope) => changeJws(envelope, ({ header }) => (header.x5c = chain)))
  })

  it('the envelope of another artifact is refused by notation and by waybill', async () => {
    const other = await signed('jws')

    await refusedByBoth('jws', () => envelopeOf(other))
  })
})

describe('a COSE signature with', () => {
  const flipped = (at: (envelope: Buffer) => number) => (envelope: Buffer) => {
    const copy = Buffer.from(envelope)
    const place = at(copy)
    copy.writeUInt8(copy.readUInt8(place) ^ 1, place)
    return copy
  }

  it.each<[string, (envelope: Buffer) => number]>([
    ['a bit of the payload', (envelope) => envelope.indexOf('sha256:') + 20],
    ['a bit of the signing scheme', (envelope) => envelope.indexOf('notary.x509') + 7],
    ['a bit of the expiry', (envelope) => envelope.indexOf(EXPIRY) + EXPIRY.length + 4],
    ['a bit of the signature', (envelope) => envelope.byteLength - 5],
    ['a bit of the tag', () => 0],
  ])('%s changed is refused by notation and by waybill', async (_, at) => {
    await refusedByBoth('cose', flipped(at))
  })

  it('bytes after its end is refused by notation and by waybill', async () => {
    await refusedByBoth('cose', (envelope) => Buffer.concat([envelope, Buffer.from([0])]))
  })

  it('the envelope of another artifact is refused by notation and by waybill', async () => {
    const other = await signed('cose')

    await refusedByBoth('cose', () => envelopeOf(other))
  })
})
