import type { Digest } from '../oci/digest.js'
import type { GraphNode } from './node.js'

/** What walks have seen, so that roots of one repository ask nothing twice. */
export class KnownNodes {
  readonly #byView = new Map<string, Map<Digest, GraphNode>>()

  /** With other platforms an index has other children: what an earlier root kept of it says nothing about this one. */
  of(root: { readonly repository: string; readonly platforms?: readonly string[] }): Map<Digest, GraphNode> {
    const view = `${root.repository} ${root.platforms?.join() ?? ''}`
    const nodes = this.#byView.get(view) ?? new Map<Digest, GraphNode>()
    this.#byView.set(view, nodes)
    return nodes
  }
}
