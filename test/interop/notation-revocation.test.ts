import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NotaryHome, newLayout, openHome, type SignedLayout } from '../support/peers/notary-home.js'
import {
  type RevocationAuthorityPeer,
  type RevocationState,
  startRevocationAuthority,
} from '../support/peers/revocation-authority.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

let space: Workspace

beforeAll(async () => {
  space = await openWorkspace()
})

afterAll(() => space.remove())

const TRUSTED = { trustStores: ['ca:acme'], trustedIdentities: ['*'] }
const STRICT = { ...TRUSTED, signatureVerification: { level: 'strict' } }
const LEVELS = [
  { level: 'strict' },
  { level: 'permissive' },
  { level: 'audit' },
  { level: 'strict', override: { revocation: 'log' } },
  { level: 'strict', override: { revocation: 'skip' } },
  { level: 'permissive', override: { revocation: 'enforce' } },
]

describe.each(['ocsp', 'crl', 'both'] as const)('a signer whose certificate names %s', (sources) => {
  let authority: RevocationAuthorityPeer
  let home: NotaryHome
  let layout: SignedLayout

  beforeAll(async () => {
    authority = await startRevocationAuthority(space, `authority-${sources}`, { sources })
    home = await openHome(space, `home-${sources}`, {
      stores: { 'ca:acme': [authority.chain.ca] },
      signer: authority.chain,
    })
    layout = await newLayout(space, `layout-${sources}`)
    home.sign(layout, [])
  })

  afterAll(() => authority.stop())

  /** What the authority answers now, as files: what an exporter would carry. */
  const evidence = (): readonly string[] => [
    ...(sources === 'crl' ? [] : ['--evidence', authority.ocsp()]),
    ...(sources === 'ocsp' ? [] : ['--evidence', authority.crl]),
  ]

  it.each<[RevocationState, 'accepted' | 'refused']>([
    ['good', 'accepted'],
    ['revoked', 'refused'],
  ])('is %s at strict for notation online, and %s for waybill from the carried answers', async (state, verdict) => {
    await authority.set(state)
    await home.setPolicy(STRICT)

    const notation = home.notation(layout).status === 0 ? 'accepted' : 'refused'
    const waybill = home.waybill(layout, evidence())

    expect(notation).toBe(verdict)
    expect(waybill.status === 0 ? 'accepted' : 'refused').toBe(verdict)
    if (state === 'revoked') expect(waybill.stdout.toString()).toContain('ERR_CERTIFICATE_REVOKED')
  })

  it('gets the verdict of notation at every level, whatever the authority says', async () => {
    for (const state of ['good', 'revoked', ...(sources === 'ocsp' ? (['not issued'] as const) : [])] as const) {
      await authority.set(state)
      const carried = evidence()
      for (const signatureVerification of LEVELS) {
        await home.setPolicy({ ...TRUSTED, signatureVerification })
        const about = `${state}, ${JSON.stringify(signatureVerification)}`
        const waybill = home.waybill(layout, carried).status === 0
        expect(`${about}: ${waybill}`).toBe(`${about}: ${home.notation(layout).status === 0}`)
      }
    }
  })

  it('is not known to be good where nothing is carried, as notation says when nobody answers', async () => {
    await home.setPolicy(STRICT)

    const { status, stdout } = home.waybill(layout)

    expect(status).toBe(5)
    expect(stdout.toString()).toContain('ERR_REVOCATION_UNKNOWN')
  })

  it('is not known to be good when what is carried has run out', async () => {
    await authority.set('good')
    await home.setPolicy(STRICT)

    const { status, stdout } = home.waybill(layout, [...evidence(), '--at', '2026-11-30T00:00:00Z'])

    expect(status).toBe(5)
    expect(stdout.toString()).toContain('ERR_REVOCATION_UNKNOWN')
  })
})
