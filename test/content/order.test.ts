import { describe, expect, it } from 'vitest'
import type { GraphNode } from '../../src/content/node.js'
import { inOrder } from '../../src/content/order.js'
import { bare, type Descriptor, describe as describeBytes } from '../../src/oci/descriptor.js'
import type { Digest } from '../../src/oci/digest.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'

interface Sketch {
  readonly children?: readonly string[]
  readonly referrers?: readonly string[]
  readonly subject?: string
}

/** A graph by names; `order` gives it back the same way. */
function graph(sketch: Readonly<Record<string, Sketch>>) {
  const nodes = new Map<Digest, GraphNode>(
    Object.entries(sketch).map(([name, one]) => [of(name).digest, nodeOf(name, one)]),
  )
  const names = new Map(Object.keys(sketch).map((name) => [of(name).digest, name]))
  return {
    order: (root: string) => [...inOrder(of(root).digest, nodes)].map(({ descriptor }) => names.get(descriptor.digest)),
  }
}

function of(name: string): Descriptor {
  return describeBytes(OCI_MANIFEST, new TextEncoder().encode(name))
}

function nodeOf(name: string, { children = [], referrers = [], subject }: Sketch): GraphNode {
  const descriptors = referrers.map(of)
  return {
    descriptor: bare(of(name)),
    role: 'index',
    children: children.map(of),
    omissions: [],
    read: {
      bytes: new Uint8Array(0),
      manifest: {
        kind: 'index',
        mediaType: OCI_MANIFEST,
        manifests: children.map(of),
        annotations: {},
        ...(subject === undefined ? {} : { subject: of(subject) }),
      },
      lookup: {
        subject: of(name).digest,
        referrers: { result: 'none' },
        tags: { result: 'none' },
        tagged: [],
        descriptors,
      },
    },
  }
}

describe('inOrder', () => {
  it('gives children in their order, then the parent, then what hangs on each', () => {
    const { order } = graph({
      index: { children: ['amd64', 'arm64'], referrers: ['sbom'] },
      amd64: {},
      arm64: { referrers: ['signature'] },
      sbom: { subject: 'index' },
      signature: { subject: 'arm64' },
    })

    const found = order('index')

    expect(found.slice(0, 3)).toEqual(['amd64', 'arm64', 'index'])
    expect(found.slice(3).sort()).toEqual(['sbom', 'signature'])
  })

  it('gives only what can be reached from the root', () => {
    const { order } = graph({ image: {}, other: { children: ['image'] } })

    expect(order('image')).toEqual(['image'])
  })

  it('gives a subject first even where the index lists its attestation before it', () => {
    const { order } = graph({
      index: { children: ['attestation', 'image'] },
      attestation: { subject: 'image' },
      image: { referrers: ['attestation'] },
    })

    expect(order('index')).toEqual(['image', 'attestation', 'index'])
  })

  it('gives an index before a referrer of its child that contains it', () => {
    const { order } = graph({
      inner: { children: ['image'] },
      image: { referrers: ['outer'] },
      outer: { children: ['inner'], subject: 'image' },
    })

    expect(order('inner')).toEqual(['image', 'inner', 'outer'])
  })

  it('leaves a subject out that hangs below nothing here', () => {
    const { order } = graph({ sbom: { subject: 'image' }, image: { referrers: ['sbom'] } })

    expect(order('sbom')).toEqual(['sbom'])
  })

  it('ends where references go in a circle', () => {
    const { order } = graph({ one: { referrers: ['two'] }, two: { referrers: ['one'] } })

    expect(order('one')).toEqual(['one', 'two'])
  })

  it('needs no stack for a chain of twenty thousand', () => {
    const length = 20_000
    const chain = Array.from({ length }, (_, at) => [String(at), { children: [String(at + 1)] }])
    const { order } = graph(Object.fromEntries([...chain, [String(length), {}]]))

    expect(order('0').at(-1)).toBe('0')
  })
})
