import type { SignatureRequirement } from '../../policy/import-policy.js'

/** A signer, and a key by whose signature it could count. */
export interface Acceptance {
  readonly signer: string
  readonly key: string
}

/** Which signer counts by which key; no key is there twice. */
export type Assignment = ReadonlyMap<string, string>

// Two to the power of twelve: so many signers can stand against each other over the same keys before some are not tried.
const MAX_TRIED = 4096

/**
 * Gives each signer a key of its own, so that as many requirements are met as can be, and then as many signers count as
 * can. Signers whose trust overlaps make this more than counting: a key that two of them accept is good for one, and which
 * one matters. All ways are tried; where there are too many, some are left out, and a requirement may stay unmet.
 */
export function assignKeys(
  accepted: readonly Acceptance[],
  requirements: readonly Pick<SignatureRequirement, 'atLeast' | 'of'>[],
): Assignment {
  const keys = [...new Set(accepted.map(({ key }) => key))].sort()
  let ways = new Map<string, Assignment>([['', new Map()]])
  for (const key of keys) {
    const signers = [...new Set(accepted.filter((one) => one.key === key).map(({ signer }) => signer))].sort()
    ways = withKey(ways, key, signers)
  }
  const metBy = (way: Assignment) => requirements.filter((requirement) => isMet(requirement, way)).length
  const rated = [...ways.values()].map((way) => ({ way, met: metBy(way) }))
  const [best] = rated.sort((a, b) => b.met - a.met || b.way.size - a.way.size)
  return best?.way ?? new Map()
}

/** Whether enough of its signers count. */
export function isMet({ atLeast, of }: Pick<SignatureRequirement, 'atLeast' | 'of'>, way: Assignment): boolean {
  return new Set(of.filter((signer) => way.has(signer))).size >= atLeast
}

/** Ways that cover the same signers are one way: what follows depends on nothing else. */
function withKey(ways: ReadonlyMap<string, Assignment>, key: string, signers: readonly string[]) {
  const next = new Map<string, Assignment>()
  for (const [name, way] of ways) {
    const free = signers.filter((signer) => !way.has(signer))
    if (free.length === 0) next.set(name, way)
    for (const signer of free) {
      const longer = new Map([...way, [signer, key]])
      if (next.size < MAX_TRIED) next.set(JSON.stringify([...longer.keys()].sort()), longer)
    }
  }
  return next
}
