import { carriedTotals } from '../bundle/document.js'
import type { OpenedBundle } from '../bundle/reader.js'
import type { Emit } from '../events.js'
import { sayBase } from './checks/base.js'
import { checkClosure } from './checks/closure.js'
import { startContentCheck } from './checks/content.js'
import { checkFreshness } from './checks/freshness.js'
import { bundleChecks, rootChecks } from './checks/policy.js'
import { checkRollback } from './checks/rollback.js'
import type { BundleFinding, PolicyFindings, RootFinding } from './policy/findings.js'
import { streamRuleOf } from './policy/stream-rule.js'
import {
  CHECKS,
  type Check,
  type CheckName,
  type RootClosure,
  type Verification,
  type VerifiedBundle,
} from './verification.js'
import type { VerifyOptions } from './verify-options.js'

/**
 * Checks a bundle without a network: its signature and those of its artifacts against the importer's trust, the signer's validity, freshness,
 * place in its stream, completeness of every closure, and every digest. The judgements come as values; a check that an earlier failure made
 * pointless is `not-applicable`, and nothing is loaded then.
 * @throws ERR_MEDIUM where the file cannot be read, and whatever the promise of trust throws
 */
export async function verify(bundle: OpenedBundle, given: VerifyOptions): Promise<Verification> {
  const subject = bundle.waybill.descriptor.digest
  given.emit({ type: 'stage-started', stage: 'verify', total: carriedTotals(bundle.document) })
  // Other threads hash while this one judges; what they find counts only where everything before it passed.
  const content = startContentCheck(bundle, given)
  const checks = saidChecks(given.emit)
  try {
    const found = await checkClaims(bundle, given, checks)
    if (!checks.failed()) checks.add(await content.checks)
    checks.add(notLookedAt(checks.all, subject))
    const { all } = checks
    given.emit({ type: 'stage-ended', stage: 'verify' })
    const verification = { bundle, checks: all, ...found }
    const whole = passed(all) && (given.policy === undefined || wasAsked(verification))
    return whole ? { ...verification, verified: seal(bundle, found.closures) } : verification
  } finally {
    await content.stop()
  }
}

/** Everything that can be judged from the metadata: cheap, and the place where fraud shows first. */
async function checkClaims(bundle: OpenedBundle, given: VerifyOptions, checks: SaidChecks) {
  const structure: Check = {
    name: 'structure',
    subject: bundle.path,
    result: 'pass',
    detail: `format version ${bundle.document.version}, ${bundle.places.size} blobs at their places`,
  }
  checks.add([structure])
  // Loaded while the threads are at work already: reading certificates takes the largest of our libraries.
  const { judgeTrust } = await import('./judge-trust.js')
  const trust = await judgeTrust(bundle, given)
  const fresh = checkFreshness(bundle.document, given.now, bundle.waybill.descriptor.digest)
  checks.add([...trust.checks, fresh])
  const { signers, waybillSignatures } = trust
  const nothing = { signers, waybillSignatures, artifacts: [], closures: [] }
  if (checks.failed()) return nothing
  // What nobody trusted has signed is compared with nothing: anybody could raise that alarm.
  const judged = await trust.judgeBundle()
  checks.add([...bundleChecks(judged, bundle.waybill.descriptor.digest), ...rollbackChecks(bundle, given, signers)])
  const some = { ...nothing, ...policyFindings(given, judged, []) }
  if (checks.failed()) return some
  const closure = await checkClosure(bundle, given)
  checks.add([...closure.checks, ...sayBase(bundle, given.rollback?.state)])
  if (checks.failed()) return some
  const { artifacts, roots = [], ...found } = await trust.judgeArtifacts(closure.closures)
  const policy = policyFindings(given, judged, roots)
  checks.add([...found.checks, ...rootChecks(policy.policy)])
  return { signers, waybillSignatures, artifacts, closures: closure.closures, ...policy }
}

function policyFindings(
  { policy }: VerifyOptions,
  bundle: BundleFinding | undefined,
  roots: readonly RootFinding[],
): { readonly policy?: PolicyFindings } {
  if (policy === undefined || bundle === undefined) return {}
  const { path, digest, partial } = policy
  return { policy: { path, digest, partial, bundle, roots } }
}

function rollbackChecks(
  { document, waybill }: OpenedBundle,
  { rollback, now, policy }: VerifyOptions,
  signers: Verification['signers'],
): readonly Check[] {
  const subject = waybill.descriptor.digest
  if (rollback === undefined) {
    const detail = 'what this importer remembers was not asked'
    return [{ name: 'rollback', subject, result: 'not-applicable', detail }]
  }
  const roots = signers.map(({ rootThumbprint }) => rootThumbprint)
  const ruled = policy !== undefined && streamRuleOf(policy, document)?.requireChain === true
  const given = { ...rollback, requireChain: rollback.requireChain || ruled }
  return checkRollback({ document, waybill: subject, signers: roots, now }, given)
}

function isFailed(check: Check): boolean {
  return check.result === 'fail'
}

interface SaidChecks {
  readonly all: readonly Check[]
  readonly add: (made: readonly Check[]) => void
  readonly failed: () => boolean
}

/** Each check is said as soon as it was made: who watches sees what is being looked at. */
function saidChecks(emit: Emit): SaidChecks {
  const all: Check[] = []
  return {
    all,
    add(made) {
      for (const check of made) {
        all.push(check)
        emit({ type: 'checked', check: check.name, subject: check.subject, result: check.result })
      }
    },
    failed: () => all.some(isFailed),
  }
}

/** Every check that is required is in the list, whether or not it could be made: none is skipped by absence. */
function notLookedAt(checks: readonly Check[], subject: string): readonly Check[] {
  const made = new Set<CheckName>(checks.map(({ name }) => name))
  return CHECKS.filter((name) => !made.has(name)).map((name) => ({
    name,
    subject,
    result: 'not-applicable',
    detail: 'not looked at, because an earlier check failed',
  }))
}

const REQUIRED: readonly CheckName[] = ['structure', 'signature', 'signer', 'validity', 'closure', 'content']

/** Loops over what is required, not over what was found: an empty list of checks admits nothing. */
function passed(checks: readonly Check[]): boolean {
  return (
    !checks.some(isFailed) &&
    REQUIRED.every((name) => checks.some((check) => check.name === name && check.result === 'pass'))
  )
}

/** A policy that nobody asked about a root has not admitted it. */
function wasAsked({ bundle, policy }: Verification): boolean {
  const judged = new Set(policy?.roots.map(({ root }) => root))
  return policy?.bundle.admitted === true && bundle.document.roots.every((root) => judged.has(root))
}

function seal(bundle: OpenedBundle, closures: readonly RootClosure[]): VerifiedBundle {
  return { bundle, closures } as unknown as VerifiedBundle // the one place that makes one
}
