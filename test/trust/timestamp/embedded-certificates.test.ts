import { OctetString } from 'asn1js'
import { describe, expect, it } from 'vitest'
import { embeddedCertificates } from '../../../src/trust/timestamp/embedded-certificates.js'
import { mint, privateKeyOf } from '../../support/keys.js'
import { mintAuthority, mintToken, tsaExtensions } from '../../support/timestamps.js'

describe('the certificates that a token carries', async () => {
  const authority = await mintAuthority()
  const [leaf, intermediate, root] = [authority.leaf, authority.intermediate, authority.root].map(
    ({ certificate }) => certificate,
  )
  const stranger = (await mintAuthority()).root.certificate

  it('are the authority’s chain, leaf first, as far as it goes', () => {
    expect(embeddedCertificates(mintToken({ authority }))).toEqual([leaf, intermediate, root])
    expect(
      embeddedCertificates(
        mintToken({ authority, carried: [authority.intermediate.certificate, authority.leaf.certificate] }),
      ),
    ).toEqual([leaf, intermediate])
  })

  it('do not include a stranger', () => {
    const carried = [stranger, authority.leaf.certificate]

    expect(embeddedCertificates(mintToken({ authority, carried }))).toEqual([leaf])
  })

  it('end where they would go in a circle', async () => {
    const [one, two] = [await mint({ name: 'one' }), await mint({ name: 'two' })]
    const circle = [
      await mint({ name: 'one', publicKey: one.certificate.publicKey }, two),
      await mint({ name: 'two', publicKey: two.certificate.publicKey }, one),
    ]
    const tsa = await mint({ name: 'TSA', extensions: tsaExtensions() }, one)
    const carried = [tsa, ...circle].map(({ certificate }) => certificate)
    const token = mintToken({ authority: { ...authority, leaf: tsa, key: privateKeyOf(tsa) }, carried })

    expect(embeddedCertificates(token)).toEqual(carried)
  })

  it('are nobody’s where none of them signed the token, or there is none', () => {
    const unsigned = mintToken({
      authority,
      signerInfo: (fields) => fields.with(5, new OctetString({ valueHex: new Uint8Array(70) })),
    })

    expect(embeddedCertificates(unsigned)).toEqual([])
    expect(embeddedCertificates(new Uint8Array([0x30, 0]))).toEqual([])
  })
})
