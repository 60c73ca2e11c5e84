import { canonicalJson } from '../encoding/canonical-json.js'
import { TransferError } from '../errors.js'
import type { Descriptor } from '../oci/descriptor.js'
import { checkValidity } from '../trust/certificate/chain.js'
import type { OpenedEnvelope } from '../trust/envelope/envelope.js'
import { openEnvelope } from '../trust/envelope/open.js'
import { parsePayload } from '../trust/payload.js'
import { timestampCovers } from '../trust/timestamp/covers.js'
import type { VerifiedTimestamp } from '../trust/timestamp/timestamp.js'
import { verifyTimestampToken } from '../trust/timestamp/verify-token.js'
import { type MadeSignature, makesEnvelopes, type SigningOptions } from './signing-options.js'
import type { TimestampAuthority } from './timestamp.js'

/**
 * Opens what was made as a stranger would, and holds it against what was asked for: nothing leaves this program that no
 * verifier would take, or that says other things than the operator meant.
 * @throws ERR_SIGNATURE_INVALID, ERR_TIMESTAMP_INVALID
 */
export async function checkMade(
  envelope: Uint8Array,
  target: Descriptor,
  asked: SigningOptions,
): Promise<Omit<MadeSignature, 'annotations'>> {
  const opened = await openEnvelope(envelope, asked.type)
  checkPayload(opened, target, asked)
  const { chain, attributes } = opened
  if (!makesEnvelopes(asked.signer) && chain[0]?.thumbprint !== asked.signer.chain[0]?.thumbprint) {
    refuse('it is by another certificate')
  }
  checkScheme(opened, asked)
  if (attributes.verificationPlugin === undefined && attributes.extended.some(({ critical }) => critical)) {
    refuse('it has a critical attribute that no verifier knows')
  }
  checkExpiry(opened, asked)
  const [finding] = checkValidity(chain, asked.now)
  if (finding !== undefined) refuse(finding)
  if (asked.authority === undefined) return { envelope, opened }
  return { envelope, opened, timestamp: await checkTimestamp(opened, asked.authority) }
}

/** notary: plugin-extensibility, "generate-envelope": a service may add annotations, and change nothing. */
function checkPayload(opened: OpenedEnvelope, target: Descriptor, { signer, metadata }: SigningOptions): void {
  const { target: signed, metadata: said, unknown } = parsePayload(opened.payload)
  const isTarget = signed.digest === target.digest && signed.size === target.size
  if (!isTarget || signed.mediaType !== target.mediaType || unknown.length > 0) refuse('it signs something else')
  const kept = Object.entries(said).filter(([key]) => !makesEnvelopes(signer) || Object.hasOwn(metadata, key))
  if (canonicalJson(Object.fromEntries(kept)) !== canonicalJson(metadata))
    refuse('it has other metadata than was given')
}

/** notary: signing-scheme: a service may be a signing authority, which vouches for the time: then its chain was valid. */
function checkScheme({ attributes: { scheme, signingTime }, chain }: OpenedEnvelope, { signer }: SigningOptions): void {
  if (scheme === 'notary.x509') return
  if (!makesEnvelopes(signer)) refuse('it is of another signing scheme')
  const [finding] = checkValidity(chain, signingTime)
  if (finding !== undefined)
    refuse(`the signing authority says that it signed at ${signingTime.toISOString()}: ${finding}`)
}

/** How far the clock of a service may be ahead: without an end its signatures would count as long as it likes. */
const CLOCK_SKEW_MS = 10 * 60_000

function checkExpiry({ attributes: { expiry, signingTime } }: OpenedEnvelope, asked: SigningOptions): void {
  const { lifetimeMs, now, signer } = asked
  const isService = makesEnvelopes(signer)
  if (expiry === undefined) {
    if (lifetimeMs !== undefined) refuse('it does not expire as was asked for')
    return
  }
  // Some services have an expiry of their own, and cannot be asked for one.
  if (lifetimeMs === undefined && !isService) refuse('it does not expire as was asked for')
  const latest = isService ? now.getTime() + CLOCK_SKEW_MS : Number.POSITIVE_INFINITY
  const lifetime = expiry.getTime() - Math.min(signingTime.getTime(), latest)
  if (lifetimeMs !== undefined && lifetime > lifetimeMs) refuse('it expires later than was asked for')
  if (expiry <= now) refuse('it has expired already')
}

/** notary: trust-store-trust-policy, "Timestamp Countersignature": all of the chain is valid at all of the proven time. */
async function checkTimestamp(
  opened: OpenedEnvelope,
  { anchors, url }: TimestampAuthority,
): Promise<VerifiedTimestamp> {
  if (opened.timestampToken === undefined) return refuse('its timestamp is missing')
  const timestamp = await verifyTimestampToken(opened.timestampToken, { signed: opened.signature, anchors })
  const [finding] = timestampCovers(timestamp, opened.chain)
  if (finding === undefined) return timestamp
  const message = `the time that ${url} proves does not fit the signing certificates: ${finding}`
  throw new TransferError('ERR_TIMESTAMP_INVALID', message, { subject: url })
}

function refuse(why: string): never {
  throw new TransferError('ERR_SIGNATURE_INVALID', `the signature that was made cannot be used: ${why}`)
}
