import type { OpenedBundle } from '../bundle/reader.js'
import type { CallOptions } from '../content/store.js'
import type { Emit } from '../events.js'
import type { Certificate } from '../trust/certificate.js'
import { checkClosure } from './checks/closure.js'
import { checkContent } from './checks/content.js'
import { checkFreshness } from './checks/freshness.js'
import { checkSignatures } from './checks/signature.js'
import {
  CHECKS,
  type Check,
  type CheckName,
  type RootClosure,
  type Verification,
  type VerifiedBundle,
} from './verification.js'

export interface VerifyOptions extends CallOptions {
  /** Certificates of the importer's own trust store; nothing in a bundle is ever an anchor. */
  readonly anchors: readonly Certificate[]
  readonly now: Date
  readonly emit: Emit
}

/**
 * Checks a bundle without a network: its signature against the importer's anchors, the signer's validity, freshness,
 * completeness of every closure, and every digest. The judgements come as values; a check that an earlier failure made
 * pointless is `not-applicable`, and nothing is loaded then.
 * @throws ERR_MEDIUM where the file cannot be read
 */
export async function verify(bundle: OpenedBundle, given: VerifyOptions): Promise<Verification> {
  const subject = bundle.waybill.descriptor.digest
  given.emit({ type: 'stage-started', stage: 'verify', total: bundle.document.totals })
  const structure: Check = {
    name: 'structure',
    subject: bundle.path,
    result: 'pass',
    detail: `format version ${bundle.document.version}, ${bundle.inventory.length} blobs at their places`,
  }
  const { checks: signatures, signers } = await checkSignatures(bundle, given)
  const checks: Check[] = [structure, ...signatures, checkFreshness(bundle.document, given.now, subject)]
  let closures: readonly RootClosure[] = []
  // Content of somebody unknown is not worth reading: fraud shows before the medium has been read through.
  if (!checks.some(isFailed)) {
    const closure = await checkClosure(bundle, given)
    checks.push(...closure.checks)
    closures = closure.closures
  }
  if (!checks.some(isFailed)) checks.push(...(await checkContent(bundle, given)))
  const all = complete(checks, subject)
  for (const { name, subject: about, result } of all)
    given.emit({ type: 'checked', check: name, subject: about, result })
  given.emit({ type: 'stage-ended', stage: 'verify' })
  const verification = { bundle, checks: all, signers }
  return passed(all) ? { ...verification, verified: seal(bundle, closures) } : verification
}

function isFailed(check: Check): boolean {
  return check.result === 'fail'
}

/** Every check that is required is in the list, whether or not it could be made: none is skipped by absence. */
function complete(checks: readonly Check[], subject: string): Check[] {
  const made = new Set<CheckName>(checks.map(({ name }) => name))
  const left = CHECKS.filter((name) => !made.has(name)).map(
    (name): Check => ({
      name,
      subject,
      result: 'not-applicable',
      detail: 'not looked at, because an earlier check failed',
    }),
  )
  return [...checks, ...left]
}

const REQUIRED: readonly CheckName[] = ['structure', 'signature', 'signer', 'validity', 'closure', 'content']

/** Loops over what is required, not over what was found: an empty list of checks admits nothing. */
function passed(checks: readonly Check[]): boolean {
  return (
    !checks.some(isFailed) &&
    REQUIRED.every((name) => checks.some((check) => check.name === name && check.result === 'pass'))
  )
}

function seal(bundle: OpenedBundle, closures: readonly RootClosure[]): VerifiedBundle {
  return { bundle, closures } as unknown as VerifiedBundle // the one place that makes one
}
