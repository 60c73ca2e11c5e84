import { amount } from '../../../encoding/amount.js'
import { counted } from '../../../encoding/counted.js'
import { printable } from '../../../encoding/printable.js'
import type { Refusals, Review, ReviewNode } from '../../../import/review/review.js'
import { LIMITS } from '../../../limits.js'

/** How a review stands, with what the person has said so far. */
export interface ReviewCounts {
  /** roots that will be loaded */
  readonly admitted: number
  readonly refusedByPolicy: number
  readonly refusedByYou: number
  readonly added: number
  readonly moved: number
  readonly same: number
  readonly removed: number
  /** bytes of what will be loaded: at most, where artifacts share content */
  readonly bytes: number
}

/** Counts roots. What the policy refuses is not refused by a person as well. Pure. */
export function countsOf({ artifacts, removed, size }: Review, refusals: Refusals): ReviewCounts {
  const loaded = artifacts.filter(({ verdict, root }) => verdict !== 'fail' && !refusals.has(root ?? -1))
  const refusedByPolicy = artifacts.filter(isRefused).length
  const changed = (change: ReviewNode['change']): number => loaded.filter((one) => one.change === change).length
  return {
    admitted: loaded.length,
    refusedByPolicy,
    refusedByYou: artifacts.length - refusedByPolicy - loaded.length,
    added: changed('new'),
    moved: changed('moved'),
    same: changed('same'),
    removed: removed.length,
    bytes: Math.min(
      size,
      loaded.reduce((sum, one) => sum + (one.size ?? 0), 0),
    ),
  }
}

/** Refused whatever a person says. */
export function isRefused({ verdict }: ReviewNode): boolean {
  return verdict === 'fail'
}

/** The same as short facts, those that are nought left out but for what is admitted. */
export function countWords(counts: ReviewCounts): readonly string[] {
  const { bytes, admitted, refusedByPolicy, refusedByYou, added, moved, same, removed } = counts
  const some = (count: number, word: string): readonly string[] => (count === 0 ? [] : [`${count} ${word}`])
  return [
    `${admitted} admitted`,
    ...some(refusedByPolicy, 'refused by policy'),
    ...some(refusedByYou, 'refused by you'),
    amount(bytes),
    ...some(added, 'new'),
    ...some(moved, 'moved'),
    ...some(same, 'the same'),
    ...some(removed, 'removed'),
  ]
}

/** The artifact of which a node is a part: what a person refuses is never less than a whole one. */
export function artifactOf({ artifacts }: Review, id: string): ReviewNode | undefined {
  return artifacts.find((one) => one.id === id || id.startsWith(`${one.id}/`))
}

/** What loading will do, where that is more than adding; empty where nobody needs to be asked. */
export function loadQuestion(counts: ReviewCounts): readonly string[] {
  const { admitted, refusedByPolicy, refusedByYou, moved } = counts
  if (moved === 0 && refusedByPolicy === 0 && refusedByYou === 0) return []
  return [
    admitted === 0 ? 'Load nothing?' : `Load ${counted(admitted, 'artifact')}?`,
    ...(moved === 0 ? [] : [`${counted(moved, 'name')} at the target will mean something else than now.`]),
    ...(refusedByPolicy === 0 ? [] : [`${counted(refusedByPolicy, 'artifact')} refused by the policy: not loaded.`]),
    ...(refusedByYou === 0
      ? []
      : [`${counted(refusedByYou, 'artifact')} refused by you: not loaded, and a receipt says why.`]),
  ]
}

/** Why nothing is admitted, the first reasons first: printable. */
export function reasons({ bundle, artifacts: all }: Review): readonly string[] {
  const failed = (node: ReviewNode): readonly ReviewNode[] => [
    ...(node.verdict === 'fail' && node.kind === 'check' ? [node] : []),
    ...node.children.flatMap(failed),
  ]
  const checks = failed(bundle).map(({ label }) => label)
  if (checks.length > 0) return checks
  const because = all.flatMap(({ details }) => details.filter(([name]) => name === 'because').map(([, fact]) => fact))
  return [...new Set(because)]
}

/** The lines of the tree: what was said of the whole first, and what a person refuses says so, with the reason. Pure. */
export function shownNodes({ bundle, artifacts, removed }: Review, refusals: Refusals): readonly ReviewNode[] {
  return [bundle, ...artifacts.map((one) => withRefusal(one, refusals)), ...removed]
}

function withRefusal(node: ReviewNode, refusals: Refusals): ReviewNode {
  const reason = refusals.get(node.root ?? -1)
  if (reason === undefined || isRefused(node)) return node
  const said = `refused by you: ${printable(reason, LIMITS.reviewReasonLength)}`
  const details = [['verdict', said] as const]
  const line: ReviewNode = { id: `${node.id}/you`, kind: 'rule', label: said, verdict: 'note', details, children: [] }
  // What the policy says of it stays to be read, under a name that is no verdict any more.
  const before = node.details.map(([name, fact]) => [name === 'verdict' ? 'by the policy' : name, fact] as const)
  return { ...node, details: [...details, ...before], children: [line, ...node.children] }
}
