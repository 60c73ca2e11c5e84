import type { CarriedSignature, OpenedBundle } from '../../bundle/reader.js'
import { printable } from '../../encoding/printable.js'
import { hasCode, TransferError } from '../../errors.js'
import { describe } from '../../oci/descriptor.js'
import { ENVELOPE_COSE, ENVELOPE_JWS, type EnvelopeType, type OpenedEnvelope } from '../../trust/envelope/envelope.js'
import { openEnvelope } from '../../trust/envelope/open.js'
import type { VerificationContext } from '../../trust/notary/context.js'
import { verifySignature } from '../../trust/notary/verify-signature.js'
import type { SignatureOutcome, ValidationOutcome } from '../../trust/outcome.js'
import { parsePayload } from '../../trust/payload.js'
import { buildSignatureManifest } from '../../trust/signature-manifest.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { Check, CheckName, SignerFacts } from '../verification.js'

export interface SignatureFindings {
  readonly checks: readonly Check[]
  readonly signers: readonly SignerFacts[]
  readonly waybillSignatures: readonly SignatureOutcome[]
}

/**
 * Judges the signatures on the waybill. There must be one, and every one that is there must be good: a signature that
 * somebody hung on later, or a broken one, is a thing the exporter did not put there.
 * @throws ERR_TRUST_STORE_INVALID where a store that may say who signs bundles cannot be read
 */
export async function checkSignatures(bundle: OpenedBundle, context: VerificationContext): Promise<SignatureFindings> {
  if (bundle.signatures.length === 0) {
    const detail = 'the waybill is not signed, so nothing says who made this bundle'
    const subject = bundle.waybill.descriptor.digest
    const check: Check = { name: 'signature', subject, result: 'fail', detail, code: 'ERR_SIGNATURE_MISSING' }
    return { checks: [check], signers: [], waybillSignatures: [] }
  }
  // A store that is absent is the operator's mistake, and not the bundle's.
  for (const store of context.statement.stores) await context.store(store)
  const found = await Promise.all(bundle.signatures.map((signature) => checkSignature(bundle, signature, context)))
  const signers = found.flatMap((one) => one.signers)
  return {
    checks: [...found.flatMap(({ checks }) => checks), ...signedTwice(signers)],
    signers,
    waybillSignatures: found.flatMap((one) => one.waybillSignatures),
  }
}

/**
 * What an envelope says beside its signature is not signed, and an elliptic curve has two signatures for each: whoever
 * has a good one can make another that is good, and so put an entry into a bundle that nobody signed twice.
 */
function signedTwice(signers: readonly SignerFacts[]): Check[] {
  const again = signers.find(({ thumbprint }, at) => signers.findIndex((one) => one.thumbprint === thumbprint) !== at)
  if (again === undefined) return []
  const detail = `${again.subject} has signed twice, and an exporter signs once`
  return [{ name: 'signature', subject: again.thumbprint, result: 'fail', detail, code: 'ERR_SIGNATURE_INVALID' }]
}

async function checkSignature(
  bundle: OpenedBundle,
  carried: CarriedSignature,
  context: VerificationContext,
): Promise<SignatureFindings> {
  const subject = carried.descriptor.digest
  try {
    const type = envelopeTypeOf(carried)
    const opened = await openEnvelope(carried.envelope, type)
    requireWaybillForm(bundle, carried, opened)
    const outcome = await verifySignature(
      { signature: subject, envelope: carried.envelope, type, target: bundle.waybill.descriptor },
      context,
    )
    return {
      checks: outcome.validations.map((validation) => checkOf(validation, subject)),
      signers: [factsOf(opened)],
      waybillSignatures: [outcome],
    }
  } catch (cause) {
    if (!hasCode(cause, 'ERR_SIGNATURE_INVALID')) throw cause
    const check: Check = {
      name: 'signature',
      subject,
      result: 'fail',
      detail: cause.message,
      code: 'ERR_SIGNATURE_INVALID',
    }
    return { checks: [check], signers: [], waybillSignatures: [] }
  }
}

function envelopeTypeOf({ envelopeType }: CarriedSignature): EnvelopeType {
  if (envelopeType === ENVELOPE_JWS || envelopeType === ENVELOPE_COSE) return envelopeType
  throw invalid(`its envelope is ${printable(envelopeType, 100)}`)
}

/** An exporter signs plainly: a claimed time, no plugin, nothing that another reader would have to understand. */
function requireWaybillForm(bundle: OpenedBundle, carried: CarriedSignature, opened: OpenedEnvelope): void {
  const { attributes, chain, type } = opened
  if (attributes.scheme !== 'notary.x509') throw invalid(`its signing scheme is ${attributes.scheme}`)
  if (attributes.verificationPlugin !== undefined) throw invalid('it asks for a verification plugin')
  if (attributes.extended.some(({ critical }) => critical)) throw invalid('it has a critical attribute of its own')
  if (parsePayload(opened.payload).unknown.length > 0) throw invalid('its payload says more than what was signed')
  // The manifest around an envelope is not signed; it is taken only where it follows from what is.
  const expected = buildSignatureManifest({
    envelope: describe(type, carried.envelope),
    subject: bundle.waybill.descriptor,
    chain,
    createdAt: attributes.signingTime,
  })
  if (Buffer.compare(expected, carried.manifest) !== 0)
    throw invalid('its manifest says other things than its envelope')
}

const CHECK_OF: Readonly<Record<ValidationOutcome['validation'], CheckName>> = {
  integrity: 'signature',
  plugin: 'signature',
  authenticity: 'signer',
  authenticTimestamp: 'validity',
  expiry: 'validity',
  revocation: 'revocation',
}

function checkOf({ validation, action, result, detail, code }: ValidationOutcome, subject: string): Check {
  const common = { name: CHECK_OF[validation], subject, detail }
  if (result === 'pass') return { ...common, result: 'pass' }
  if (action === 'enforce') return { ...common, result: 'fail', code: code ?? 'ERR_SIGNATURE_INVALID' }
  return { ...common, result: action === 'log' ? 'logged' : 'not-applicable' }
}

function factsOf({ chain, attributes }: OpenedEnvelope): SignerFacts {
  const [leaf] = chain
  const root = chain.at(-1)
  return {
    subject: leaf?.subject ?? '',
    thumbprint: leaf?.thumbprint ?? '',
    root: root?.subject ?? '',
    rootThumbprint: root?.thumbprint ?? '',
    signedAt: formatTimestamp(attributes.signingTime),
  }
}

function invalid(why: string): TransferError {
  return new TransferError('ERR_SIGNATURE_INVALID', `the signature on the waybill is refused: ${why}`)
}
