import type { FolderEntry } from '../means.js'

/** What a list of files shows of a folder: first what is looked for, then the way up and the folders, then the rest. Pure. */
export function inOrder(
  entries: readonly FolderEntry[],
  { folder, kinds }: { readonly folder: string; readonly kinds: readonly FolderEntry['kind'][] },
): readonly FolderEntry[] {
  const rank = ({ kind }: FolderEntry): number => (kinds.includes(kind) ? 0 : kind === 'folder' ? 2 : 3)
  const sorted = entries
    .filter(({ name }) => name !== '..' && name !== '.')
    .toSorted((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1))
  const above = folderAbove(folder)
  if (above === undefined) return sorted
  const up: FolderEntry = { name: '..', path: above, kind: 'folder', size: 0 }
  const wanted = sorted.filter((entry) => rank(entry) === 0)
  return [...wanted, up, ...sorted.slice(wanted.length)]
}

/** The folder of which this one is a part; undefined for the root. */
export function folderAbove(folder: string): string | undefined {
  const whole = folder.replace(/[\\/]+$/, '')
  const cut = Math.max(whole.lastIndexOf('/'), whole.lastIndexOf('\\'))
  if (cut < 0) return undefined
  return cut === 0 || /^[A-Za-z]:$/.test(whole.slice(0, cut)) ? whole.slice(0, cut + 1) : whole.slice(0, cut)
}
