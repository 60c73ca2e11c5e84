import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OutputOf } from '../../src/cli/output.js'
import { parseJson } from '../support/peers/compare.js'
import { type NotaryHome, newLayout, openHome, type SignedLayout } from '../support/peers/notary-home.js'
import { type KeyKind, makeChain } from '../support/peers/openssl.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const KINDS: readonly KeyKind[] = ['RSA 2048', 'RSA 3072', 'RSA 4096', 'EC P-256', 'EC P-384', 'EC P-521']
const STRICT = { signatureVerification: { level: 'strict' }, trustStores: ['ca:acme'], trustedIdentities: ['*'] }

let space: Workspace

beforeAll(async () => {
  space = await openWorkspace()
})

afterAll(() => space.remove())

type Verified = OutputOf<'waybill.verify-artifacts.v1'>

describe.each(KINDS)('what notation signs with openssl’s %s key', (kind) => {
  let home: NotaryHome
  const name = kind.toLowerCase().replace(' ', '-')

  beforeAll(async () => {
    const signer = await makeChain(space, name, { kind })
    home = await openHome(space, `home-${name}`, { stores: { 'ca:acme': [signer.ca] }, signer })
    await home.setPolicy(STRICT)
  })

  describe.each(['jws', 'cose'] as const)('as %s', (format) => {
    let layout: SignedLayout

    beforeAll(async () => {
      layout = await newLayout(space, `layout-${name}-${format}`)
    })

    it('is verified by waybill, without an expiry and with one, and with what the signer stated', async () => {
      home.sign(layout, ['--signature-format', format])
      home.sign(layout, ['--signature-format', format, '--expiry', '24h', '--user-metadata', 'build=42'])

      const { status, stdout } = home.waybill(layout, ['--metadata', 'build=42'])

      expect(stdout.toString()).toContain('"verdict":"verified"')
      expect(status).toBe(0)
      const { artifacts } = parseJson<Verified>(stdout.toString())
      const found = artifacts.flatMap(({ signatures }) => signatures)
      expect(
        found.map((one) => [one.kind, one.verdict, one.expiry !== undefined, one.metadata['build']]).sort(),
      ).toEqual([
        [format, 'refused', false, undefined],
        [format, 'verified', true, '42'],
      ])
    })

    it('is refused by both where something else has to be stated', () => {
      expect(home.notation(layout, ['--user-metadata', 'build=43']).status).not.toBe(0)
      expect(home.waybill(layout, ['--metadata', 'build=43']).status).toBe(5)
    })
  })
})
