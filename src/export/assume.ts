import type { HeldContent } from '../bundle/base.js'
import type { OpenedBundle } from '../bundle/reader.js'

/**
 * What the far side has if this bundle has arrived: all that it lists, carried or not, for an import that lacks something
 * loads nothing. The exporter's own file is read, and not judged.
 */
export function assumed({
  waybill,
  document,
  inventory,
}: Pick<OpenedBundle, 'waybill' | 'document' | 'inventory'>): HeldContent {
  const repositories = [...new Set(document.roots.map(({ repository }) => repository))].sort()
  return {
    base: { kind: 'assumed', waybill: waybill.descriptor.digest, repositories },
    digests: new Set(inventory.map(({ digest }) => digest)),
  }
}
