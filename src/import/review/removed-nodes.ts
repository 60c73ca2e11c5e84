import { type Root, rootName } from '../../bundle/document.js'
import { formatPlatform } from '../../oci/platform.js'
import { changesOf } from '../memory/state.js'
import type { FormerContent } from '../target/former-content.js'
import type { RootClosure } from '../verification.js'
import { mayDraw, type ReviewContext } from './context.js'
import { fact, label } from './facts.js'
import type { ReviewNode } from './review.js'

const STAYS = 'it stays where it is: an import deletes nothing'

/** What the target or an earlier bundle of the stream had, and this one has no longer. */
export function removedNodes(context: ReviewContext): readonly ReviewNode[] {
  return [...goneNames(context), ...gonePlatforms(context)]
}

/** Names that the last bundle of the stream had. */
function goneNames({ verification, remembered }: ReviewContext): readonly ReviewNode[] {
  const { stream, roots } = verification.bundle.document
  const known = stream === undefined ? undefined : remembered?.get(stream)
  if (known === undefined) return []
  const names = roots.flatMap((root) =>
    root.tag === undefined ? [] : [{ name: rootName(root), digest: root.descriptor.digest }],
  )
  return changesOf(names, known).gone.map((name, at) => ({
    id: `gone/n${at}`,
    kind: 'removed',
    label: label(name),
    verdict: 'note',
    change: 'removed',
    details: [
      ...fact('name', name),
      ...fact('meant', known.floors.get(name)?.digest),
      ...fact('last in', `number ${known.floors.get(name)?.sequence ?? ''} of the stream ${known.stream}`),
      ...fact('at the target', STAYS),
    ],
    children: [],
  }))
}

/** Platforms of what a name meant, of which the new meaning has none. */
function gonePlatforms({ changes, closures, former, budget }: ReviewContext): readonly ReviewNode[] {
  const gone: ReviewNode[] = []
  for (const [root, content] of former ?? []) {
    const change = changes.get(root)
    const closure = closures.get(root)
    if (change?.change !== 'moved' || closure === undefined) continue
    const kept = platformsOf(root, closure)
    for (const one of content.platforms) {
      if (kept.has(one.platform)) continue
      if (!mayDraw({ budget })) return gone
      gone.push(goneNode(`gone/p${gone.length}`, change.target, one))
    }
  }
  return gone
}

function goneNode(id: string, target: string, one: FormerContent['platforms'][number]): ReviewNode {
  return {
    id,
    kind: 'removed',
    label: label(`${one.platform} of ${target}`),
    verdict: 'note',
    change: 'removed',
    details: [
      ...fact('name', target),
      ...fact('platform', one.platform),
      ...fact('digest', one.digest),
      ...fact('at the target', `the name no longer leads to it; ${STAYS}`),
    ],
    children: [],
  }
}

function platformsOf(root: Root, { manifests }: RootClosure): ReadonlySet<string> {
  const found = new Set<string>()
  const seen = new Set<string>([root.descriptor.digest])
  const open = [root.descriptor.digest]
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    const manifest = manifests.get(digest)
    if (manifest?.kind !== 'index') continue
    for (const { platform, digest: below } of manifest.children) {
      if (platform !== undefined) found.add(formatPlatform(platform))
      if (seen.has(below)) continue
      seen.add(below)
      open.push(below)
    }
  }
  return found
}
