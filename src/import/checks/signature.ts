import type { CarriedSignature, OpenedBundle } from '../../bundle/reader.js'
import { hasCode, TransferError } from '../../errors.js'
import { digestOf } from '../../oci/digest.js'
import type { Certificate } from '../../trust/certificate.js'
import { ENVELOPE_COSE, ENVELOPE_JWS, type EnvelopeType, type OpenedEnvelope } from '../../trust/envelope/envelope.js'
import { openEnvelope } from '../../trust/envelope/open.js'
import { judgeSigner } from '../../trust/judge-signer.js'
import { parsePayload } from '../../trust/payload.js'
import { buildSignatureManifest } from '../../trust/signature-manifest.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { Check, SignerFacts } from '../verification.js'

export interface SignatureFindings {
  readonly checks: readonly Check[]
  readonly signers: readonly SignerFacts[]
}

/**
 * Judges the signatures on the waybill. There must be one, and every one that is there must be good: a signature that
 * somebody hung on later, or a broken one, is a thing the exporter did not put there.
 */
export async function checkSignatures(
  bundle: OpenedBundle,
  given: { readonly anchors: readonly Certificate[]; readonly now: Date },
): Promise<SignatureFindings> {
  if (bundle.signatures.length === 0) {
    const detail = 'the waybill is not signed, so nothing says who made this bundle'
    const subject = bundle.waybill.descriptor.digest
    return {
      checks: [{ name: 'signature', subject, result: 'fail', detail, code: 'ERR_SIGNATURE_MISSING' }],
      signers: [],
    }
  }
  const found = await Promise.all(bundle.signatures.map((signature) => checkSignature(bundle, signature, given)))
  const signers = found.flatMap((one) => one.signers)
  return { checks: [...found.flatMap(({ checks }) => checks), ...signedTwice(signers)], signers }
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
  signature: CarriedSignature,
  given: { readonly anchors: readonly Certificate[]; readonly now: Date },
): Promise<SignatureFindings> {
  const subject = signature.descriptor.digest
  try {
    const opened = await openSignature(bundle, signature)
    const judged = judgeSigner(opened, given.anchors, given.now).map(
      ({ name, result, detail, code }): Check => ({
        name: name === 'authenticity' ? 'signer' : 'validity',
        subject,
        result,
        detail,
        ...(code === undefined ? {} : { code }),
      }),
    )
    const intact: Check = {
      name: 'signature',
      subject,
      result: 'pass',
      detail: `signs the waybill ${bundle.waybill.descriptor.digest}`,
    }
    return { checks: [intact, ...judged], signers: [factsOf(opened)] }
  } catch (cause) {
    if (!hasCode(cause, 'ERR_SIGNATURE_INVALID')) throw cause
    return {
      checks: [{ name: 'signature', subject, result: 'fail', detail: cause.message, code: 'ERR_SIGNATURE_INVALID' }],
      signers: [],
    }
  }
}

/** The payload is parsed only after the signature over its bytes has been checked. */
async function openSignature(bundle: OpenedBundle, signature: CarriedSignature): Promise<OpenedEnvelope> {
  const type = envelopeType(signature)
  const opened = await openEnvelope(signature.envelope, type)
  refuseMore(opened)
  const { target: signed, unknown } = parsePayload(opened.payload)
  if (unknown.length > 0) throw invalid('its payload does not hold exactly one targetArtifact')
  const { descriptor } = bundle.waybill
  if (
    signed.digest !== descriptor.digest ||
    signed.size !== descriptor.size ||
    signed.mediaType !== descriptor.mediaType
  ) {
    throw invalid(`it signs ${signed.digest}, not this waybill`)
  }
  // The manifest around an envelope is not signed; it is taken only where it follows from what is.
  const expected = buildSignatureManifest({
    envelope: { mediaType: type, ...envelopeFacts(signature) },
    subject: descriptor,
    chain: opened.chain,
    createdAt: opened.attributes.signingTime,
  })
  if (Buffer.compare(expected, signature.manifest) !== 0)
    throw invalid('its manifest says other things than its envelope')
  return opened
}

function envelopeType({ envelopeType: type }: CarriedSignature): EnvelopeType {
  if (type === ENVELOPE_JWS || type === ENVELOPE_COSE) return type
  throw invalid(`its envelope is neither ${ENVELOPE_JWS} nor ${ENVELOPE_COSE}`)
}

/** An importer has only its own trust store here: nothing that somebody else would have to process or vouch for. */
function refuseMore({ attributes }: OpenedEnvelope): void {
  const { scheme, verificationPlugin, extended } = attributes
  // The stores of the type ca may not answer for the other scheme: under it the signer's own clock would count.
  if (scheme !== 'notary.x509') throw invalid('its signing scheme is not notary.x509')
  if (verificationPlugin !== undefined) throw invalid('it asks for a verification plugin')
  if (extended.some(({ critical }) => critical)) throw invalid('it has a critical attribute that is not known here')
}

function envelopeFacts({ envelope }: CarriedSignature) {
  return { digest: digestOf(envelope), size: envelope.byteLength }
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
