import { type BundleDocument, rootName } from '../../bundle/document.js'
import type { ErrorCode } from '../../errors.js'
import type { ImporterState, StreamState } from '../memory/state.js'

/** Why a bundle is refused, or what is worth saying although it is not. */
export interface Finding {
  readonly code?: ErrorCode
  readonly detail: string
}

interface Move {
  readonly name: string
  readonly stream: string
  /** the bundle was made before the one that said what the name means now */
  readonly older: boolean
}

/**
 * Names that other streams have given a meaning. Numbers of two streams cannot be compared, times can: a bundle of one
 * stream that was held back must not take away what a later one of another stream has brought (mix and match). A bundle
 * without a stream is let in, and said.
 */
export function movedNames(
  document: BundleDocument,
  { state, known }: { readonly state: ImporterState; readonly known: StreamState | undefined },
): Finding[] {
  const others = [...state.values()].filter((one) => one !== known)
  const moves = document.roots.flatMap((root): Move[] => {
    if (root.tag === undefined) return []
    const name = rootName(root)
    const newest = others
      .flatMap(({ stream, floors }) => {
        const floor = floors.get(name)
        return floor === undefined ? [] : [{ stream, ...floor }]
      })
      .reduce<{ readonly stream: string; readonly digest: string; readonly createdAt: string } | undefined>(
        (one, other) => (one === undefined || other.createdAt > one.createdAt ? other : one),
        undefined,
      )
    const { digest } = root.descriptor
    if (newest === undefined || newest.digest === digest || known?.floors.get(name)?.digest === digest) return []
    return [{ name, stream: newest.stream, older: document.createdAt < newest.createdAt }]
  })
  const older = moves.filter((move) => move.older)
  const [first] = older.length > 0 ? older : moves
  if (first === undefined) return []
  const count = older.length > 0 ? older.length : moves.length
  const what = `${first.name}${count === 1 ? '' : ` and ${count - 1} more`} would mean something else than in the stream ${first.stream}`
  if (older.length === 0) return [{ detail: what }]
  const detail = `${what}, whose bundle is newer`
  return [document.stream === undefined ? { detail } : { code: 'ERR_ROLLBACK', detail }]
}
