import { hash, type KeyObject } from 'node:crypto'

const names = new WeakMap<KeyObject, string>()

/**
 * A name for a public key, the same whatever certificate it is in: SHA-256 of its own members, lower-case hexadecimal
 * (RFC 7638 without its base64). Not of the certificate's bytes: one key can be written in more than one way.
 */
export function keyName(key: KeyObject): string {
  const name = names.get(key) ?? hash('sha256', membersOf(key), 'hex')
  names.set(key, name)
  return name
}

function membersOf(key: KeyObject): Uint8Array {
  const type = key.asymmetricKeyType
  if (type !== 'rsa' && type !== 'ec') return key.export({ type: 'spki', format: 'der' })
  const { kty, n, e, crv, x, y } = key.export({ format: 'jwk' })
  return Buffer.from(JSON.stringify([kty, n, e, crv, x, y]))
}
