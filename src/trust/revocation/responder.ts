import { hash } from 'node:crypto'
import { type Certificate, parseCertificate } from '../certificate/certificate.js'
import { publicKeyBits } from './cert-id.js'
import type { OcspResponse, ResponderId } from './ocsp.js'
import { isSignedBy, readSigned } from './signed.js'

/** Who signed a response: the certificate's own issuer, or somebody to whom the issuer has delegated it. */
export interface Responder {
  /** undefined: the issuer itself */
  readonly delegate: Certificate | undefined
  /** the issuer does not want its delegate to be checked for revocation (RFC 6960 §4.2.2.2.1) */
  readonly noCheck: boolean
}

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
const NO_CHECK = '1.3.6.1.5.5.7.48.1.5'

/**
 * Finds who signed a response, among those who may (RFC 6960 §4.2.2.2): undefined if nobody of them did. A delegate has its
 * certificate directly from the same CA, for this purpose; a certificate of that CA for any other purpose signs nothing.
 */
export function responderOf(response: OcspResponse, issuer: Certificate): Responder | undefined {
  if (isNamed(response.responder, issuer) && isSignedBy(response.signed, issuer.publicKey)) {
    return { delegate: undefined, noCheck: false }
  }
  const delegate = response.certificates
    .flatMap(readDelegate)
    .find(
      (one) =>
        isNamed(response.responder, one) && isDelegateOf(one, issuer) && isSignedBy(response.signed, one.publicKey),
    )
  return delegate && { delegate, noCheck: delegate.extension(NO_CHECK) !== undefined }
}

function readDelegate(der: Uint8Array): Certificate[] {
  try {
    return [parseCertificate(der, 'the certificate of an OCSP responder', 'ERR_SIGNATURE_INVALID')]
  } catch {
    return []
  }
}

function isDelegateOf(delegate: Certificate, issuer: Certificate): boolean {
  const named = Buffer.compare(delegate.issuerDer, issuer.subjectDer) === 0
  const purposed = delegate.extendedKeyUsage?.usages.includes(OCSP_SIGNING) === true
  return named && purposed && isSignedBy(readSigned(delegate.der), issuer.publicKey)
}

function isNamed(responder: ResponderId, certificate: Certificate): boolean {
  if (responder.kind === 'name') return Buffer.compare(responder.nameDer, certificate.subjectDer) === 0
  return Buffer.compare(responder.keyHash, hash('sha1', publicKeyBits(certificate), 'buffer')) === 0
}
