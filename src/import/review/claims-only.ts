import { fact, label } from './facts.js'
import type { Review, ReviewNode } from './review.js'

/** What failed stands first: a person reads the reason before everything else. Pure. */
export function failuresFirst(review: Review): Review {
  const { bundle } = review
  const failed = ({ verdict }: ReviewNode): number => (verdict === 'fail' ? 0 : 1)
  return { ...review, bundle: { ...bundle, children: bundle.children.toSorted((a, b) => failed(a) - failed(b)) } }
}

/**
 * A review of what nobody who is trusted has signed: everybody could have written its names and places. It says so on the
 * bundle and on every artifact, and nothing below an artifact has passed. Pure.
 */
export function claimsOnly(review: Review): Review {
  const { bundle, artifacts } = review
  return {
    ...review,
    bundle: claimed({ ...bundle, verdict: 'fail' }),
    artifacts: artifacts.map((one) => claimed(unproven(one))),
    admitted: false,
  }
}

/** The words without which nothing of it may be read. */
export function claimed(node: ReviewNode): ReviewNode {
  return {
    ...node,
    label: label(`CLAIMS ONLY: ${node.label}`),
    details: [
      ...fact('CLAIMS ONLY', 'nobody who is trusted has signed this; anybody can have written it'),
      ...node.details,
    ],
  }
}

/** Nothing in it is ever shown as passed. */
export function unproven(node: ReviewNode): ReviewNode {
  const { verdict, children } = node
  const said = verdict === 'pass' || verdict === 'logged' ? 'note' : verdict
  return { ...node, verdict: said, children: children.map(unproven) }
}
