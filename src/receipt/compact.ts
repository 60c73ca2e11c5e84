import { isSequence, isStreamName } from '../bundle/stream.js'
import { LIMITS } from '../limits.js'
import { type Digest, digestFrom, digestOf, encodedOf } from '../oci/digest.js'
import { formatTimestamp } from '../trust/timestamps.js'
import { decodeBase32, encodeBase32 } from './base32.js'
import { refuse } from './fields.js'
import type { Receipt, ReceiptResult } from './receipt.js'

/** What of a receipt fits on paper. */
export interface CompactReceipt {
  readonly result: ReceiptResult
  /** RFC 3339, UTC, whole seconds */
  readonly finishedAt: string
  readonly waybill: Digest
  /** of the receipt's document */
  readonly receipt: Digest
  readonly stream?: string
  readonly sequence?: number
  readonly admitted: number
  readonly refused: number
  /** the first 16 bytes of the SHA-256 of the certificate whose key has signed, lower-case hexadecimal */
  readonly keyId: string
}

/** A compact receipt as it was read: a claim, until `verifyCompact`. */
export interface ReadCompact {
  readonly compact: CompactReceipt
  /** what the signature is over */
  readonly toBeSigned: Uint8Array
  readonly signature: Uint8Array
}

/** What a compact receipt begins with; all of it is in the alphabet that a QR code keeps in 5.5 bits a letter. */
export const COMPACT_PREFIX = 'WBR1:'
export const KEY_ID_BYTES = 16

// Neither a JWS nor a COSE_Sign1 structure begins so: no signature of the same key over something else can be put here.
const CONTEXT = new TextEncoder().encode('waybill compact receipt 1\n')
const RESULTS: readonly ReceiptResult[] = ['refused', 'partial', 'loaded']
const HEAD_BYTES = 1 + 5 + 32 + 32 + 4 + 4 + KEY_ID_BYTES + 7 + 1

/** What the compact form says of a receipt. */
export function compactOf(receipt: Receipt, document: Uint8Array, thumbprint: string): CompactReceipt {
  const { stream, sequence } = receipt.bundle
  const admitted = receipt.roots.filter(({ ruling }) => ruling === 'admitted').length
  return {
    result: receipt.result,
    finishedAt: receipt.finishedAt,
    waybill: receipt.waybill.digest,
    receipt: digestOf(document),
    ...(stream === undefined ? {} : { stream }),
    ...(sequence === undefined ? {} : { sequence }),
    admitted,
    refused: receipt.roots.length - admitted,
    keyId: thumbprint.slice(0, 2 * KEY_ID_BYTES),
  }
}

/** The bytes that are signed: a name for their purpose, and the facts at fixed places (docs/format.md, Compact form). */
export function toBeSigned(compact: CompactReceipt): Uint8Array {
  return Buffer.concat([CONTEXT, facts(compact)])
}

/** The text for a QR code. */
export function formatCompact(compact: CompactReceipt, signature: Uint8Array): string {
  return COMPACT_PREFIX + encodeBase32(Buffer.concat([facts(compact), signature]))
}

function facts({ stream = '', sequence = 0, ...compact }: CompactReceipt): Uint8Array {
  const name = Buffer.from(stream)
  const bytes = Buffer.alloc(HEAD_BYTES)
  let at = bytes.writeUInt8(RESULTS.indexOf(compact.result), 0)
  at = bytes.writeUIntBE(Date.parse(compact.finishedAt) / 1000, at, 5)
  at += bytes.write(encodedOf(compact.waybill), at, 'hex')
  at += bytes.write(encodedOf(compact.receipt), at, 'hex')
  at = bytes.writeUInt32BE(compact.admitted, at)
  at = bytes.writeUInt32BE(compact.refused, at)
  at += bytes.write(compact.keyId, at, 'hex')
  bytes.writeBigUInt64BE(BigInt(sequence) << 8n, at)
  bytes.writeUInt8(name.byteLength, HEAD_BYTES - 1)
  return Buffer.concat([bytes, name])
}

/**
 * Reads what a scanner has read. One receipt has one text.
 * @throws ERR_RECEIPT_INVALID
 */
export function parseCompact(text: string): ReadCompact {
  if (text.length > LIMITS.compactReceiptLength) return refuse('its compact form is too long')
  if (!text.startsWith(COMPACT_PREFIX)) return refuse(`its compact form does not begin with ${COMPACT_PREFIX}`)
  const bytes = decodeBase32(text.slice(COMPACT_PREFIX.length))
  if (bytes === undefined || bytes.byteLength <= HEAD_BYTES) return refuse('its compact form is not whole')
  const compact = readFacts(Buffer.from(bytes))
  const signed = facts(compact)
  if (Buffer.compare(signed, bytes.subarray(0, signed.byteLength)) !== 0)
    refuse('its compact form has a second meaning')
  return { compact, toBeSigned: toBeSigned(compact), signature: bytes.subarray(signed.byteLength) }
}

function readFacts(bytes: Buffer): CompactReceipt {
  const sequence = Number(bytes.readBigUInt64BE(HEAD_BYTES - 8) >> 8n)
  const length = bytes.readUInt8(HEAD_BYTES - 1)
  const stream = bytes.subarray(HEAD_BYTES, HEAD_BYTES + length).toString('latin1')
  if (stream.length !== length || (length > 0 && !isStreamName(stream))) refuse('its stream is no name of a stream')
  if (length > 0 ? !isSequence(sequence) : sequence !== 0) refuse('its sequence does not suit its stream')
  const seconds = bytes.readUIntBE(1, 5)
  // The year 9999: what comes later has no spelling of four digits.
  if (seconds > 253_402_300_799) refuse('its time is none')
  const digestAt = (at: number): Digest => digestFrom('sha256', bytes.toString('hex', at, at + 32))
  const result = RESULTS[bytes.readUInt8(0)] ?? refuse('its result is not known')
  return {
    result,
    finishedAt: formatTimestamp(new Date(seconds * 1000)),
    waybill: digestAt(6),
    receipt: digestAt(38),
    admitted: bytes.readUInt32BE(70),
    refused: bytes.readUInt32BE(74),
    keyId: bytes.toString('hex', 78, 78 + KEY_ID_BYTES),
    ...(length === 0 ? {} : { stream, sequence }),
  }
}
