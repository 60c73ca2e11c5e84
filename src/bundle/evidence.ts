import { refuseTwoMeanings } from '../content/graph.js'
import { canonicalJson } from '../encoding/canonical-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import type { BundleDocument } from './document.js'
import type { InventoryLine } from './inventory.js'

type Evidence = Pick<BundleDocument, 'evidence' | 'evidenceMissing'>

/** The document's members about evidence in their one order; a member that would be empty is not there. */
export function inOneOrder({ evidence, evidenceMissing }: Evidence): Evidence {
  const entries = ordered(evidence?.map((entry) => ({ ...entry, descriptor: bare(entry.descriptor) })))
  const missing = ordered(evidenceMissing)
  const bytes = entries.reduce((sum, { descriptor }) => sum + descriptor.size, 0)
  if (bytes > LIMITS.evidenceBytes) {
    throw new TransferError('ERR_LIMIT_EXCEEDED', `the evidence has more than ${LIMITS.evidenceBytes} bytes`)
  }
  return {
    ...(entries.length === 0 ? {} : { evidence: entries }),
    ...(missing.length === 0 ? {} : { evidenceMissing: missing }),
  }
}

/**
 * The inventory's lines for evidence. What is content too lies with the content, in the words of the content, as the
 * empty config does: no path is there twice.
 * @throws ERR_CONTENT_AMBIGUOUS where content of the same digest is a manifest, or has another size
 */
export function evidenceLines(
  evidence: BundleDocument['evidence'],
  content: ReadonlyMap<Digest, { readonly descriptor: Descriptor }>,
): InventoryLine[] {
  const lines = new Map<Digest, InventoryLine>()
  for (const { descriptor } of evidence ?? []) {
    const other = content.get(descriptor.digest)?.descriptor ?? lines.get(descriptor.digest)
    if (other !== undefined) refuseTwoMeanings(other, descriptor)
    else lines.set(descriptor.digest, { ...bare(descriptor), role: 'evidence', here: 1 })
  }
  return [...lines.values()]
}

/** Each once, in ascending order of its canonical JSON. */
function ordered<T extends object>(entries: readonly T[] = []): T[] {
  return [...new Map(entries.map((entry) => [canonicalJson({ ...entry }), entry]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => entry)
}
