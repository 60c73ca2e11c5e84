import type { BundleDocument } from '../../bundle/document.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import { printable } from '../../encoding/printable.js'
import type { ErrorCode } from '../../errors.js'
import type { ImportPolicy } from '../../policy/import-policy.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../trust/envelope/envelope.js'
import type { CarriedSignature } from '../../trust/notary/verify-artifact.js'
import type { ImporterTrust } from '../trust.js'
import type { SignerContext } from './accepted.js'
import type { BundleFinding } from './findings.js'
import { judgeRequirements } from './requirements.js'
import { readySigners } from './signers.js'
import { streamRuleOf } from './stream-rule.js'

export interface BundleRuleOptions {
  readonly policy: ImportPolicy
  readonly trust: ImporterTrust
  /** as the waybill's signatures are judged: with the stores of exporters, and without the exporter's word on the time */
  readonly context: SignerContext
}

/**
 * Holds the bundle itself against the policy: that somebody may send this stream, that one of those signed it, and how old
 * it is. Beside the trust in exporters, never in its place: the signatures have been found good before.
 * @throws ERR_POLICY_INVALID, ERR_TRUST_STORE_INVALID
 */
export async function judgeBundle(bundle: OpenedBundle, given: BundleRuleOptions): Promise<BundleFinding> {
  const { document } = bundle
  const rule = streamRuleOf(given.policy, document) ?? unstreamedRule(document, given.policy)
  if (rule === undefined) return refused('ERR_POLICY_REFUSED', noRule(document, given.policy))
  const name = rule.stream
  const age = ageFault(document, given)
  if (age !== undefined) return { ...refused(...age), rule: name }
  const names = [...new Set(rule.signedBy)]
  const signers = new Map(
    (await readySigners(names, { ...given, store: given.context.store })).map((signer) => [signer.name, signer]),
  )
  const [finding] = await judgeRequirements(
    { target: bundle.waybill.descriptor, signatures: bundle.signatures.flatMap(carried) },
    { requirements: [{ atLeast: 1, of: names }], signers, context: given.context },
  )
  const what = document.stream === undefined ? 'a bundle without a stream' : `the stream ${document.stream}`
  if (finding?.met !== true) {
    const why = finding?.detail ?? 'nobody may sign it'
    return { ...refused('ERR_POLICY_REFUSED', `${what}, rule ${name}: ${why}`), rule: name }
  }
  return { admitted: true, detail: `${what}, rule ${name}: ${finding.detail}`, rule: name, signers: finding.counted }
}

function unstreamedRule({ stream }: BundleDocument, { unstreamed }: ImportPolicy) {
  return stream === undefined && unstreamed !== undefined ? { stream: 'unstreamed', ...unstreamed } : undefined
}

function noRule({ stream }: BundleDocument, { path, streams }: ImportPolicy): string {
  if (stream === undefined)
    return `the bundle belongs to no stream, and ${path} does not let in such bundles (unstreamed)`
  const known = streams.map((rule) => rule.stream).slice(0, 10)
  const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
  return `the bundle is of the stream ${printable(stream, 200)}, for which ${path} has no rule: ${has}`
}

/** By the importer's clock and the exporter's word, which is signed. */
function ageFault(
  { createdAt, expiresAt }: BundleDocument,
  { policy, context }: BundleRuleOptions,
): readonly [ErrorCode, string] | undefined {
  const { maxAgeMs, requireExpiry } = policy.bundles
  const ageMs = context.now.getTime() - Date.parse(createdAt)
  if (maxAgeMs !== undefined && !(ageMs <= maxAgeMs)) {
    const detail = `the bundle was made ${createdAt}, ${hours(ageMs)} ago, and ${policy.path} allows ${hours(maxAgeMs)}`
    return ['ERR_BUNDLE_STALE', detail]
  }
  if (requireExpiry && expiresAt === undefined)
    return [
      'ERR_POLICY_REFUSED',
      `the bundle says no time until which it may be imported, and ${policy.path} wants one`,
    ]
  return undefined
}

function hours(ms: number): string {
  const hour = 3_600_000
  if (Math.abs(ms) < 2 * hour) return `${Math.ceil(ms / 60_000)} minutes`
  return ms < 48 * hour ? `${(ms / hour).toFixed(1)} hours` : `${(ms / hour / 24).toFixed(1)} days`
}

function carried({ descriptor, envelope, envelopeType }: OpenedBundle['signatures'][number]): CarriedSignature[] {
  if (envelopeType !== ENVELOPE_JWS && envelopeType !== ENVELOPE_COSE) return []
  return [{ kind: 'envelope', signature: descriptor.digest, type: envelopeType, read: async () => envelope }]
}

function refused(code: ErrorCode, detail: string): BundleFinding {
  return { admitted: false, code, detail, signers: [] }
}
