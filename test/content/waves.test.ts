import { describe, expect, it } from 'vitest'
import { walk } from '../../src/content/graph.js'
import type { GraphNode } from '../../src/content/node.js'
import { wavesOf } from '../../src/content/waves.js'
import { anArtifact, anImage, anIndex, type Built, together } from '../support/build.js'
import { aRelease, aRepository } from '../support/bundles.js'
import { CALL } from '../support/tmp.js'

async function nodesOf(...roots: readonly Built[]): Promise<readonly GraphNode[]> {
  const store = await aRepository(...roots)
  const nodes: GraphNode[] = []
  for (const { root } of roots) {
    for await (const node of walk(root, store, { ...CALL, concurrency: 2 })) nodes.push(node)
  }
  return nodes
}

/** What must come before a node is in an earlier wave than it, and nothing is left out. */
function expectOrder(nodes: readonly GraphNode[]): void {
  const waves = wavesOf(nodes)
  const at = ({ digest }: GraphNode['descriptor']) => waves.get(digest) ?? Number.NaN
  for (const { descriptor, children, read } of nodes) {
    expect(at(descriptor)).toBeGreaterThanOrEqual(read === undefined ? 0 : 1)
    for (const child of children) expect(at(child)).toBeLessThan(at(descriptor))
    const subject = read?.manifest.subject
    if (subject !== undefined && waves.has(subject.digest)) expect(at(subject)).toBeLessThan(at(descriptor))
  }
}

describe('wavesOf', () => {
  it('puts parts before what needs them and subjects before what refers to them', async () => {
    expectOrder(await nodesOf(aRelease().all))
  })

  it('says the same whatever the order of the nodes', async () => {
    const nodes = await nodesOf(aRelease().all)

    const [one, other] = [wavesOf(nodes), wavesOf(nodes.toReversed())]

    expect([...one].sort()).toEqual([...other].sort())
  })

  it('lets a part wait for its subject no longer than its parent waits for it', async () => {
    const deep = anIndex([anIndex([anIndex([anImage()])])])
    const shallow = anIndex([anArtifact({ subject: deep })])

    expectOrder(await nodesOf(shallow, deep))
  })

  it('does not wait for a subject that is not here', async () => {
    const sbom = anArtifact({ subject: anImage() })

    const waves = wavesOf(await nodesOf(sbom))

    expect(waves.get(sbom.root.digest)).toBe(1)
  })

  it('puts everything that can go at the same time into one wave', async () => {
    const index = anIndex(Array.from({ length: 5 }, (_, at) => anImage({ seed: String(at) })))

    const waves = wavesOf(await nodesOf(together(index)))

    expect(new Set(waves.values())).toEqual(new Set([0, 1, 2]))
  })
})
