import type { ReviewNode } from '../../src/import/review/review.js'

/** A node of a review that says nothing but what a test gives. */
export function aNode(id: string, given: Partial<ReviewNode> = {}): ReviewNode {
  return { id, kind: 'artifact', label: id, verdict: 'note', details: [], children: [], ...given }
}

/** A chain and platforms as a release has them, so many times: what a tree is for. */
export function artifactNodes(count: number): readonly ReviewNode[] {
  return Array.from({ length: count }, (_, at) =>
    aNode(`a${at}`, {
      label: `registry.example/team/app-${at}:1.0`,
      verdict: at % 7 === 3 ? 'fail' : 'pass',
      change: at % 3 === 0 ? 'moved' : 'new',
      size: at * 1_000_000,
      children: [
        aNode(`a${at}/p0`, { kind: 'platform', label: 'linux/amd64', size: 1_000 }),
        aNode(`a${at}/p1`, {
          kind: 'platform',
          label: 'linux/arm/v7',
          children: [
            aNode(`a${at}/p1/s0`, { kind: 'signature', label: 'jws signature by CN=Vendor', verdict: 'pass' }),
          ],
        }),
        aNode(`a${at}/rule`, {
          kind: 'rule',
          label: 'signatures, 1 of vendor',
          verdict: at % 7 === 3 ? 'fail' : 'pass',
          details: [['found', 'it wants vendor']],
        }),
      ],
    }),
  )
}
