import { printable } from '../../encoding/printable.js'
import { hasCode, TransferError } from '../../errors.js'
import type { Descriptor } from '../../oci/descriptor.js'
import { ENVELOPE_JWS, type EnvelopeType, type OpenedEnvelope } from '../envelope/envelope.js'
import { openEnvelope } from '../envelope/open.js'
import type { SignatureOutcome, ValidationOutcome } from '../outcome.js'
import { parsePayload } from '../payload.js'
import type { VerifierCapability } from '../plugin.js'
import { VALIDATIONS, type Validation } from '../policy/trust-policy.js'
import { judgeAuthenticTimestamp, type TimestampFinding } from './authentic-timestamp.js'
import { judgeAuthenticity } from './authenticity.js'
import type { VerificationContext } from './context.js'
import { judgeExpiry } from './expiry.js'
import { factsOf } from './facts.js'
import { fail, type Judged, outcome, pass, refuses } from './judged.js'
import { askPlugin, capabilityJudged, findVerificationPlugin, type PluginFinding } from './plugin.js'
import { judgeSignerRevocation } from './revocation.js'

const IDENTITY: VerifierCapability = 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY'
const REVOCATION: VerifierCapability = 'SIGNATURE_VERIFIER.REVOCATION_CHECK'

/** One envelope, and what it must be about. */
export interface SignatureQuestion {
  /** where it was found: a digest or a path */
  readonly signature: string
  readonly envelope: Uint8Array
  readonly type: EnvelopeType
  readonly target: Descriptor
}

/**
 * Verifies one Notary signature (trust-store-trust-policy, "Signature Verification"): every validation that the statement
 * does not skip is made and reported, whatever the others say; one that is enforced and does not pass refuses the signature.
 */
export async function verifySignature(
  question: SignatureQuestion,
  context: VerificationContext,
): Promise<SignatureOutcome> {
  const found = await openFor(question)
  if (found.opened === undefined) return refusedEnvelope(question, found.judged, context)
  const { opened, metadata } = found
  const made = await judgeAll(opened, context)
  const missing = missingMetadata(metadata, context.metadata)
  const integrity = missing === undefined ? found.judged : fail('ERR_SIGNATURE_INVALID', missing)
  const validations = [outcome('integrity', 'enforce', integrity), ...made.validations]
  return {
    signature: question.signature,
    kind: kindOf(question.type),
    verdict: validations.some(refuses) ? 'refused' : 'verified',
    validations,
    ...factsOf(opened, metadata, made.timestamp.timestamp),
  }
}

type Opened =
  | { readonly opened: OpenedEnvelope; readonly metadata: Readonly<Record<string, string>>; readonly judged: Judged }
  | { readonly opened: undefined; readonly judged: Judged }

/** Opens the envelope, and only then reads what it signs: an unverified payload proves nothing. */
async function openFor({ envelope, type, target }: SignatureQuestion): Promise<Opened> {
  try {
    const opened = await openedOnce(envelope, type)
    const { target: signed, metadata } = parsePayload(opened.payload)
    if (signed.digest !== target.digest || signed.size !== target.size || signed.mediaType !== target.mediaType) {
      const about = `${signed.digest} (${printable(signed.mediaType, 100)}, ${signed.size} bytes)`
      throw new TransferError('ERR_SIGNATURE_INVALID', `the signature is about ${about}, not about ${target.digest}`)
    }
    return { opened, metadata, judged: pass(`whole, ${opened.algorithm}, and about ${target.digest}`) }
  } catch (cause) {
    if (!hasCode(cause, 'ERR_SIGNATURE_INVALID')) throw cause
    return { opened: undefined, judged: fail('ERR_SIGNATURE_INVALID', cause.message) }
  }
}

// A policy holds one envelope against several statements, one after the other. The bytes are those that were read from the
// medium once, and nobody writes to them; other bytes, if they are the same or not, are opened anew.
const opening = new WeakMap<Uint8Array, { readonly type: EnvelopeType; readonly opened: Promise<OpenedEnvelope> }>()

function openedOnce(envelope: Uint8Array, type: EnvelopeType): Promise<OpenedEnvelope> {
  const known = opening.get(envelope)
  if (known?.type === type) return known.opened
  const opened = openEnvelope(envelope, type)
  opening.set(envelope, { type, opened })
  return opened
}

async function judgeAll(opened: OpenedEnvelope, context: VerificationContext) {
  const { actions } = context.statement.level
  const named = await namedPlugin(opened, context)
  const capabilities: readonly VerifierCapability[] = named.kind === 'found' ? named.plugin.capabilities : []
  const authenticity = await judgeAuthenticity(opened, context, { identity: !capabilities.includes(IDENTITY) })
  const timestamp = await judgeAuthenticTimestamp(opened, context)
  const native: ValidationOutcome[] = [
    outcome('authenticity', actions.authenticity, authenticity),
    outcome('authenticTimestamp', actions.authenticTimestamp, timestamp.judged),
    outcome('expiry', actions.expiry, judgeExpiry(opened, context.now)),
  ]
  if (actions.revocation === 'skip' || !capabilities.includes(REVOCATION))
    native.push(await revocation(opened, timestamp, context))
  const byPlugin = await judgePlugin(opened, { named, native }, context)
  return { validations: [...native, ...byPlugin], timestamp }
}

/** Anybody can make a signature that names a plugin: a stranger's does not even get it started. */
async function namedPlugin(opened: OpenedEnvelope, context: VerificationContext): Promise<PluginFinding> {
  if (opened.attributes.verificationPlugin === undefined) return { kind: 'none' }
  const authenticity = await judgeAuthenticity(opened, context, { identity: false })
  const trusted = outcome('authenticity', context.statement.level.actions.authenticity, authenticity)
  return refuses(trusted) ? { kind: 'not-asked' } : await findVerificationPlugin(opened, context)
}

async function revocation(
  opened: OpenedEnvelope,
  { signedAt }: TimestampFinding,
  context: VerificationContext,
): Promise<ValidationOutcome> {
  const action = context.statement.level.actions.revocation
  if (action === 'skip') return outcome('revocation', action, notMade('the policy skips it'))
  return outcome('revocation', action, await judgeSignerRevocation(opened.chain, context, signedAt))
}

/** The plugin's part, and what a signature demands that nobody here can give. */
async function judgePlugin(
  opened: OpenedEnvelope,
  { named, native }: { readonly named: PluginFinding; readonly native: readonly ValidationOutcome[] },
  context: VerificationContext,
): Promise<ValidationOutcome[]> {
  if (named.kind === 'refused') return [outcome('plugin', 'enforce', named.judged)]
  if (named.kind === 'none') {
    const unknown = opened.attributes.extended.find(({ critical }) => critical)
    if (unknown === undefined) return []
    // notary: an implementation that does not process a critical attribute must fail the verification.
    const why = `its critical attribute ${printable(String(unknown.key), 100)} is not understood here, and it names no plugin`
    return [outcome('plugin', 'enforce', fail('ERR_SIGNATURE_INVALID', why))]
  }
  // A signature that is refused already gets no say in what is started here.
  if (named.kind === 'not-asked' || native.some(refuses))
    return [outcome('plugin', 'enforce', notMade('not asked, because the signature is refused'))]
  const { plugin } = named
  const { actions } = context.statement.level
  const capabilities = plugin.capabilities.filter((one) => one !== REVOCATION || actions.revocation !== 'skip')
  const { judged, answer } = await askPlugin(opened, { plugin, capabilities }, context)
  const own = outcome('plugin', 'enforce', judged)
  if (answer === undefined) return [own]
  return [
    own,
    ...capabilities.map((one) => {
      const validation: Validation = one === REVOCATION ? 'revocation' : 'authenticity'
      return outcome(validation, actions[validation], capabilityJudged(answer, one, plugin.name))
    }),
  ]
}

function missingMetadata(
  signed: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>> = {},
): string | undefined {
  const missing = Object.entries(wanted).find(([key, value]) => !Object.hasOwn(signed, key) || signed[key] !== value)
  return missing && `the signer did not state ${printable(missing[0], 100)}=${printable(missing[1], 100)}`
}

function refusedEnvelope(
  { signature, type }: SignatureQuestion,
  judged: Judged,
  { statement }: VerificationContext,
): SignatureOutcome {
  const others = VALIDATIONS.filter((name) => name !== 'integrity').map((name) =>
    outcome(name, statement.level.actions[name], notMade('not looked at, because the signature is not whole')),
  )
  return {
    signature,
    kind: kindOf(type),
    verdict: 'refused',
    validations: [outcome('integrity', 'enforce', judged), ...others],
    chain: [],
    metadata: {},
  }
}

function notMade(detail: string): Judged {
  return { result: 'not-made', detail }
}

function kindOf(type: EnvelopeType): 'jws' | 'cose' {
  return type === ENVELOPE_JWS ? 'jws' : 'cose'
}
