import { describe, expect, test } from 'vitest'
import type { Review } from '../../../src/import/review/review.js'
import {
  artifactOf,
  countsOf,
  countWords,
  loadQuestion,
  reasons,
  shownNodes,
} from '../../../src/tui/screens/import/review-model.js'
import { aNode } from '../../support/review-nodes.js'

const ARTIFACTS = [
  aNode('a1', { root: 0, change: 'new', size: 4 }),
  aNode('a10', { root: 1, change: 'moved', size: 5, children: [aNode('a10/p0')] }),
  aNode('a11', { root: 2, verdict: 'fail', details: [['because', 'no signature']] }),
  aNode('a12', { root: 3, verdict: 'logged', change: 'same', size: 3 }),
]
const REVIEW: Review = {
  bundle: aNode('bundle', { kind: 'bundle' }),
  artifacts: ARTIFACTS,
  removed: [aNode('r0', { kind: 'removed' })],
  size: 10,
  admitted: true,
}

describe('how a review stands', () => {
  test('counts what is loaded, and who refuses the rest', () => {
    const counts = countsOf(
      REVIEW,
      new Map([
        [1, 'no'],
        [2, 'refused by the policy anyway'],
      ]),
    )

    expect(countWords(counts)).toEqual([
      '2 admitted',
      '1 refused by policy',
      '1 refused by you',
      '7 bytes',
      '1 new',
      '1 the same',
      '1 removed',
    ])
    expect(loadQuestion(counts)).toEqual([
      'Load 2 artifacts?',
      '1 artifact refused by the policy: not loaded.',
      '1 artifact refused by you: not loaded, and a receipt says why.',
    ])
  })

  test('asks nothing where all of it is new', () => {
    expect(loadQuestion(countsOf({ ...REVIEW, artifacts: ARTIFACTS.slice(0, 1) }, new Map()))).toEqual([])
  })

  test('knows the artifact above a line, also where ids begin alike', () => {
    expect(artifactOf(REVIEW, 'a10/p0')?.root).toBe(1)
    expect(artifactOf(REVIEW, 'a1')?.root).toBe(0)
    expect(artifactOf(REVIEW, 'bundle')).toBeUndefined()
    expect(artifactOf(REVIEW, 'r0')).toBeUndefined()
  })

  test('says a refusal and its reason at the artifact, harmless on a terminal, and not what the policy refuses', () => {
    const nodes = shownNodes(
      REVIEW,
      new Map([
        [0, 'no\u001b[2J'],
        [2, 'too'],
      ]),
    )

    expect(nodes[1]?.children[0]?.label).toBe('refused by you: no\\u{1b}[2J')
    expect(nodes[3]).toBe(ARTIFACTS[2])
    expect(nodes).toHaveLength(6)
  })

  test('has the failed checks of the bundle for reasons, else those of the artifacts', () => {
    const check = aNode('bundle/c0', { kind: 'check', verdict: 'fail', label: 'signature: none' })
    const bundle = aNode('bundle', { children: [check] })

    expect(reasons({ ...REVIEW, bundle })).toEqual(['signature: none'])
    expect(reasons(REVIEW)).toEqual(['no signature'])
  })
})
