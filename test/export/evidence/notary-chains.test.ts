import { describe, expect, it } from 'vitest'
import { walk } from '../../../src/content/graph.js'
import type { GraphNode } from '../../../src/content/node.js'
import { fetchAll } from '../../../src/content/read-all.js'
import { notaryChains } from '../../../src/export/evidence/notary-chains.js'
import type { Digest } from '../../../src/oci/digest.js'
import { anArtifact, anImage, anIndex, type Built, NOTARY_SIGNATURE, together } from '../../support/build.js'
import { aRepository } from '../../support/bundles.js'
import { aSignature, aSigner } from '../../support/evidence.js'
import { mintAuthority, mintToken } from '../../support/timestamps.js'
import { CALL } from '../../support/tmp.js'

/** The chains below and about a root, and the signatures that could not be read. */
async function found(root: Built, ...referrers: readonly Built[]) {
  const store = await aRepository(together(root, ...referrers))
  const nodes: GraphNode[] = []
  for await (const node of walk(root.root, store, { ...CALL, concurrency: 2 })) nodes.push(node)
  const unreadable: Digest[] = []
  const chains = await notaryChains(
    { nodes, read: (descriptor, call) => fetchAll(store, descriptor, call) },
    { ...CALL, concurrency: 2, onUnreadable: (signature) => unreadable.push(signature) },
  )
  return { chains, unreadable }
}

describe('notaryChains', () => {
  it.each([
    ['application/jose+json', 'config'],
    ['application/jose+json', 'artifactType'],
    ['application/cose', 'config'],
    ['application/cose', 'artifactType'],
  ] as const)('finds the chain of %s, the type in the %s', async (type, form) => {
    const image = anImage()
    const signer = await aSigner([])
    const signature = await aSignature(image, signer, { type, form })

    const { chains, unreadable } = await found(image, signature)

    expect(chains.map(({ from }) => from)).toEqual([signature.root.digest])
    expect(thumbprints(chains[0]?.certificates)).toEqual(thumbprints(signer.certificates))
    expect(unreadable).toEqual([])
  })

  it('finds those of platforms, of SBOMs and of several signers', async () => {
    const image = anImage()
    const index = anIndex([image])
    const sbom = anArtifact({ subject: index })
    const [one, two] = [await aSigner([], undefined, 'One'), await aSigner([], undefined, 'Two')]
    const signatures = [await aSignature(image, one), await aSignature(sbom, one), await aSignature(sbom, two)]

    const { chains } = await found(index, sbom, ...signatures)

    expect(chains.map(({ from }) => from)).toEqual(signatures.map(({ root }) => root.digest).sort())
  })

  it('finds the chain of the authority that timestamped a signature', async () => {
    const image = anImage()
    const authority = await mintAuthority()
    const carried = [authority.leaf.certificate, authority.intermediate.certificate]
    const token = (signed: Uint8Array) => mintToken({ authority, signed, carried })

    const { chains } = await found(image, await aSignature(image, await aSigner([]), { token }))

    expect(chains).toHaveLength(2)
    expect(thumbprints(chains[1]?.certificates)).toEqual(thumbprints(carried))
    expect(chains[1]?.from).toContain('timestamp')
  })

  it('takes no certificate of a token that is none', async () => {
    const image = anImage()
    const signature = await aSignature(image, await aSigner([]), { token: () => Buffer.from('3003020101', 'hex') })

    const { chains, unreadable } = await found(image, signature)

    expect(chains).toHaveLength(1)
    expect(unreadable).toEqual([])
  })

  it('takes no certificate of an envelope that is not whole, and says so', async () => {
    const image = anImage()
    const signer = await aSigner([])
    const broken = [
      await aSignature(image, signer, { change: (envelope) => envelope.subarray(0, -1) }),
      await aSignature(image, signer, { change: anotherPayload }),
      await aSignature(image, signer, { change: () => Buffer.from('{"payload":""}') }),
      await aSignature(image, signer, { type: 'application/cose', change: () => Buffer.from('garbage') }),
    ]

    const { chains, unreadable } = await found(image, ...broken)

    expect(chains).toEqual([])
    expect(unreadable.sort()).toEqual(broken.map(({ root }) => root.digest).sort())
  })

  it('looks at nothing that is no Notary signature, whatever it is called', async () => {
    const image = anImage()
    const jose = { mediaType: 'application/jose+json', bytes: '{}' }

    const { chains, unreadable } = await found(
      image,
      anArtifact({ subject: image, artifactType: 'application/x.other', ...jose }),
      anArtifact({ subject: image, artifactType: NOTARY_SIGNATURE, mediaType: 'text/plain', bytes: 'hello' }),
    )

    expect([chains, unreadable]).toEqual([[], []])
  })

  it('throws what a source throws', async () => {
    const image = anImage()
    const signature = await aSignature(image, await aSigner([]))
    const store = await aRepository(together(image, signature))
    const nodes: GraphNode[] = []
    for await (const node of walk(image.root, store, { ...CALL, concurrency: 2 })) nodes.push(node)
    const gone = new Error('gone')

    const work = notaryChains(
      { nodes, read: async () => Promise.reject(gone) },
      { ...CALL, concurrency: 2, onUnreadable: () => undefined },
    )

    await expect(work).rejects.toBe(gone)
  })
})

function thumbprints(certificates: readonly { readonly thumbprint: string }[] = []): readonly string[] {
  return certificates.map(({ thumbprint }) => thumbprint)
}

function anotherPayload(envelope: Uint8Array): Uint8Array {
  const json = JSON.parse(Buffer.from(envelope).toString())
  return Buffer.from(JSON.stringify({ ...json, payload: Buffer.from('{}').toString('base64url') }))
}
