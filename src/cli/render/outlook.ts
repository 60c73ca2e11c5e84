import { rootName } from '../../bundle/document.js'
import type { LateName } from '../../import/roll-forward.js'
import type { ImportResult } from '../../import/run.js'

/** What was found at the target, for `--json`. */
export function outlookOutput({ outlook, late }: Pick<ImportResult, 'outlook' | 'late'>) {
  if (outlook === undefined) return {}
  const { look, nothingToDo, goesOn, abandons } = outlook
  const names = late ?? outlook.late?.names
  return {
    targets: look.roots.map(({ root, target, change, was }) => ({
      source: rootName(root),
      target,
      digest: root.descriptor.digest,
      change,
      ...(was === undefined ? {} : { was }),
    })),
    nothingToDo,
    ...(goesOn ? { resumed: true as const } : {}),
    ...(outlook.late === undefined
      ? {}
      : { finished: { waybill: outlook.late.waybill, names: (names ?? []).map(lateOutput) } }),
    ...(abandons === undefined ? {} : { abandoned: abandons }),
  }
}

function lateOutput({ name, action }: LateName) {
  const { repository, tag, descriptor } = name
  return { name: `${repository}:${tag}`, digest: descriptor.digest, action }
}

/** The same in lines: what moves, and what an earlier import had left. */
export function outlookLines({ outlook, late }: Pick<ImportResult, 'outlook' | 'late'>): string[] {
  if (outlook === undefined) return []
  const { look, goesOn, abandons } = outlook
  const lines = look.roots.flatMap(({ target, change, was, root }) =>
    change === 'moved' ? [`${target} moves from ${was ?? ''} to ${root.descriptor.digest}`] : [],
  )
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
