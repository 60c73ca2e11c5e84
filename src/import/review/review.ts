import type { Digest } from '../../oci/digest.js'

/** What is said of one thing in a review; `note` is said of what is no judgement. */
export type ReviewVerdict = 'pass' | 'fail' | 'logged' | 'note'

/** What becomes of a thing at the target. `removed` is there, and no longer in the bundle; nothing is ever deleted. */
export type ReviewChange = 'new' | 'same' | 'moved' | 'removed'

export type ReviewKind =
  | 'bundle'
  | 'check'
  | 'artifact'
  | 'platform'
  | 'signature'
  | 'certificate'
  | 'document'
  | 'content'
  | 'rule'
  | 'removed'

/**
 * One line of a review, and what is below it: artifact → platforms → signatures → chain → documents → verdict. Every text
 * in it has been through `printable`: a screen can show it as it is.
 */
export interface ReviewNode {
  /** stays the same for the same bundle: the path of what is above it */
  readonly id: string
  readonly kind: ReviewKind
  /** one line */
  readonly label: string
  readonly verdict: ReviewVerdict
  readonly change?: ReviewChange
  /** bytes, with everything below it that is counted once */
  readonly size?: number
  /** all that is known, line by line: names of facts and facts */
  readonly details: readonly (readonly [name: string, fact: string])[]
  readonly children: readonly ReviewNode[]
  /** what can be read as a text: an SBOM, the waybill, an envelope's payload */
  readonly document?: { readonly digest: Digest; readonly mediaType: string; readonly size: number }
  /** Of an artifact: its number among the bundle's roots, from 0. A person refuses roots, and nothing else. */
  readonly root?: number
}

/** A whole bundle, as far as somebody has looked at it. Made by pure functions from what the use cases found. */
export interface Review {
  /** the checks of the bundle as a whole, and who signed it */
  readonly bundle: ReviewNode
  /** one for each root, in the bundle's order */
  readonly artifacts: readonly ReviewNode[]
  /** what the target has under this release's names, or an earlier release of the stream had, and this one has not */
  readonly removed: readonly ReviewNode[]
  /** bytes that the bundle carries */
  readonly size: number
  /** whether anything can be loaded at all; a person can only take away from it */
  readonly admitted: boolean
}

/** What a person decided: roots by number, each with the reason. */
export type Refusals = ReadonlyMap<number, string>
