import { canonicalBytes, canonicalJson } from '../encoding/canonical-json.js'
import { LIMITS } from '../limits.js'
import { decodeBase64, encodeBase64 } from '../trust/base64.js'
import { ENVELOPE_COSE, ENVELOPE_JWS, type EnvelopeType } from '../trust/envelope/envelope.js'
import { object, oneOf, optional, refuse, text } from './fields.js'
import { parseReceipt, strictJson } from './parse-receipt.js'
import type { Receipt } from './receipt.js'
import { buildReceiptManifest, type ReceiptManifest } from './receipt-manifest.js'

/** A receipt as it is carried back: what it says, and the importer's signature over it. */
export interface ReceiptFile {
  readonly receipt: Receipt
  /** the document's own bytes, which the signature covers through the manifest */
  readonly document: Uint8Array
  readonly manifest: ReceiptManifest
  readonly envelope: Uint8Array
  readonly envelopeType: EnvelopeType
  /** the compact form, signed by itself; absent where the key cannot make one */
  readonly compact?: string
}

const LINE_FEED = 0x0a

/** Two lines of JSON: the receipt as it is, and what signs it. */
export function formatReceiptFile({
  document,
  envelope,
  envelopeType,
  compact,
}: Omit<ReceiptFile, 'receipt' | 'manifest'>): Uint8Array {
  const signature = canonicalBytes({
    mediaType: envelopeType,
    envelope: encodeBase64(envelope),
    ...(compact === undefined ? {} : { compact }),
  })
  return Buffer.concat([document, Uint8Array.of(LINE_FEED), signature, Uint8Array.of(LINE_FEED)])
}

/**
 * Reads a receipt from its file: two lines, nothing before, between or after them. Nothing that it returns may be believed
 * before `verifyReceipt`.
 * @throws ERR_RECEIPT_INVALID
 */
export function parseReceiptFile(bytes: Uint8Array): ReceiptFile {
  if (bytes.byteLength > LIMITS.receiptBytes + 2 * LIMITS.envelopeBytes) refuse('its file is too large')
  const first = bytes.indexOf(LINE_FEED)
  const last = bytes.byteLength - 1
  if (first < 0 || bytes.indexOf(LINE_FEED, first + 1) !== last) {
    refuse('its file has not the two lines of a whole one: it is something else, or only a part of it is there')
  }
  const document = bytes.subarray(0, first)
  const signed = parseSignature(bytes.subarray(first + 1, last))
  const receipt = parseReceipt(document)
  return { receipt, document, manifest: buildReceiptManifest(document, receipt), ...signed }
}

/** What a file says, for whoever builds on it once it has been verified. @throws ERR_RECEIPT_INVALID */
export function readReceipt(bytes: Uint8Array): Receipt {
  return parseReceiptFile(bytes).receipt
}

function parseSignature(line: Uint8Array): Pick<ReceiptFile, 'envelope' | 'envelopeType' | 'compact'> {
  const json = object(strictJson(line, 'the second line'), 'the second line', ['mediaType', 'envelope', 'compact'])
  const { envelope: encoded } = json
  const envelope = typeof encoded === 'string' ? decodeBase64(encoded) : undefined
  if (envelope === undefined || envelope.byteLength > LIMITS.envelopeBytes) return refuse('its envelope is not base64')
  if (canonicalJson(json) !== Buffer.from(line).toString('utf8')) refuse('the second line is not in canonical form')
  return {
    envelope,
    envelopeType: oneOf(json['mediaType'], 'the media type of its envelope', [ENVELOPE_JWS, ENVELOPE_COSE]),
    ...optional(json, 'compact', text),
  }
}
