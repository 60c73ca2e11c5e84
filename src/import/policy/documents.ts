import { fetchAll } from '../../content/read-all.js'
import type { ContentSource } from '../../content/store.js'
import { printable } from '../../encoding/printable.js'
import { hasCode } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { bare, type Descriptor } from '../../oci/descriptor.js'
import { artifactTypeOf, parseManifest } from '../../oci/manifest.js'
import type { DocumentRequirement } from '../../policy/import-policy.js'
import type { SignerContext } from './accepted.js'
import type { SignaturesOf } from './carried-signatures.js'
import type { DocumentFinding, FoundDocument } from './findings.js'
import { imagesBelow, type PolicySubject } from './images-below.js'
import { judgeRequirements, type RequirementOptions } from './requirements.js'

export interface DocumentOptions {
  /** the root's repository as the bundle's document describes it */
  readonly source: ContentSource
  readonly signaturesOf: SignaturesOf
  readonly signers: RequirementOptions['signers']
  readonly context: SignerContext
}

/**
 * Looks for the documents that a rule requires, on the root or on each image below it that the bundle has, and holds each
 * against the signers that are required for it. What could not be asked for at the source is not there.
 */
export async function judgeDocuments(
  root: Descriptor,
  requirements: readonly DocumentRequirement[],
  given: DocumentOptions,
): Promise<readonly DocumentFinding[]> {
  const findings: DocumentFinding[] = []
  for (const requirement of requirements) {
    const subjects = requirement.on === 'root' ? [{ descriptor: root }] : await imagesBelow(root, given)
    // No image at all is not every image.
    if (subjects.length === 0) findings.push(absent(root, requirement))
    for (const subject of subjects) findings.push(await judgeSubject(subject, requirement, given))
  }
  return findings
}

function absent({ digest }: Descriptor, { types, atLeast }: DocumentRequirement): DocumentFinding {
  const detail = `it wants ${wanted(types, atLeast)} on each image, and there is no image below it in the bundle`
  return { types, atLeast, subject: digest, met: false, detail, found: [] }
}

async function judgeSubject(
  { descriptor, platform }: PolicySubject,
  requirement: DocumentRequirement,
  given: DocumentOptions,
): Promise<DocumentFinding> {
  const { types, atLeast, signatures: requirements } = requirement
  const common = { types, atLeast, subject: descriptor.digest, ...(platform === undefined ? {} : { platform }) }
  const hung = await hungDocuments(descriptor, types, given)
  if (typeof hung === 'string') return { ...common, met: false, detail: hung, found: [] }
  const found: FoundDocument[] = []
  const faults: string[] = []
  for (const { document, type } of hung) {
    const judged = await judgeDocument(document, { requirements, given })
    found.push({ digest: document.digest, type, counts: judged.fault === undefined, signatures: judged.signatures })
    if (judged.fault !== undefined) faults.push(`${document.digest} does not count: ${judged.fault}`)
  }
  const counted = found.filter(({ counts }) => counts).length
  const met = counted >= atLeast
  const where = platform === undefined ? '' : ` on ${platform}`
  if (met) return { ...common, met, detail: `${counted} of ${types.join(' or ')}${where}`, found }
  const has = found.length === 0 ? 'none' : `${counted} that ${counted === 1 ? 'counts' : 'count'}`
  const why = faults.length === 0 ? '' : `: ${faults.slice(0, 3).join('; ')}`
  return { ...common, met, detail: `it wants ${wanted(types, atLeast)}${where}, and there is ${has}${why}`, found }
}

async function judgeDocument(
  document: Descriptor,
  {
    requirements,
    given,
  }: { readonly requirements: RequirementOptions['requirements']; readonly given: DocumentOptions },
): Promise<{ readonly signatures: FoundDocument['signatures']; readonly fault?: string }> {
  if (requirements.length === 0) return { signatures: [] }
  const signatures = await given.signaturesOf(given.source, document)
  if (typeof signatures === 'string') return { signatures: [], fault: signatures }
  const { signers, context } = given
  const judged = await judgeRequirements({ target: document, signatures }, { requirements, signers, context })
  const unmet = judged.find(({ met }) => !met)
  return unmet === undefined ? { signatures: judged } : { signatures: judged, fault: unmet.detail }
}

/** By their own manifests: what a list says of a referrer's type is not believed. A sentence where nobody could ask. */
async function hungDocuments(subject: Descriptor, types: readonly string[], { source, context }: DocumentOptions) {
  const found: { readonly document: Descriptor; readonly type: string }[] = []
  const seen = new Set<string>()
  try {
    for await (const referrer of source.referrers(subject, context)) {
      if (seen.has(referrer.digest)) continue
      seen.add(referrer.digest)
      const type = await documentType(referrer, { subject, source, context })
      if (type !== undefined && types.includes(type)) found.push({ document: bare(referrer), type })
    }
  } catch (cause) {
    if (!hasCode(cause, 'ERR_SOURCE_UNREACHABLE') && !hasCode(cause, 'ERR_BUNDLE_INCOMPLETE')) throw cause
    return `nobody could find out at the source what hangs on ${subject.digest}: ${printable(cause.message, 300)}`
  }
  return found
}

interface DocumentQuestion {
  readonly subject: Descriptor
  readonly source: ContentSource
  readonly context: SignerContext
}

async function documentType(
  referrer: Descriptor,
  { subject, source, context }: DocumentQuestion,
): Promise<string | undefined> {
  const bytes = await fetchAll(source, referrer, { signal: context.signal, maxBytes: LIMITS.manifestBytes })
  try {
    const manifest = parseManifest(bytes, referrer.mediaType, referrer.digest)
    return manifest.subject?.digest === subject.digest ? artifactTypeOf(manifest) : undefined
  } catch (cause) {
    // Anybody who may push can hang one on a release that two readers would take for two things: it is no document.
    if (!hasCode(cause, 'ERR_CONTENT_AMBIGUOUS') && !hasCode(cause, 'ERR_JSON_INVALID')) throw cause
    return undefined
  }
}

function wanted(types: readonly string[], atLeast: number): string {
  return `${atLeast === 1 ? 'a document' : `${atLeast} documents`} of the type ${types.join(' or ')}`
}
