import { hash, type KeyObject } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const KEY_ID = /^(?:[A-Z2-7]{4}:){11}[A-Z2-7]{4}$/

/**
 * The id by which Docker's libtrust calls a public key, and the prototype's header `kid`: the first 240 bits of the SHA-256
 * of its SubjectPublicKeyInfo in base32, in twelve groups of four.
 */
export function libtrustKeyId(publicKey: KeyObject): string {
  const digest = hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'buffer').subarray(0, 30)
  return (base32(digest).match(/.{4}/g) ?? []).join(':')
}

export function isLibtrustKeyId(text: string): boolean {
  return KEY_ID.test(text)
}

/** RFC 4648 §6, for a number of bytes that needs no padding. */
function base32(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.byteLength; at += 5) {
    let group = 0n
    for (const byte of bytes.subarray(at, at + 5)) group = group * 256n + BigInt(byte)
    for (let shift = 35n; shift >= 0n; shift -= 5n) text += ALPHABET[Number((group >> shift) & 31n)]
  }
  return text
}
