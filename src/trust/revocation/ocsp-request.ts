import type { Certificate } from '../certificate/certificate.js'
import { certId } from './cert-id.js'
import { derOf } from './der-write.js'

/**
 * An OCSPRequest (RFC 6960 §4.1) for one certificate. It names the issuer by SHA-1, which every responder knows; the hash
 * is no signature, and whoever could collide it would get an answer about another certificate that then matches nothing.
 * No nonce: the answer is carried to where nobody remembers the request, and responders may give one that they have.
 */
export function buildOcspRequest(certificate: Certificate, issuer: Certificate): Uint8Array {
  const request = derOf(0x30, certId(certificate, issuer))
  return derOf(0x30, derOf(0x30, derOf(0x30, request)))
}
