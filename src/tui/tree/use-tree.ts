import { useRef, useState } from 'react'
import type { ReviewNode } from '../../import/review/review.js'
import { nextTree, startTree, type TreeAction, type TreeState } from './tree-state.js'

export interface KeptTree {
  /** what is drawn */
  readonly state: TreeState
  /** how it is after every key so far: several can come before the next picture */
  readonly now: () => TreeState
  readonly act: (action: TreeAction) => void
}

/** A tree that goes along with its nodes and with the size of the screen. */
export function useTree(roots: readonly ReviewNode[], height: number): KeptTree {
  const kept = useRef<TreeState>(undefined)
  const [, redraw] = useState(0)
  const before = kept.current ?? startTree(roots, height)
  const state = nextTree(nextTree(before, { type: 'nodes', roots }), { type: 'resize', height })
  kept.current = state
  return {
    state,
    now: () => kept.current ?? state,
    act(action) {
      const next = nextTree(kept.current ?? state, action)
      if (next === kept.current) return
      kept.current = next
      redraw((count) => count + 1)
    },
  }
}
