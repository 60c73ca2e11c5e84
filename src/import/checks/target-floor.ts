import { type BundleDocument, type Root, rootName } from '../../bundle/document.js'
import type { FormerMeaning } from '../journal/planned-name.js'
import type { Floor, ImporterState } from '../memory/state.js'

/**
 * Whether what a name means at the target is newer than the bundle, by what this importer remembers: why, or undefined.
 * Content that nobody remembers is neither older nor newer. It catches what the bundle's own stream cannot: a bundle
 * without a stream that takes back a name which a stream has given.
 */
export function newerAtTarget(
  root: Root,
  was: FormerMeaning,
  { document, state }: { readonly document: BundleDocument; readonly state: ImporterState },
): string | undefined {
  const name = rootName(root)
  for (const { stream, floors } of state.values()) {
    const floor = floors.get(name)
    if (floor?.digest === was && isNewer(floor, stream, document))
      return `it has that from number ${floor.sequence} of ${stream}, which is newer than this bundle`
  }
  return undefined
}

function isNewer(floor: Floor, stream: string, { stream: own, sequence, createdAt }: BundleDocument): boolean {
  return own === stream ? floor.sequence > (sequence ?? 0) : floor.createdAt > createdAt
}
