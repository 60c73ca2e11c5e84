import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReviewNode } from '../../../src/import/review/review.js'
import { chosenNode, nextTree, startTree, type TreeAction, type TreeState } from '../../../src/tui/tree/tree-state.js'
import { aNode, artifactNodes } from '../../support/review-nodes.js'

const play = (state: TreeState, ...actions: readonly TreeAction[]) => actions.reduce(nextTree, state)
const ids = ({ rows, index }: TreeState) => [...rows].map((at) => index.nodes[at]?.id)
const filter = (text: string): TreeAction => ({ type: 'filter', text })

describe('a tree', () => {
  it('is open down to what failed at the start, with the cursor on the first refusal', () => {
    const state = startTree(artifactNodes(5), 10)

    expect(ids(state)).toEqual(['a0', 'a1', 'a2', 'a3', 'a3/p0', 'a3/p1', 'a3/rule', 'a4'])
    expect(chosenNode(state)?.id).toBe('a3')
  })

  it('opens a node, goes into it, and closes it from inside', () => {
    const start = startTree(artifactNodes(2), 10)

    const inside = play(start, { type: 'open' }, { type: 'open' })
    const out = play(inside, { type: 'close' }, { type: 'close' })

    expect(chosenNode(inside)?.id).toBe('a0/p0')
    expect(ids(out)).toEqual(['a0', 'a1'])
  })

  it('shows what a filter finds with all above it, and nothing else', () => {
    const state = play(startTree(artifactNodes(3), 10), filter('Vendor  JWS'))

    expect(ids(state)).toEqual(['a0', 'a0/p1', 'a0/p1/s0', 'a1', 'a1/p1', 'a1/p1/s0', 'a2', 'a2/p1', 'a2/p1/s0'])
  })

  it('opens what was found, and then shows all of it', () => {
    const state = play(startTree(artifactNodes(3), 10), filter('app-1'), { type: 'open' })

    expect(ids(state)).toEqual(['a1', 'a1/p0', 'a1/p1', 'a1/rule'])
  })

  it('keeps in sight what was found when the filter is taken away', () => {
    const state = play(startTree(artifactNodes(3), 10), filter('jws'), { type: 'last' }, filter(''))

    expect(chosenNode(state)?.id).toBe('a2/p1/s0')
    expect(ids(state)).toEqual(['a0', 'a1', 'a2', 'a2/p0', 'a2/p1', 'a2/p1/s0', 'a2/rule'])
  })

  it.each([
    ['fail', ['a3', 'a3/rule']],
    ['moved', ['a0', 'a3']],
    ['LINUX/arm app', []],
    ['é', ['b']],
  ])('finds %s among words for verdicts and changes, too', (text, expected) => {
    const nodes = [...artifactNodes(5), aNode('b', { label: 'caf\u0065\u0301' })]

    expect(ids(play(startTree(nodes, 10), filter(text)))).toEqual(expected)
  })

  it('chooses nothing where a filter finds nothing, and goes on from where it was', () => {
    const lost = play(startTree(artifactNodes(3), 10), { type: 'down' }, filter('nowhere'))

    expect(chosenNode(lost)).toBeUndefined()
    expect(chosenNode(play(lost, { type: 'open' }, { type: 'down' }, filter('')))?.id).toBe('a1')
  })

  it('stays where it was when its nodes are others with the same names', () => {
    const before = play(startTree(artifactNodes(3), 10), { type: 'down' }, { type: 'open' }, { type: 'open' })

    const after = play(before, { type: 'nodes', roots: artifactNodes(2) })

    expect(chosenNode(after)?.id).toBe('a1/p0')
  })

  it('does nothing without nodes', () => {
    const keys = ['up', 'down', 'page-down', 'last', 'open', 'close'] as const
    const state = play(startTree([], 3), ...keys.map((type) => ({ type })), filter('x'), filter(''))

    expect(chosenNode(state)).toBeUndefined()
  })

  it('opens some of many failures only', () => {
    const nodes = Array.from({ length: 5000 }, (_, at) =>
      aNode(`a${at}`, { verdict: 'fail', children: [aNode(`a${at}/x`, { verdict: 'fail' })] }),
    )

    expect(startTree(nodes, 10).rows.length).toBeLessThan(5100)
  })
})

/** The same in the plainest way: sets of identifiers, and everything drawn anew for each action. */
class NaiveTree {
  open = new Set<string>()
  opened = new Set<string>()
  filter = ''
  cursor: string | undefined
  readonly #roots: readonly ReviewNode[]

  constructor(
    roots: readonly ReviewNode[],
    { open, cursor }: { readonly open: ReadonlySet<string>; readonly cursor?: string },
  ) {
    this.#roots = roots
    this.open = new Set(open)
    this.cursor = cursor
  }

  rows(): readonly ReviewNode[] {
    const drawn = (node: ReviewNode, inHit: boolean, mustShow: boolean): readonly ReviewNode[] => {
      if (this.filter.trim() === '')
        return [node, ...(this.open.has(node.id) ? node.children.flatMap((one) => drawn(one, false, false)) : [])]
      if (!mustShow && !this.#holds(node)) return []
      const hit = inHit || this.#hits(node)
      return [node, ...node.children.flatMap((one) => drawn(one, hit, hit && this.opened.has(node.id)))]
    }
    return this.#roots.flatMap((node) => drawn(node, false, false))
  }

  act(action: TreeAction): void {
    const rows = this.rows()
    const at = rows.findIndex(({ id }) => id === this.cursor)
    const go = (to: number): void => {
      this.cursor = rows[Math.max(0, Math.min(rows.length - 1, to))]?.id ?? this.cursor
    }
    if (action.type === 'up') go(Math.max(0, at) - 1)
    if (action.type === 'down') go(Math.max(0, at) + 1)
    if (action.type === 'first') go(0)
    if (action.type === 'last') go(rows.length - 1)
  }

  #hits({ label, kind }: ReviewNode): boolean {
    const words = this.filter.toLowerCase().split(/\s+/).filter(Boolean)
    return words.every((word) => `${label} ${kind}`.toLowerCase().includes(word))
  }

  #holds(node: ReviewNode): boolean {
    return this.#hits(node) || node.children.some((one) => this.#holds(one))
  }
}

const LETTERS = fc.constantFrom('a', 'b', 'ab', 'B c', '世界')
const { node: tree } = fc.letrec<{ node: ReviewNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    LETTERS.map((label) => aNode('', { label })),
    fc
      .tuple(LETTERS, fc.array(tie('node'), { maxLength: 3 }))
      .map(([label, children]) => aNode('', { label, children })),
  ),
}))
const forest = fc
  .array(tree, { minLength: 1, maxLength: 4 })
  .map((roots) => roots.map((node, at) => named(node, `${at}`)))

function named(node: ReviewNode, id: string): ReviewNode {
  return { ...node, id, children: node.children.map((child, at) => named(child, `${id}/${at}`)) }
}

const action: fc.Arbitrary<TreeAction> = fc.oneof(
  fc.constantFrom('up', 'down', 'page-up', 'page-down', 'first', 'last', 'open', 'close').map((type) => ({ type })),
  fc.constantFrom('', 'a', 'ab', 'b', 'b a', ' ', 'artifact', '世').map((text) => ({ type: 'filter' as const, text })),
  fc.integer({ min: 1, max: 12 }).map((height) => ({ type: 'resize' as const, height })),
)

describe('any tree, after any keys', () => {
  it('shows what the plainest way of drawing it shows', () => {
    fc.assert(
      fc.property(forest, fc.array(action, { maxLength: 30 }), (roots, actions) => {
        let state = startTree(roots, 4)
        for (const one of actions) {
          const naive = naiveOf(roots, state)
          state = nextTree(state, one)
          if (['up', 'down', 'first', 'last'].includes(one.type)) {
            naive.act(one)
            if (state.rows.length > 0) expect(state.index.nodes[state.cursor]?.id).toBe(naive.cursor)
          }
          expect(ids(state)).toEqual(
            naiveOf(roots, state)
              .rows()
              .map(({ id }) => id),
          )
        }
      }),
    )
  })

  it('has the cursor on what is shown, and what is shown on the screen', () => {
    fc.assert(
      fc.property(forest, fc.array(action, { maxLength: 30 }), (roots, actions) => {
        const state = play(startTree(roots, 4), ...actions)
        const row = state.rows.indexOf(state.cursor)

        if (state.rows.length === 0) return
        expect(row).toBeGreaterThanOrEqual(state.top)
        expect(row).toBeLessThan(state.top + state.height)
        expect(state.top === 0 || state.top + state.height <= state.rows.length).toBe(true)
      }),
    )
  })
})

function naiveOf(roots: readonly ReviewNode[], state: TreeState): NaiveTree {
  const cursor = state.index.nodes[state.cursor]?.id
  const naive = new NaiveTree(roots, { open: state.open, ...(cursor === undefined ? {} : { cursor }) })
  naive.filter = state.filter
  naive.opened = new Set(state.opened)
  return naive
}
