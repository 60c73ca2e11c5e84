/**
 * Decodes standard base64 (RFC 4648 §4, with padding), or gives undefined for any text that an encoder would not have
 * written: Node's decoder skips what it does not know, and one envelope must not have two spellings.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  return decodeExactly(text, 'base64')
}

/** Decodes base64url without padding (RFC 7515 §2), or gives undefined for any other spelling. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  return decodeExactly(text, 'base64url')
}

function decodeExactly(text: string, encoding: 'base64' | 'base64url'): Uint8Array | undefined {
  const bytes = Buffer.from(text, encoding)
  return bytes.toString(encoding) === text ? bytes : undefined
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** base64url without padding (RFC 7515 §2). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}
