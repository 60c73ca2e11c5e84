import type { Mistake } from './mistake.js'
import { at, type PolicyNode } from './yaml-tree.js'

/** A path into a policy: `['artifacts', 0, 'from']`. */
export type PolicyPath = readonly (string | number)[]

/** Where mistakes are written down, each with its place in the file. */
export class Notes {
  readonly mistakes: Mistake[] = []
  readonly #tree: PolicyNode

  constructor(tree: PolicyNode) {
    this.#tree = tree
  }

  /** A mistake in the value there. */
  value(path: PolicyPath, what: Pick<Mistake, 'expected' | 'found' | 'next'>): void {
    const { offset, member } = at(this.#tree, path)
    this.mistakes.push({ offset, member, ...what })
  }

  /** A mistake in the name of the member there, or in its being there at all. */
  key(path: PolicyPath, what: Pick<Mistake, 'expected' | 'found' | 'next'>): void {
    const { key, member } = at(this.#tree, path)
    this.mistakes.push({ offset: key, member, ...what })
  }

  /** The line of a value, from 1, in this text. */
  line(path: PolicyPath, text: string): number {
    return text.slice(0, at(this.#tree, path).offset).split('\n').length
  }

  /** Each text once. */
  once(texts: readonly string[], path: PolicyPath): void {
    const seen = new Set<string>()
    for (const [index, text] of texts.entries()) {
      if (seen.has(text))
        this.value([...path, index], { expected: 'each once', found: JSON.stringify(text), next: 'remove one of them' })
      seen.add(text)
    }
  }
}
