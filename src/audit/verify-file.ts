import { isJsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import { parseDescriptor } from '../oci/manifest.js'
import { ENVELOPE_COSE, ENVELOPE_JWS, type EnvelopeType } from '../trust/envelope/envelope.js'
import type { VerificationContext } from '../trust/notary/context.js'
import { type ArtifactOutcome, type CarriedSignature, verifyArtifact } from '../trust/notary/verify-artifact.js'

/** A signature that lies in a file of its own. */
export interface SignatureFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Holds one signature file, and the artifact that it is said to be about, against a statement of a trust policy. */
export async function verifySignatureFile(
  file: SignatureFile,
  question: { readonly target: Descriptor; readonly scope: string },
  context: VerificationContext,
): Promise<ArtifactOutcome> {
  return await verifyArtifact({ ...question, signatures: [carriedIn(file)] }, context)
}

function carriedIn({ path, bytes }: SignatureFile): CarriedSignature {
  const type = envelopeTypeOf(bytes)
  const read = async (): Promise<Uint8Array> => bytes
  if (type !== undefined) return { kind: 'envelope', signature: path, type, read }
  if (isCompactJwt(bytes)) return { kind: 'nv2', signature: path, read }
  return { kind: 'malformed', signature: path, why: `${path} is neither a JWS nor a COSE envelope, nor a JWT of nv2` }
}

/** Three parts of base64url, as in no other form of signature. */
function isCompactJwt(bytes: Uint8Array): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+\s*$/.test(Buffer.from(bytes.subarray(0, LIMITS.envelopeBytes)).toString('latin1'))
}

/** The envelope's form, from its first byte: JSON text, or the CBOR tag of COSE_Sign1. */
function envelopeTypeOf(bytes: Uint8Array): EnvelopeType | undefined {
  const first = bytes.find((byte) => byte > 0x20)
  if (first === 0x7b) return ENVELOPE_JWS
  return bytes[0] === 0xd2 ? ENVELOPE_COSE : undefined
}

/**
 * Reads a descriptor from a JSON file: media type, digest and size of what was signed.
 * @throws ERR_CONFIG_INVALID
 */
export function parseSubject(bytes: Uint8Array, path: string): Descriptor {
  const refuse = (why: string): never => {
    throw new TransferError('ERR_CONFIG_INVALID', `${path} is not a descriptor: ${why}`, {
      side: 'operator',
      subject: path,
    })
  }
  const json = readJson(bytes, path, refuse)
  return bare(parseDescriptor(isJsonObject(json) ? json : refuse('it is not a JSON object'), 'it', refuse))
}

function readJson(bytes: Uint8Array, path: string, refuse: (why: string) => never) {
  try {
    return parseStrictJson(bytes, path)
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : 'it is not JSON')
  }
}
