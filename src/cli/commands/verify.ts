import { stat } from 'node:fs/promises'
import { type OpenedBundle, openBundle } from '../../bundle/reader.js'
import { hashThreads } from '../../content/hash-pool.js'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import { readState } from '../../import/memory/read-state.js'
import { claimedSignatures } from '../../import/review/claimed-signatures.js'
import type { Review } from '../../import/review/review.js'
import { reviewOf } from '../../import/review/review-of.js'
import type { Verification } from '../../import/verification.js'
import { verify } from '../../import/verify.js'
import type { VerifyOptions } from '../../import/verify-options.js'
import type { ImportPolicy } from '../../policy/import-policy.js'
import { formatTimestamp, parseTimestamp } from '../../trust/timestamps.js'
import type { CommandContext, ExitCode } from '../context.js'
import { readEvidenceFiles } from '../evidence-files.js'
import { recall, stateFolder } from '../memory.js'
import { importPolicy } from '../policy.js'
import { artifactLines, artifactsOutput } from '../render/artifacts.js'
import { checkLines, checksOutput, VERDICT_WORDS, verdictOf } from '../render/checks.js'
import { rootsOutput } from '../render/claims.js'
import { policyOutput } from '../render/policy.js'
import { reviewLines } from '../render/review.js'
import { importerTrust, type TrustOptions } from '../trust.js'
import { refuseUnused, usage, type VerifyCommandOptions } from './verify-options.js'

/**
 * `verify [FILE]`: offline, and without a target. A bundle gets every check that an import makes; an image layout and a
 * signature file are held against the trust policy. Which of them it is the operator says, never the file: what is left
 * of a bundle from which somebody took the waybill must not pass for something else.
 */
export async function verifyCommand(
  path: string | undefined,
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const given = { ...context, now: clockOf(options, context) }
  const { subject, signature } = options
  if (signature !== undefined || subject !== undefined) {
    if (path !== undefined || signature === undefined || subject === undefined) {
      throw usage('a signature file is verified with --signature FILE and --subject DESCRIPTOR.json, and nothing else')
    }
    const { verifySignature } = await import('./verify-artifacts.js')
    return await verifySignature({ signature, subject }, options, given)
  }
  if (path === undefined)
    throw usage('name a bundle, an image layout, or --signature FILE and --subject DESCRIPTOR.json')
  if (options.scope !== undefined || /^oci(?:-archive)?:/.test(path)) {
    const { verifyImageLayout } = await import('./verify-artifacts.js')
    return await verifyImageLayout(path, options, given)
  }
  if (path.startsWith('docker-archive:')) {
    throw usage('an archive of `docker save` holds no signatures: export it, and verify the bundle')
  }
  refuseUnused(options, ['metadata', 'policyName'], 'a bundle, whose artifacts the trust policy judges')
  await refuseFolder(path)
  return await verifyBundle(path, options, given)
}

/** The wall clock, or what `--at` says: an audit asks what was true then, and loads nothing. */
export function clockOf({ at }: VerifyCommandOptions, { now }: CommandContext): () => Date {
  if (at === undefined) return now
  const stated = parseTimestamp(at)
  if (stated === undefined)
    throw usage(`--at is not an RFC 3339 time, 2026-11-22T12:00:00Z: ${JSON.stringify(at.slice(0, 60))}`)
  return () => stated
}

async function verifyBundle(path: string, options: VerifyCommandOptions, context: CommandContext): Promise<ExitCode> {
  const policy = await importPolicy(options, context)
  const rollback = await memoryOf(options, context)
  return await withVerification(path, { options, context, rollback, policy }, async (verification, bundle) => {
    const { verdict, exit } = verdictOf(verification)
    const asOf = options.at === undefined ? undefined : context.now()
    const review = options.review === true ? await wholeReview(verification, context) : undefined
    context.print(
      {
        schema: 'waybill.verify.v1',
        path,
        waybill: bundle.waybill.descriptor.digest,
        verdict,
        verifiedAt: formatTimestamp(context.now()),
        ...checksOutput(verification),
        artifacts: artifactsOutput(verification.artifacts),
        ...policyOutput(verification.policy),
        roots: rootsOutput(bundle.document),
      },
      verificationLines(verification, { path, asOf, review }),
    )
    return exit
  })
}

/** All that is known of a bundle without a target, also what nobody has judged. */
export async function wholeReview(verification: Verification, context: CommandContext): Promise<Review> {
  const claimed = await claimedSignatures(verification, context)
  return reviewOf({ verification, claimed, now: context.now() })
}

/** What came of a verification, for people; the last line is the verdict. */
export function verificationLines(
  verification: Verification,
  { path, asOf, review }: VerificationWords,
): readonly string[] {
  const when = asOf === undefined ? '' : ` as of ${formatTimestamp(asOf)}`
  return [
    ...(review === undefined ? plainLines(verification) : reviewLines(review)),
    `${VERDICT_WORDS[verdictOf(verification).verdict]} ${printable(path, 1000)}${when}`,
  ]
}

interface VerificationWords {
  readonly path: string
  /** the clock of an audit */
  readonly asOf: Date | undefined
  /** printed in place of the checks */
  readonly review?: Review | undefined
}

function plainLines(verification: Verification): string[] {
  return [...checkLines(verification), ...artifactLines(verification.artifacts)]
}

/** An audit of another time asks nobody what is remembered now. */
export async function memoryOf({ at, state }: VerifyCommandOptions, context: CommandContext) {
  if (at !== undefined && state !== undefined) throw usage('--at and --state exclude each other')
  const words = state === undefined ? {} : { state }
  return at === undefined
    ? await recall(words, { recall: () => readState(stateFolder(words, context)) }, context)
    : undefined
}

export interface VerificationOptions {
  readonly options: TrustOptions & { readonly evidence?: readonly string[] }
  readonly context: CommandContext
  readonly targetOf?: VerifyOptions['targetOf']
  readonly rollback: VerifyOptions['rollback']
  readonly policy?: ImportPolicy | undefined
}

/** Opens and verifies a bundle, and closes it after `use`. */
export async function withVerification<T>(
  path: string,
  given: VerificationOptions,
  use: (verification: Verification, bundle: OpenedBundle) => Promise<T>,
): Promise<T> {
  const verification = await openVerified(path, given)
  const { bundle } = verification
  try {
    return await use(verification, bundle)
  } finally {
    await bundle.close()
  }
}

/** Opens and verifies a bundle, which then lies open until its `close`. */
export async function openVerified(path: string, given: VerificationOptions): Promise<Verification> {
  const { options, context, targetOf, rollback, policy } = given
  context.emit({ type: 'stage-started', stage: 'open' })
  hashThreads() // they start up while the bundle is opened
  const bundle = await openBundle(path)
  try {
    context.emit({ type: 'stage-ended', stage: 'open' })
    const trust = importerTrust(options, context)
    trust.catch(() => undefined) // thrown where it is awaited
    const { signal, emit } = context
    const evidence = await readEvidenceFiles(options.evidence ?? [], emit)
    const wishes = { ...(targetOf === undefined ? {} : { targetOf }), ...(policy === undefined ? {} : { policy }) }
    return await verify(bundle, { trust, now: context.now(), rollback, signal, emit, evidence, ...wishes })
  } catch (cause) {
    await bundle.close()
    throw cause
  }
}

/** Whoever can exchange a bundle can put a folder in its place, of which much less would be asked. */
async function refuseFolder(path: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined)
  if (facts?.isDirectory() !== true) return
  const message = `${path} is a folder, and no bundle; an image layout is verified as oci:${path}`
  throw new TransferError('ERR_BUNDLE_FORMAT', message, { side: 'medium', subject: path })
}
