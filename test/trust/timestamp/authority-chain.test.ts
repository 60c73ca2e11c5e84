import { beforeAll, describe, expect, it } from 'vitest'
import type { Certificate } from '../../../src/trust/certificate/certificate.js'
import { ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension } from '../../../src/trust/certificate/x509.js'
import { findAuthorityChain } from '../../../src/trust/timestamp/authority-chain.js'
import { caExtensions, leafExtensions, type Minted, mint } from '../../support/keys.js'
import { type Authority, mintAuthority, tsaExtensions } from '../../support/timestamps.js'

const AT = new Date('2026-06-01T12:00:00Z')
const SIGN = new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)
const [TIME_STAMPING, CODE_SIGNING] = ['1.3.6.1.5.5.7.3.8', '1.3.6.1.5.5.7.3.3']

let sound: Authority

beforeAll(async () => {
  sound = await mintAuthority()
})

function find(leaf: Minted, carried: readonly Minted[], anchors: readonly Minted[], at = AT): readonly Certificate[] {
  return findAuthorityChain(leaf.certificate, {
    carried: carried.map(certificateOf),
    anchors: anchors.map(certificateOf),
    at,
  })
}

function certificateOf({ certificate }: Minted): Certificate {
  return certificate
}

/** The other CA's certificate for the same name and key, as when roots sign each other. */
async function crossed(authority: Authority, other: Minted): Promise<Minted> {
  const { name, keys } = authority.root
  const { publicKey } = authority.root.certificate
  const minted = await mint({ name, publicKey, extensions: caExtensions(1) }, other)
  return { ...minted, keys }
}

const refused = expect.objectContaining({ code: 'ERR_TIMESTAMP_INVALID' })

describe('the chain of a timestamp authority', () => {
  it('leads to a trusted root, carried or not, in whatever order things are carried', () => {
    const { root, intermediate, leaf } = sound
    const chain = [leaf, intermediate, root].map(certificateOf)

    expect(find(leaf, [root, intermediate, leaf], [root])).toEqual(chain)
    expect(find(leaf, [intermediate], [root])).toEqual(chain)
    expect(find(leaf, [intermediate, intermediate, leaf], [root, root])).toEqual(chain)
  })

  it('may lead through roots that signed each other, to either of them', async () => {
    const { root, intermediate, leaf } = sound
    const elder = await mint({ name: 'elder root', extensions: caExtensions(2) })
    const bridge = await crossed(sound, elder)
    const carried = [root, bridge, intermediate]

    expect(find(leaf, carried, [elder])).toEqual([leaf, intermediate, bridge, elder].map(certificateOf))
    expect(find(leaf, carried, [root])).toEqual([leaf, intermediate, root].map(certificateOf))
  })

  it('is found behind paths that end nowhere, or at a certificate that is not in force', async () => {
    const { root, intermediate, leaf } = sound
    const untrusted = await mint({ name: 'untrusted root', extensions: caExtensions(2) })
    const expired = await mint({
      name: 'expired root',
      extensions: caExtensions(2),
      notAfter: new Date('2026-05-01T00:00:00Z'),
    })
    const bridges = [await crossed(sound, untrusted), await crossed(sound, expired)]

    expect(find(leaf, [...bridges, untrusted, intermediate], [expired, root])).toEqual(
      [leaf, intermediate, root].map(certificateOf),
    )
  })

  it('does not lead anywhere from a stranger of the same name, nor in a circle', async () => {
    const { intermediate, leaf } = sound
    const other = await mintAuthority()

    expect(() => find(leaf, [intermediate], [other.root])).toThrow(refused)
    expect(() => find(leaf, [other.intermediate], [sound.root])).toThrow(refused)
    const [one, two] = [
      await mint({ name: 'one', extensions: caExtensions() }),
      await mint({ name: 'two', extensions: caExtensions() }),
    ]
    const circle = [
      await mint({ name: 'one', publicKey: one.certificate.publicKey, extensions: caExtensions() }, two),
      await mint({ name: 'two', publicKey: two.certificate.publicKey, extensions: caExtensions() }, one),
    ]
    const lost = await mint({ name: 'lost', extensions: tsaExtensions() }, one)
    expect(() => find(lost, circle, [sound.root])).toThrow(refused)
  })

  it('is in force at the moment of the timestamp, its ends included', async () => {
    const leaf = await mint(
      { name: 'TSA', extensions: tsaExtensions(), notBefore: AT, notAfter: AT },
      sound.intermediate,
    )
    const at = (milliseconds: number) => () =>
      find(leaf, [sound.intermediate], [sound.root], new Date(AT.getTime() + milliseconds))

    expect(at(0)()).toHaveLength(3)
    expect(at(-1)).toThrow(refused)
    expect(at(1)).toThrow(refused)
  })

  it.each([
    ['without an extended key usage', [SIGN]],
    ['whose extended key usage is not critical', [SIGN, new ExtendedKeyUsageExtension([TIME_STAMPING])]],
    ['with another extended key usage', [SIGN, new ExtendedKeyUsageExtension([CODE_SIGNING], true)]],
    ['with one more extended key usage', [SIGN, new ExtendedKeyUsageExtension([TIME_STAMPING, CODE_SIGNING], true)]],
    ['for code signing', leafExtensions()],
    ['that is a CA', caExtensions(0)],
    ['whose key may not sign', [new ExtendedKeyUsageExtension([TIME_STAMPING], true)]],
  ])('does not begin with a certificate %s', async (_, extensions) => {
    const leaf = await mint({ name: 'TSA', extensions }, sound.intermediate)

    expect(() => find(leaf, [sound.intermediate], [sound.root])).toThrow(refused)
  })

  it('does not go through a certificate that may not issue', async () => {
    const between = await mint({ name: 'not a CA', extensions: tsaExtensions() }, sound.root)
    const leaf = await mint({ name: 'TSA', extensions: tsaExtensions() }, between)

    expect(() => find(leaf, [between], [sound.root])).toThrow(refused)
  })

  it('is not looked for among more paths than an honest authority has', async () => {
    const [one, two] = [await mint({ name: 'one' }), await mint({ name: 'two' })]
    const crossings = await Promise.all(
      Array.from({ length: 13 }, async () => [
        await mint({ name: 'one', publicKey: one.certificate.publicKey, extensions: caExtensions() }, two),
        await mint({ name: 'two', publicKey: two.certificate.publicKey, extensions: caExtensions() }, one),
      ]),
    )
    const leaf = await mint({ name: 'TSA', extensions: tsaExtensions() }, one)

    expect(() => find(leaf, crossings.flat(), [sound.root])).toThrow(refused)
  })
})
