import { LIMITS } from '../../limits.js'
import type { SignatureRequirement } from '../../policy/import-policy.js'
import {
  acceptances,
  countedSigner,
  judgeBySigners,
  nearMiss,
  type SignedThing,
  type SignerContext,
  whoSigned,
} from './accepted.js'
import type { JudgedSignature, RequirementFinding } from './findings.js'
import { assignKeys, isMet } from './matching.js'
import type { ReadySigner } from './signers.js'

export interface RequirementOptions {
  readonly requirements: readonly SignatureRequirement[]
  /** by name, all that a requirement can name */
  readonly signers: ReadonlyMap<string, ReadySigner>
  readonly context: SignerContext
}

/**
 * Holds the signatures of something against requirements, all of which have to be met. Nobody counts for two: a signer
 * counts by a key that no other signer of these requirements counts by.
 */
export async function judgeRequirements(
  thing: SignedThing,
  { requirements, signers, context }: RequirementOptions,
): Promise<readonly RequirementFinding[]> {
  const count = thing.signatures.length
  if (count > LIMITS.signaturesPerArtifact) {
    const detail = `it has ${count} signatures; ${LIMITS.signaturesPerArtifact} of one artifact are looked at`
    return requirements.map(({ atLeast, of }) => ({ atLeast, of, met: false, counted: [], detail, judged: [] }))
  }
  const named = new Set(requirements.flatMap(({ of }) => of))
  const asked = [...named].flatMap((name) => signers.get(name) ?? [])
  const judged = await judgeBySigners(thing, asked, context)
  const way = assignKeys(acceptances(judged), requirements)
  return requirements.map((requirement) => {
    const { atLeast, of } = requirement
    const counted = [...new Set(of)].flatMap((signer) => {
      const key = way.get(signer)
      return key === undefined ? [] : [countedSigner(judged, { signer, key })]
    })
    const met = isMet(requirement, way)
    const by = counted.map(({ signer, subject }) => `${signer} (${subject})`).join(', ')
    const detail = met
      ? `signed by ${by}`
      : whyUnmet(
          requirement,
          counted.map(({ signer }) => signer),
          judged,
        )
    return { atLeast, of, met, counted, detail, judged }
  })
}

/** Who is missing, and who signed instead. */
function whyUnmet(
  { atLeast, of }: SignatureRequirement,
  counted: readonly string[],
  judged: readonly JudgedSignature[],
): string {
  const missing = of.filter((signer) => !counted.includes(signer))
  const wants = of.length === 1 ? `it wants ${of[0]}` : `it wants ${atLeast} of ${of.join(', ')}`
  if (judged.length === 0) return `${wants}, and it has no signature`
  const has = counted.length === 0 ? '' : `, and has ${counted.join(', ')}`
  const none = judged.length === 1 ? 'its signature is not' : `none of its ${judged.length} signatures is`
  const near = missing.flatMap((signer) => {
    const why = nearMiss(judged, signer)
    return why === undefined ? [] : [`; the one by ${signer} does not count: ${why}`]
  })
  const shared = acceptances(judged).some(({ signer }) => missing.includes(signer))
    ? '; one key never counts for two signers'
    : ''
  return `${wants}${has}; ${none} by ${missing.join(' or ')}: signed by ${whoSigned(judged)}${near.join('')}${shared}`
}
