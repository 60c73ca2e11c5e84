import { canonicalBytes } from '../encoding/canonical-json.js'
import { printable } from '../encoding/printable.js'
import { isJsonObject, type Json, parseStrictJson } from '../encoding/strict-json.js'
import { hasCode, TransferError } from '../errors.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import { parseDescriptor } from '../oci/manifest.js'

export const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json'
const RESERVED = 'io.cncf.notary'

/**
 * The payload of a Notary signature over content: its media type, digest and size, what the signer says of it in
 * `metadata`, and nothing else: what an index says beside a descriptor is not the signer's word.
 * @throws ERR_USAGE for a key of the metadata that is reserved
 */
export function formatPayload(target: Descriptor, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const reserved = Object.keys(metadata).find((key) => key.startsWith(RESERVED))
  if (reserved !== undefined) {
    throw new TransferError('ERR_USAGE', `the key ${printable(reserved, 100)} is reserved for the Notary Project`)
  }
  const annotations = Object.keys(metadata).length === 0 ? {} : { annotations: metadata }
  return canonicalBytes({ targetArtifact: { ...bare(target), ...annotations } })
}

/** What was signed, and what the signer said of it. */
export interface Payload {
  readonly target: Descriptor
  /** the annotations of the target: every one is the signer's word */
  readonly metadata: Readonly<Record<string, string>>
  /** members of the payload that the specification does not know, by name; they mean nothing here */
  readonly unknown: readonly string[]
}

/**
 * What a payload says was signed (signature-specification, "Payload"). Only for bytes that come out of `openEnvelope`:
 * unverified ones prove nothing.
 * @throws ERR_SIGNATURE_INVALID
 */
export function parsePayload(payload: Uint8Array): Payload {
  const json = read(payload)
  if (!isJsonObject(json)) return refuse('it is not an object')
  const target = parseDescriptor(json['targetArtifact'], 'targetArtifact', refuse)
  const unknown = Object.keys(json).filter((name) => name !== 'targetArtifact')
  return { target, metadata: target.annotations ?? {}, unknown }
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
