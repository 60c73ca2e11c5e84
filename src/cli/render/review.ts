import { amount } from '../../encoding/amount.js'
import type { Review, ReviewNode } from '../../import/review/review.js'
import { CHANGES, VERDICTS } from '../../tui/theme.js'

/** A review as lines: what the screens show as a tree, with all that is known of each node, for whoever has no terminal. */
export function reviewLines({ bundle, artifacts, removed }: Review): string[] {
  const lines: string[] = []
  const open = [bundle, ...artifacts, ...removed].toReversed().map((node) => ({ node, indent: '' }))
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { node, indent } = one
    lines.push(nodeLine(node, indent), ...factLines(node, `${indent}    `))
    for (const child of node.children.toReversed()) open.push({ node: child, indent: `${indent}  ` })
  }
  return lines
}

/** Foreign words come last: nothing that somebody calls himself stands where a verdict does. */
function nodeLine({ kind, label, verdict, change, size }: ReviewNode, indent: string): string {
  const words = [kind, change === undefined ? '' : CHANGES[change].word, size === undefined ? '' : amount(size)]
  const said = words.filter((one) => one !== '').join(', ')
  return `${indent}${(VERDICTS[verdict].word || '-').padEnd(6)} ${said}: ${label}`
}

/** What the line above does not say already. */
function factLines({ label, details }: ReviewNode, indent: string): string[] {
  return details.flatMap(([name, fact]) => (label.includes(fact) ? [] : [`${indent}- ${name}: ${fact}`]))
}
