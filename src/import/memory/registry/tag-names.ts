import { LIMITS } from '../../../limits.js'
import { type Digest, digestOf } from '../../../oci/digest.js'

/** What the tag of a snapshot says: of which stream, after how many lines, and how its last line hashes. */
export interface SnapshotName {
  readonly tag: string
  /** stands for the stream's name, which may be too long or have other characters than a tag */
  readonly key: string
  readonly lines: number
  /** the first digits of the hash of the last line */
  readonly head: string
}

const HEAD_DIGITS = 16
const NAME = /^state-([0-9a-f]{24})-([0-9]{9})-([0-9a-f]{16})$/

/** What stands for a stream in tags. */
export function streamKey(stream: string): string {
  return digestOf(Buffer.from(stream)).slice('sha256:'.length).slice(0, 24)
}

/** The tag of a snapshot: one that is never moved, since it says what it is a tag of. */
export function snapshotTag(stream: string, log: { readonly lines: number; readonly head: Digest }): string {
  return `state-${streamKey(stream)}-${String(log.lines).padStart(9, '0')}-${headDigits(log.head)}`
}

/** How a tag shows the hash of a line. */
export function headDigits(head: Digest): string {
  return head.slice(head.indexOf(':') + 1).slice(0, HEAD_DIGITS)
}

/** The tag that keeps the signature of a snapshot, which is there before its own. */
export function signatureTag(snapshot: string): string {
  return `sig-${snapshot}`
}

/** A signature of a stream's first line, and a list of signatures where a registry has no Referrers API for them. */
const OF_BEGINNING = /^(?:sig-state-[0-9a-f]{24}-000000001-[0-9a-f]{16}|sha256-[0-9a-f]{64})$/

/** Whether an import can have left this tag that was killed before its first snapshot had its own. */
export function isOfBeginning(tag: string): boolean {
  return OF_BEGINNING.test(tag)
}

/** The snapshots among the tags of a repository. */
export function snapshotsIn(tags: readonly string[]): readonly SnapshotName[] {
  return tags.flatMap((tag) => {
    const [, key, lines, head] = NAME.exec(tag) ?? []
    if (key === undefined || lines === undefined || head === undefined) return []
    return Number(lines) > 0 && Number(lines) <= LIMITS.stateLines ? [{ tag, key, lines: Number(lines), head }] : []
  })
}
