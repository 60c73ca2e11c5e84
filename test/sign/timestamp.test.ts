import { describe, expect, it } from 'vitest'
import { learnAuthority } from '../../src/sign/timestamp.js'
import { anAuthority } from '../support/signing.js'
import { mintAuthority } from '../support/timestamps.js'
import { CALL } from '../support/tmp.js'

describe('an authority whose evidence must be had before there is anything to sign', () => {
  const signed = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])

  it('shows its chain, up to the root that it was named with', async () => {
    const authority = await mintAuthority()

    const chain = await learnAuthority(
      anAuthority(authority, () => signed),
      CALL,
    )

    const { leaf, intermediate, root } = authority
    expect(chain.map(({ thumbprint }) => thumbprint)).toEqual(
      [leaf, intermediate, root].map(({ certificate }) => certificate.thumbprint),
    )
  })

  it('is refused where it leads to another root', async () => {
    const [asked, named] = [await mintAuthority(), await mintAuthority()]
    const authority = { ...anAuthority(asked, () => signed), anchors: [named.root.certificate] }

    await expect(learnAuthority(authority, CALL)).rejects.toMatchObject({ code: 'ERR_TIMESTAMP_INVALID' })
  })
})
