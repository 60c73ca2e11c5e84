import { sign as signBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parsePemCertificates } from '../../src/trust/certificate/certificate.js'
import { ENVELOPE_JWS } from '../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../src/trust/envelope/open.js'
import { sealEnvelope } from '../../src/trust/envelope/seal.js'
import type { Signer } from '../../src/trust/key/signer.js'
import {
  type NotaryHome,
  newLayout,
  openHome,
  type SignedLayout,
  type Statement,
} from '../support/peers/notary-home.js'
import { makeChain } from '../support/peers/openssl.js'
import { changeJws, envelopeOf, replaceEnvelope } from '../support/peers/tamper.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const IN_2020 = new Date('2020-06-01T00:00:00Z')

let space: Workspace
let home: NotaryHome
const layouts = new Map<string, SignedLayout>()

beforeAll(async () => {
  space = await openWorkspace()
  const acme = await makeChain(space, 'acme')
  const retired = await makeChain(space, 'retired', { expired: true })
  const other = await makeChain(space, 'other')
  const stores = {
    'ca:acme': [acme.ca, retired.ca],
    'ca:other': [other.ca],
    'tsa:other': [other.ca],
    'signingAuthority:acme': [acme.ca],
  }
  home = await openHome(space, 'home', { stores, signer: acme })
  const put = async (name: string, sign: (layout: SignedLayout) => Promise<void> | void) => {
    const layout = await newLayout(space, `layout-${layouts.size}`)
    await sign(layout)
    layouts.set(name, layout)
  }
  await put('a good signature', (layout) => home.sign(layout, []))
  await put('an expired signature', (layout) => home.sign(layout, ['--expiry', '1s']))
  await put('a signature by an expired certificate', async (layout) => {
    // notation does not sign with one; somebody else may have, when it was valid.
    home.sign(layout, [])
    const key = await readFile(retired.key, 'utf8')
    const signer: Signer = {
      chain: parsePemCertificates(await readFile(retired.chain, 'utf8'), 'the chain', 'ERR_CONFIG_INVALID'),
      algorithm: 'ES256',
      sign: async (bytes) => signBytes('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }),
    }
    const { payload } = await openEnvelope(await envelopeOf(layout), ENVELOPE_JWS)
    const given = { type: ENVELOPE_JWS, signingTime: IN_2020, agent: 'test' } as const
    await replaceEnvelope(layout, await sealEnvelope(payload, signer, given))
  })
  await put('no signature', () => {})
  await put('a broken signature', async (layout) => {
    home.sign(layout, [])
    const broken = changeJws(await envelopeOf(layout), ({ signature }) => signature.fill(1, 0, 4))
    await replaceEnvelope(layout, broken)
  })
  await put('a broken signature, then a good one', async (layout) => {
    home.sign(layout, [])
    const broken = changeJws(await envelopeOf(layout), ({ signature }) => signature.fill(1, 0, 4))
    await replaceEnvelope(layout, broken)
    home.sign(layout, [])
  })
  await sleep(1500)
})

afterAll(() => space.remove())

const TRUSTED = { trustStores: ['ca:acme'], trustedIdentities: ['*'] }
const LEVELS = ['strict', 'permissive', 'audit'] as const
const OVERRIDES: readonly Readonly<Record<string, string>>[] = [
  {},
  ...(['authenticity', 'authenticTimestamp', 'expiry', 'revocation'] as const).flatMap((validation) =>
    ['enforce', 'log', ...(validation === 'revocation' ? ['skip'] : [])].map((action) => ({ [validation]: action })),
  ),
]

/** Every level with every override; skip takes none. */
const VERIFICATIONS: readonly Statement[] = [
  ...LEVELS.flatMap((level) =>
    OVERRIDES.map((override) => (Object.keys(override).length === 0 ? { level } : { level, override })),
  ),
]

/** What else a statement may say about the same signature. */
const TRUSTS: Readonly<Record<string, Statement>> = {
  'of the signer': TRUSTED,
  'of somebody else': { ...TRUSTED, trustStores: ['ca:other'] },
  'of the signer as a signing authority only': { ...TRUSTED, trustStores: ['signingAuthority:acme'] },
  'of another identity': { ...TRUSTED, trustedIdentities: ['x509.subject: C=ZZ, ST=-, O=Waybill tests, CN=nobody'] },
  'of the signer’s identity': { ...TRUSTED, trustedIdentities: ['x509.subject: CN=acme, O=Waybill tests, ST=-, C=ZZ'] },
  'of a timestamp authority that did not sign': { ...TRUSTED, trustStores: ['ca:acme', 'tsa:other'] },
}

/** The verdicts of both, which have to be the same, and how often it was which. */
async function compare(layout: SignedLayout, statement: Statement): Promise<'accepted' | 'refused'> {
  await home.setPolicy(statement)
  const notation = home.notation(layout).status === 0
  const waybill = home.waybill(layout).status === 0
  expect({ waybill, statement: JSON.stringify(statement) }).toEqual({
    waybill: notation,
    statement: JSON.stringify(statement),
  })
  return notation ? 'accepted' : 'refused'
}

const STATES = [
  'a good signature',
  'an expired signature',
  'a signature by an expired certificate',
  'no signature',
  'a broken signature',
  'a broken signature, then a good one',
] as const

describe.each(STATES)('an artifact with %s', (state) => {
  it('gets the verdict of notation at every level with every override', async () => {
    const verdicts = new Set<string>()
    for (const signatureVerification of VERIFICATIONS) {
      const layout = layouts.get(state)
      if (layout !== undefined) verdicts.add(await compare(layout, { ...TRUSTED, signatureVerification }))
    }

    expect(verdicts.size).toBeGreaterThan(0)
  })
})

describe.each(Object.entries(TRUSTS))('a good signature under the trust %s', (_, trust) => {
  it('gets the verdict of notation at every level with every override', async () => {
    const layout = layouts.get('a good signature')
    const verdicts = new Set<string>()
    for (const signatureVerification of VERIFICATIONS) {
      if (layout !== undefined) verdicts.add(await compare(layout, { ...trust, signatureVerification }))
    }

    expect(verdicts.size).toBeGreaterThan(0)
  })
})

describe('the level skip', () => {
  it.each(STATES)('accepts %s unseen in both, for a repository that it names', async (state) => {
    const layout = layouts.get(state)
    if (layout === undefined) throw new Error(state)
    const statement = { registryScopes: ['local/artifact'], signatureVerification: { level: 'skip' } }

    expect(await compare(layout, statement)).toBe('accepted')
    expect(home.waybill(layout).stdout.toString()).toContain('"verdict":"skipped"')
  })
})
