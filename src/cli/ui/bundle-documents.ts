import { readDocument } from '../../audit/document/read-document.js'
import { bundleSource } from '../../bundle/bundle-source.js'
import { formatDocument } from '../../bundle/document.js'
import { formatInventory, type InventoryLine } from '../../bundle/inventory.js'
import { printable } from '../../encoding/printable.js'
import type { Review } from '../../import/review/review.js'
import type { Verification } from '../../import/verification.js'
import { bare, describe } from '../../oci/descriptor.js'
import type { ImportPolicy } from '../../policy/import-policy.js'
import type { Audit } from '../../tui/means.js'
import type { CommandContext } from '../context.js'
import { VERDICT_WORDS, verdictOf } from '../render/checks.js'
import { inMemory, nodesOf, type Readable, reading } from './documents.js'

/** What is said of a bundle that only claims. */
export const CLAIMS = 'CLAIMS ONLY: nobody who is trusted here has signed this bundle.'

/** Somebody who is trusted has signed the waybill; else all that the bundle says is a claim of whoever wrote the file. */
export function isAuthentic({ checks }: Verification): boolean {
  return (['signature', 'signer'] as const).every((name) => {
    const made = checks.filter((check) => check.name === name)
    return made.some(({ result }) => result === 'pass') && !made.some(({ result }) => result === 'fail')
  })
}

export interface BundleDocumentsGiven {
  /** what is on the screen: documents have the names that they have there */
  readonly review: Review
  readonly policy?: ImportPolicy | undefined
  readonly context: Pick<CommandContext, 'readFile'>
}

/** Reads what is in an open bundle. Before every document stands how its bundle was judged, where that was not well. */
export function bundleDocuments(
  verification: Verification,
  given: BundleDocumentsGiven,
): Pick<Audit, 'documents' | 'read'> {
  const { verdict } = verdictOf(verification)
  const judged = verdict === 'verified' ? undefined : `The bundle that this is from is ${VERDICT_WORDS[verdict]}.`
  const warning = isAuthentic(verification) ? judged : CLAIMS
  const readables = readablesOf(verification, given)
  return reading({ readables, review: given.review, ...(warning === undefined ? {} : { warning }) })
}

function readablesOf({ bundle }: Verification, { review, policy, context }: BundleDocumentsGiven): readonly Readable[] {
  const { waybill, document, inventory, signatures } = bundle
  const source = bundleSource(bundle)
  const named = new Map<string, string>()
  for (const { document: about, label } of nodesOf([review.bundle, ...review.artifacts])) {
    if (about !== undefined && !named.has(about.digest)) named.set(about.digest, label)
  }
  const carried = (line: InventoryLine): Readable => ({
    name: named.get(line.digest) ?? `${printable(line.mediaType, 100)} ${line.digest}`,
    descriptor: bare(line),
    read: (call) => readDocument(source, bare(line), call),
  })
  const documents = inventory.filter(({ digest }) => named.has(digest))
  const others = inventory.filter(({ digest, role }) => !named.has(digest) && role !== 'layer')
  return [
    {
      name: 'waybill: what the bundle says of itself',
      descriptor: waybill.document,
      read: inMemory(waybill.document, () => formatDocument(document)),
    },
    {
      name: 'waybill, the manifest that is signed',
      descriptor: waybill.descriptor,
      read: inMemory(waybill.descriptor, () => waybill.bytes),
    },
    ...signatures.map(({ envelope, envelopeType }, at): Readable => {
      const descriptor = describe(envelopeType, envelope)
      return { name: `signature ${at + 1} on the waybill`, descriptor, read: inMemory(descriptor, () => envelope) }
    }),
    ...(policy === undefined ? [] : [policyReadable(policy, context)]),
    ...documents.map(carried),
    {
      name: 'inventory: all that it carries',
      descriptor: waybill.inventory,
      read: inMemory(waybill.inventory, () => formatInventory(inventory)),
    },
    ...others.map(carried),
  ]
}

/** The policy that was asked. Read again: one that was changed since is not shown as the one that judged. */
function policyReadable({ path, digest }: ImportPolicy, context: BundleDocumentsGiven['context']): Readable {
  const descriptor = { mediaType: 'application/yaml', digest, size: 0 }
  return {
    name: `import policy ${printable(path, 500)}`,
    descriptor,
    read: async (call) => {
      const bytes = await context.readFile(path)
      return await inMemory(descriptor, () => bytes)(call)
    },
  }
}
