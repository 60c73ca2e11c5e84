import { carriedTotals } from '../../bundle/document.js'
import { artifactNode } from './artifact-node.js'
import { bundleNode } from './bundle-node.js'
import { type Reviewed, reviewContext } from './context.js'
import { removedNodes } from './removed-nodes.js'
import type { Review } from './review.js'

/**
 * Everything that is known of a bundle as a tree for people: of a verification alone, or with what is decided and what the
 * target has. Judges nothing itself, and asks nobody. Pure.
 */
export function reviewOf(given: Reviewed): Review {
  const { verification, decision } = given
  const { document } = verification.bundle
  const context = reviewContext(given)
  return {
    bundle: bundleNode(verification, given.now),
    artifacts: document.roots.map((root, at) => artifactNode(root, at, context)),
    removed: removedNodes(context),
    size: carriedTotals(document).bytes,
    admitted:
      decision === undefined
        ? verification.verified !== undefined
        : decision.rulings.some(({ kind }) => kind === 'admit'),
  }
}
