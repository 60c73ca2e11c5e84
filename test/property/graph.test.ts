import fc from 'fast-check'
import { expect, it } from 'vitest'
import { walk } from '../../src/content/graph.js'
import type { GraphNode } from '../../src/content/node.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import type { Digest } from '../../src/oci/digest.js'
import { anArtifact, anImage, anIndex, type Built } from '../support/build.js'
import { aRepository } from '../support/bundles.js'
import { CALL } from '../support/tmp.js'

/** How one more thing is put onto the things that are there: by their place among them, counted from the last. */
type Step =
  | { readonly kind: 'image' }
  | { readonly kind: 'index'; readonly of: readonly number[] }
  | { readonly kind: 'referrer'; readonly to: number }
  | { readonly kind: 'tag'; readonly on: number; readonly names: number; readonly suffix: 'sig' | 'att' }

const place = fc.nat({ max: 30 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('image' as const) }),
  fc.record({ kind: fc.constant('index' as const), of: fc.array(place, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('referrer' as const), to: place }),
  fc.record({ kind: fc.constant('tag' as const), on: place, names: place, suffix: fc.constantFrom('sig', 'att') }),
)

/** A repository with everything that the steps make, and the last thing as a root. Tags may make circles. */
async function build(steps: readonly Step[]) {
  const things: Built[] = [anImage({ size: 10, seed: 'first' })]
  const tags: (readonly [string, Descriptor])[] = []
  const pick = (at: number): Built => things[things.length - 1 - (at % things.length)] as Built
  for (const [at, one] of steps.entries()) {
    if (one.kind === 'image') things.push(anImage({ size: 10, seed: String(at) }))
    if (one.kind === 'index') things.push(anIndex(one.of.map(pick), { at: String(at) }))
    if (one.kind === 'referrer') things.push(anArtifact({ subject: pick(one.to), bytes: String(at) }))
    if (one.kind === 'tag') {
      tags.push([`sha256-${pick(one.on).root.digest.slice(7)}.${one.suffix}`, pick(one.names).root])
    }
  }
  const store = await aRepository(...things)
  for (const [tag, descriptor] of tags) await store.tag(descriptor, tag, CALL)
  return { store, root: (things.at(-1) as Built).root }
}

async function nodesOf(steps: readonly Step[], concurrency: number): Promise<readonly GraphNode[]> {
  const { store, root } = await build(steps)
  const nodes: GraphNode[] = []
  for await (const node of walk(root, store, { ...CALL, concurrency })) nodes.push(node)
  return nodes
}

it('visits each digest once, with everything that its bytes name before it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const nodes = await nodesOf(steps, 4)

      const at = new Map<Digest, number>(nodes.map(({ descriptor }, place) => [descriptor.digest, place]))
      expect(at.size).toBe(nodes.length)
      for (const [place, { children, read }] of nodes.entries()) {
        for (const child of children) expect(at.get(child.digest)).toBeLessThan(place)
        const subject = read?.manifest.subject
        if (subject !== undefined && at.has(subject.digest)) expect(at.get(subject.digest)).toBeLessThan(place)
        for (const one of read?.lookup.descriptors ?? []) expect(at.has(one.digest)).toBe(true)
      }
    }),
    { numRuns: 60 },
  )
})

it('finds the same in the same order, whoever answers first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const [one, many] = await Promise.all([nodesOf(steps, 1), nodesOf(steps, 16)])

      const facts = (nodes: readonly GraphNode[]) => nodes.map(({ descriptor, role }) => ({ ...descriptor, role }))
      expect(facts(many)).toEqual(facts(one))
    }),
    { numRuns: 40 },
  )
})
