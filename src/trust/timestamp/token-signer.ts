import type { Certificate } from '../certificate/certificate.js'
import { IssuerAndSerialNumber, type SignerInfo } from '../pkijs.js'
import { digestOf } from './digests.js'
import { invalidToken } from './fault.js'
import { checkSignedAttributes, type TokenAttributes } from './signed-attributes.js'
import { isNamedBy } from './signing-certificate.js'
import type { TimestampToken } from './token.js'
import { checkTokenSignature, isBare } from './token-signature.js'

export interface TokenSigner {
  readonly certificate: Certificate
  readonly attributes: TokenAttributes
}

/**
 * Checks that one signer signed the token's TSTInfo, with the key of a certificate that the token carries. Says nothing of
 * who that is.
 * @throws ERR_TIMESTAMP_INVALID
 */
export function checkTokenSigner(token: TimestampToken, signer: SignerInfo): TokenSigner {
  const { digest, attributes, signed } = readSigner(token, signer)
  const certificate = findCertificate(token.certificates, signer, attributes)
  checkTokenSignature(certificate.publicKey, {
    algorithm: signer.signatureAlgorithm,
    digest,
    signature: new Uint8Array(signer.signature.getValue()),
    signed,
  })
  return { certificate, attributes }
}

/**
 * The signed attributes of one signer, held against the content; no signature is checked.
 * @throws ERR_TIMESTAMP_INVALID
 */
export function readSigner({ content }: Pick<TimestampToken, 'content'>, signer: SignerInfo) {
  const { version, digestAlgorithm, signedAttrs } = signer
  // RFC 5652 §5.3: version 1 goes with issuer and serial number, 3 with a key identifier.
  if (version !== 1) throw invalidToken('has a signer of another version than 1')
  const digest = digestOf(digestAlgorithm.algorithmId)
  if (digest === undefined || !isBare(digestAlgorithm))
    throw invalidToken(`is signed over a hash by ${digestAlgorithm.algorithmId}`)
  // RFC 5652 §5.3: required for any content but plain data; without them one could be passed off as the other.
  if (signedAttrs === undefined) throw invalidToken('has no signed attributes')
  // The received bytes, never a new encoding of them; their tag becomes that of a SET OF (RFC 5652 §5.4).
  const signed = new Uint8Array(signedAttrs.encodedValue)
  return { digest, signed, attributes: checkSignedAttributes(signed, { content, digest }) }
}

/** The certificate that both the signer and, under the signature, the attribute name. A stranger beside it is not looked at. */
function findCertificate(
  certificates: readonly Certificate[],
  { sid }: SignerInfo,
  { signingCertificate }: TokenAttributes,
): Certificate {
  const name: unknown = sid
  if (!(name instanceof IssuerAndSerialNumber))
    throw invalidToken('names its signer otherwise than by issuer and number')
  const issuer = new Uint8Array(name.issuer.valueBeforeDecode)
  const serial = Buffer.from(name.serialNumber.valueBlock.valueHexView).toString('hex')
  const named = certificates.filter(
    ({ issuerDer, serialNumber }) => serialNumber === serial && Buffer.compare(issuerDer, issuer) === 0,
  )
  if (named.length === 0) throw invalidToken('does not carry the certificate of its signer')
  const found = named.find((certificate) => isNamedBy(certificate, signingCertificate))
  if (found === undefined) throw invalidToken('names another signing certificate in signing-certificate-v2')
  return found
}
