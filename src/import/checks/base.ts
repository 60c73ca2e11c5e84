import type { BundleBase } from '../../bundle/base.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import type { ImporterState } from '../memory/state.js'
import type { Check } from '../verification.js'

const MAX_NAMED = 10

/**
 * Says of an incremental bundle what is not in it, and why its exporter left it out. Whether the target has it nobody can
 * say offline, so nothing is judged: an import asks. No check of a full bundle.
 * @param state what the importer remembers; undefined where nobody asked
 */
export function sayBase({ document, waybill }: OpenedBundle, state: ImporterState | undefined): readonly Check[] {
  const { base, totals } = document
  if (base === undefined || totals.expected === undefined) return []
  const { blobs, bytes } = totals.expected
  const seen = state && new Set([...state.values()].flatMap(({ accepted }) => [...accepted.values()]))
  const said = base
    .slice(0, MAX_NAMED)
    .map((one) => `${why(one)}${seen === undefined || seen.has(one.waybill) ? '' : UNSEEN}`)
  const more = base.length > MAX_NAMED ? [`${base.length - MAX_NAMED} more`] : []
  const detail = `${blobs} blobs, ${bytes} bytes, are expected at the target, by ${[...said, ...more].join('; ')}`
  return [{ name: 'base', subject: waybill.descriptor.digest, result: 'not-applicable', detail }]
}

const UNSEEN = ', which this importer does not remember'

function why(base: BundleBase): string {
  if (base.kind === 'assumed') return `the bundle ${base.waybill}, which is only ASSUMED to have arrived`
  return `the bundle ${base.waybill}, which ${base.target} has acknowledged`
}
