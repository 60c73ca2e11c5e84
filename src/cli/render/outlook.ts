import { rootName } from '../../bundle/document.js'
import type { ImportResult } from '../../import/run.js'
import type { Look } from '../../import/target/look.js'
import type { LateName } from '../../import/target/roll-forward.js'

type Found = Pick<ImportResult, 'outlook' | 'late' | 'decision'>

/** What was found at the target, and done about it, for `--json`. */
export function outlookOutput(found: Found) {
  const { outlook } = found
  if (outlook === undefined) return {}
  const { look, nothingToDo } = outlook
  const moved = movedTags(look)
  return {
    targets: look.roots.map(({ root, target, change, was }) => ({
      source: rootName(root),
      target,
      digest: root.descriptor.digest,
      change,
      ...(was === undefined ? {} : { was }),
    })),
    ...(moved.length === 0 ? {} : { movedTags: moved }),
    ...(isRefused(found) ? {} : { nothingToDo, ...earlierOutput(found, outlook) }),
  }
}

function earlierOutput({ late }: Found, outlook: NonNullable<Found['outlook']>) {
  const { goesOn, abandons } = outlook
  const finished = outlook.late && {
    waybill: outlook.late.waybill,
    names: (late ?? outlook.late.names).map(lateOutput),
  }
  return {
    ...(goesOn ? { resumed: true as const } : {}),
    ...(finished === undefined ? {} : { finished }),
    ...(abandons === undefined ? {} : { abandoned: abandons }),
  }
}

/** Where all was refused nothing was done about what an earlier import has left, either. */
function isRefused({ decision }: Found): boolean {
  return decision.rulings.every(({ kind }) => kind === 'refuse')
}

/** Tags of what hangs on roots, such as cosign's: signatures of others that were there may lose their name. */
function movedTags({ toSet }: Look) {
  return toSet.flatMap(({ root, repository, tag, descriptor, was }) =>
    root || was === undefined ? [] : [{ name: `${repository}:${tag}`, digest: descriptor.digest, was }],
  )
}

function lateOutput({ name, action }: LateName) {
  const { repository, tag, descriptor } = name
  return { name: `${repository}:${tag}`, digest: descriptor.digest, action }
}

/** The same in lines: what moves, and what an earlier import had left. */
export function outlookLines(found: Found): string[] {
  const { outlook, late } = found
  // Nothing moves where all of it is refused.
  if (outlook === undefined || isRefused(found)) return []
  const { look, goesOn, abandons } = outlook
  const lines = look.roots.flatMap(({ target, change, was, root }) =>
    change === 'moved' ? [`${target} moves from ${was ?? ''} to ${root.descriptor.digest}`] : [],
  )
  lines.push(...movedTags(look).map(({ name, digest, was }) => `${name} moves from ${was} to ${digest}`))
  if (goesOn) lines.push('an earlier run of this import was interrupted: it goes on')
  if (abandons !== undefined) lines.push(`an earlier import, of ${abandons}, had set no name: it is given up`)
  if (outlook.late !== undefined) lines.push(...lateLines(outlook.late.waybill, late ?? outlook.late.names))
  return lines
}

function lateLines(waybill: string, names: readonly LateName[]): string[] {
  const left = names.filter(({ action }) => action === 'left')
  const set = names.filter(({ action }) => action === 'set').length
  return [
    `an earlier import, of ${waybill}, was interrupted while it set names: ${set} of ${names.length} were left, and are finished first`,
    ...left.map(
      ({ name: { repository, tag, descriptor } }) =>
        `${repository}:${tag} was to mean ${descriptor.digest}, and is left: it has another meaning by now, or the target refuses it`,
    ),
  ]
}
