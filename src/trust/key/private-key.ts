import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { parsePem } from '../pem.js'

type KeyForm = 'pkcs8' | 'sec1' | 'pkcs1'

const FORMS: Readonly<Record<string, KeyForm>> = {
  'PRIVATE KEY': 'pkcs8',
  'ENCRYPTED PRIVATE KEY': 'pkcs8',
  'EC PRIVATE KEY': 'sec1',
  'RSA PRIVATE KEY': 'pkcs1',
}

// RFC 1421 headers, which OpenSSL still writes with `-traditional`.
const TRADITIONAL = /^Proc-Type: *4, *ENCRYPTED/m

/** True for a PEM private key that wants a password. */
export function isEncryptedKey(pem: string): boolean {
  return TRADITIONAL.test(pem) || /^-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(pem)
}

/**
 * The one private key of a PEM text: PKCS#8, SEC 1 or PKCS#1, encrypted or not. No message has the text in it, and no error
 * a cause: what a parser says of a key may quote the key.
 * @throws ERR_KEY_UNUSABLE
 */
export function readPrivateKey(pem: string, password?: string): KeyObject {
  if (pem.length > LIMITS.keyFileBytes) refuse('the signing key file is larger than any key')
  if (password === undefined && isEncryptedKey(pem)) refuse('the signing key is encrypted, and no password is given')
  return TRADITIONAL.test(pem) ? readTraditional(pem, password) : readBlock(pem, password)
}

function readBlock(pem: string, password: string | undefined): KeyObject {
  const blocks = parsePem(pem, (why) => refuse(`the signing key file is damaged: ${why}`)).filter(
    ({ label }) => label !== 'EC PARAMETERS',
  )
  const [block] = blocks
  const form = FORMS[block?.label ?? '']
  if (block === undefined || form === undefined || blocks.length > 1) return refuseCount()
  if (block.label === 'ENCRYPTED PRIVATE KEY') return decryptKey(block.bytes, password ?? '')
  try {
    return createPrivateKey({ key: Buffer.from(block.bytes), format: 'der', type: form })
  } catch {
    return refuse('the signing key cannot be read')
  }
}

/** OpenSSL reads the headers of the old form; it would also pass over everything that is not a key. */
function readTraditional(pem: string, passphrase: string | undefined): KeyObject {
  const labels = (pem.match(/^-----BEGIN .*$/gm) ?? []).filter((line) => !line.startsWith('-----BEGIN EC PARAMETERS'))
  if (labels.length !== 1) return refuseCount()
  return opened(() => createPrivateKey({ key: pem, format: 'pem', passphrase: passphrase ?? '' }))
}

/**
 * True if `publicKey` is the public half of `key`. Compared by their numbers: `KeyObject.equals` leaves an error behind for
 * keys of two kinds, which the next thing that uses OpenSSL then throws.
 */
export function isPublicHalf(publicKey: KeyObject, key: KeyObject): boolean {
  const [a, b] = [numbersOf(publicKey), numbersOf(createPublicKey(key))]
  return a !== undefined && b !== undefined && a === b
}

function numbersOf(key: KeyObject): string | undefined {
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec') return undefined
  try {
    const { kty, n, e, crv, x, y }: JsonWebKey = key.export({ format: 'jwk' })
    return JSON.stringify([kty, n, e, crv, x, y])
  } catch {
    return undefined // a curve that JSON Web Keys have no name for; nobody signs with it
  }
}

/**
 * An encrypted PKCS#8 key (RFC 5958 EncryptedPrivateKeyInfo), as PEM files and PKCS#12 bags hold it.
 * @throws ERR_KEY_UNUSABLE
 */
export function decryptKey(der: Uint8Array, passphrase: string): KeyObject {
  return opened(() => createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8', passphrase }))
}

function opened(open: () => KeyObject): KeyObject {
  try {
    return open()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (code === 'ERR_OSSL_EVP_UNSUPPORTED') {
      return refuse(
        'the signing key is encrypted in a way that is not supported: encrypt it again with `openssl pkcs8`',
      )
    }
    return refuse('the signing key cannot be decrypted: the password is wrong, or the key is damaged')
  }
}

function refuseCount(): never {
  return refuse('the signing key file does not hold exactly one private key in PEM form')
}

function refuse(why: string): never {
  throw new TransferError('ERR_KEY_UNUSABLE', why, { side: 'operator' })
}
