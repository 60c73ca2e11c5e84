import { canonicalBytes } from '../encoding/canonical-json.js'
import { isJsonObject, type Json, parseStrictJson } from '../encoding/strict-json.js'
import { hasCode, TransferError } from '../errors.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import { parseDescriptor } from '../oci/manifest.js'

export const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json'

/**
 * The payload of a Notary signature over content: its media type, digest and size, what the signer says of it in
 * `metadata`, and nothing else: what an index says beside a descriptor is not the signer's word.
 */
export function formatPayload(target: Descriptor, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const annotations = Object.keys(metadata).length === 0 ? {} : { annotations: metadata }
  return canonicalBytes({ targetArtifact: { ...bare(target), ...annotations } })
}

/**
 * What a payload says was signed. Only for bytes that come out of `openEnvelope`: unverified ones prove nothing.
 * @throws ERR_SIGNATURE_INVALID
 */
export function parsePayload(payload: Uint8Array): Descriptor {
  const json = read(payload)
  if (!isJsonObject(json) || Object.keys(json).join() !== 'targetArtifact') {
    return refuse('it does not hold exactly one targetArtifact')
  }
  return parseDescriptor(json['targetArtifact'], 'targetArtifact', refuse)
}

function read(payload: Uint8Array): Json {
  try {
    return parseStrictJson(payload, 'the payload of the signature')
  } catch (cause) {
    if (!hasCode(cause, 'ERR_JSON_INVALID')) throw cause
    return refuse('it is not strict JSON', cause)
  }
}

function refuse(why: string, cause?: unknown): never {
  throw new TransferError('ERR_SIGNATURE_INVALID', `the payload of the signature is refused: ${why}`, { cause })
}
