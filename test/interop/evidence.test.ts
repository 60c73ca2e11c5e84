import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_STORE } from '../../src/cli/defaults.js'
import { type NotaryHome, newLayout, openHome, type SignedLayout } from '../support/peers/notary-home.js'
import { type RevocationAuthorityPeer, startRevocationAuthority } from '../support/peers/revocation-authority.js'
import { initKeys, waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

let space: Workspace
let authority: RevocationAuthorityPeer
let home: NotaryHome
let layout: SignedLayout
let signer: readonly string[]

const STRICT = {
  trustStores: ['ca:acme'],
  trustedIdentities: ['*'],
  signatureVerification: { level: 'strict' },
}

beforeAll(async () => {
  space = await openWorkspace()
  authority = await startRevocationAuthority(space, 'authority', { sources: 'both' })
  const keys = initKeys(space)
  signer = keys.signer
  home = await openHome(space, 'home', {
    stores: { 'ca:acme': [authority.chain.ca], [`ca:${DEFAULT_STORE}`]: [keys.ca] },
    signer: authority.chain,
  })
  await home.setPolicy(STRICT)
  layout = await newLayout(space, 'layout')
  home.sign(layout, [])
  home.sign(layout, ['--signature-format', 'cose'])
})

afterAll(async () => {
  await authority.stop()
  await space.remove()
})

function exported(name: string, ...args: readonly string[]) {
  const bundle = space.path(`${name}.tar`)
  const words = ['export', `oci:${layout.folder}:v1`, '--output', bundle, ...signer, ...args]
  return { bundle, ...waybillJson(space, 'waybill.export.v1', words) }
}

/** What the far side says: nothing there can reach the authority. */
function verified(bundle: string, ...args: readonly string[]) {
  const { status, stdout } = waybill(space, ['verify', bundle, '--trust', home.dir, '--json', ...args])
  const { verdict, checks } = JSON.parse(stdout.toString())
  const codes: readonly string[] = checks.flatMap(({ code }: { readonly code?: string }) => code ?? [])
  return { status, verdict, codes }
}

const VERIFIED = { status: 0, verdict: 'verified', codes: [] }

/** Times from now, in the words of `--at`. */
function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.[0-9]+Z$/, 'Z')
}

describe('what notation signed, with a certificate that names a responder and a list', () => {
  it('is carried with the answers of openssl, and verifies strictly where nobody can be asked', async () => {
    const { bundle, evidence, evidenceMissing } = exported('both')

    expect(evidence.map(({ type, url }) => [type, url])).toEqual(
      expect.arrayContaining([
        ['crl', `${authority.url}/root.crl`],
        ['ocsp', `${authority.url}/ocsp`],
      ]),
    )
    expect(evidence).toHaveLength(2)
    expect(evidenceMissing).toEqual([])
    expect(verified(bundle)).toEqual(VERIFIED)
  })

  it('verifies from any one of the two alone', async () => {
    const elsewhere = `http://127.0.0.1:9/`
    const list = exported('list', '--evidence-url', `${authority.url}/ocsp=${elsewhere}`)
    const response = exported('response', '--evidence-url', `${authority.url}/root.crl=${elsewhere}`)

    expect([list, response].map(({ evidence }) => evidence.map(({ type }) => type))).toEqual([['crl'], ['ocsp']])
    expect([list, response].map(({ evidenceMissing }) => evidenceMissing.length)).toEqual([1, 1])
    expect([list, response].map(({ bundle }) => verified(bundle))).toEqual([VERIFIED, VERIFIED])
  })

  it('is refused where the exporter was told to carry nothing', () => {
    const { bundle, evidenceMissing } = exported('nothing', '--no-evidence')

    expect(evidenceMissing).toHaveLength(2)
    expect(verified(bundle)).toMatchObject({ status: 5, codes: ['ERR_REVOCATION_UNKNOWN'] })
  })

  it('is stale when the answers have run out, and then counts as long as the policy says', async () => {
    const { bundle } = exported('stale')

    expect(verified(bundle, '--at', inDays(3))).toMatchObject({ status: 5, codes: ['ERR_REVOCATION_STALE'] })
    await home.setPolicy({ ...STRICT, waybill: { maxStaleness: '5d' } })
    expect(verified(bundle, '--at', inDays(3)).verdict).toBe('verified')
    expect(verified(bundle, '--at', inDays(6))).toMatchObject({ status: 5, codes: ['ERR_REVOCATION_STALE'] })
    await home.setPolicy(STRICT)
  })

  it('is refused where the signer is revoked, and the exporter hears of it', async () => {
    await authority.set('revoked')

    const bundle = space.path('revoked.tar')
    const { stderr } = waybill(space, ['export', `oci:${layout.folder}:v1`, '--output', bundle, ...signer])
    await authority.set('good')

    expect(stderr).toContain('certificate-revoked')
    expect(verified(bundle)).toMatchObject({ status: 5, codes: ['ERR_CERTIFICATE_REVOKED'] })
  })
})

describe('an exporter who cannot reach the authority', () => {
  const away = () => ['--evidence-url', `${authority.url}/=http://127.0.0.1:9/`]

  it('writes nothing where evidence is required', () => {
    const bundle = space.path('required.tar')
    const args = ['export', `oci:${layout.folder}:v1`, '--output', bundle, ...signer, ...away(), '--require-evidence']

    const { status, stderr } = waybill(space, args)

    expect(status).toBe(7)
    expect(stderr).toContain('ERR_EVIDENCE_MISSING')
    expect(existsSync(bundle)).toBe(false)
  })

  it('goes on, and the bundle says what is missing', () => {
    const { evidence, evidenceMissing, bundle } = exported('away', ...away())

    expect(evidence).toEqual([])
    expect(evidenceMissing.map(({ url }) => url).sort()).toEqual([`${authority.url}/ocsp`, `${authority.url}/root.crl`])
    expect(verified(bundle)).toMatchObject({ status: 5, codes: ['ERR_REVOCATION_UNKNOWN'] })
  })

  it('brings files that openssl wrote', () => {
    const files = ['--evidence', authority.crl, '--evidence', authority.ocsp()]

    const { evidence, bundle } = exported('files', ...away(), ...files, '--require-evidence')

    expect(evidence.map(({ type, url }) => [type, url]).sort()).toEqual([
      ['crl', undefined],
      ['ocsp', undefined],
    ])
    expect(verified(bundle)).toEqual(VERIFIED)
  })

  it('brings the lists that notation has in its cache', async () => {
    const only = await startRevocationAuthority(space, 'lister', { sources: 'crl' })
    try {
      const other = await openHome(space, 'lister-home', { stores: { 'ca:acme': [only.chain.ca] }, signer: only.chain })
      await other.setPolicy(STRICT)
      const signed = await newLayout(space, 'lister-layout')
      other.sign(signed, [])
      expect(other.notation(signed).status).toBe(0)
      const bundle = space.path('cache.tar')
      const cache = space.path('cache-lister-home-1', 'notation', 'crl')

      const { evidence } = waybillJson(space, 'waybill.export.v1', [
        ...['export', `oci:${signed.folder}:v1`, '--output', bundle, ...signer],
        ...['--evidence', cache, '--evidence-url', `${only.url}/=http://127.0.0.1:9/`, '--require-evidence'],
      ])

      expect(evidence).toMatchObject([{ type: 'crl' }])
    } finally {
      await only.stop()
    }
  })
})
