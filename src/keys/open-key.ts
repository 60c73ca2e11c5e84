import { TransferError } from '../errors.js'
import { parseCertificateFile, parsePemCertificates } from '../trust/certificate/certificate.js'
import { isEncryptedKey, readPrivateKey } from '../trust/key/private-key.js'
import { keySigner, type OpenSigner } from '../trust/key/signer.js'
import { parsePem } from '../trust/pem.js'
import { assembleChain } from './assemble-chain.js'
import type { FileKeySpec, TokenKeySpec } from './key-spec.js'
import { obtainPassword } from './passwords.js'
import type { OpenTokenGiven } from './token-key.js'

/** What opening a key needs of the world. */
export type OpenKeyGiven = OpenTokenGiven

/**
 * Opens the key that a specification names: a PEM or PKCS#12 file, or a token. The signer has a sound chain that is in force
 * now and goes with the key; it must be closed. The key, its password and its PIN are in no message and no form of printing.
 * @throws ERR_KEY_UNUSABLE about the key, ERR_CONFIG_INVALID about certificates, ERR_USAGE, and what `readFile` throws
 */
export async function openKey(spec: FileKeySpec | TokenKeySpec, given: OpenKeyGiven): Promise<OpenSigner> {
  if (spec.kind === 'file') return await openFile(spec, given)
  // Loaded when asked for, like the library for PKCS#12: most signers have a PEM file.
  const { openTokenKey } = await import('./token-key.js')
  return await openTokenKey(spec, given)
}

async function openFile(spec: FileKeySpec, given: OpenKeyGiven): Promise<OpenSigner> {
  const bytes = await given.readFile(spec.path)
  if (isDerSequence(bytes)) return await openBinary(bytes, spec, given)
  const pem = Buffer.from(bytes).toString('latin1')
  if (spec.cert === undefined) {
    throw new TransferError('ERR_USAGE', 'a key in a PEM file needs its certificate chain: --cert FILE', {
      side: 'operator',
    })
  }
  const certificates = Buffer.from(await given.readFile(spec.cert)).toString('latin1')
  const chain = parsePemCertificates(certificates, `the signing certificate file ${spec.cert}`, 'ERR_CONFIG_INVALID')
  return keySigner(readPrivateKey(pem, await pemPassword(pem, spec, given)), chain, given.now)
}

/** No text begins like that: a byte that says the length, of more than 127 bytes or of all that there is. */
function isDerSequence(bytes: Uint8Array): boolean {
  const [tag, length = 0] = bytes
  return tag === 0x30 && (length >= 0x80 || length + 2 === bytes.byteLength)
}

async function pemPassword(pem: string, spec: FileKeySpec, given: OpenKeyGiven): Promise<string | undefined> {
  if (!isEncryptedKey(pem)) return undefined
  const { checkKeyRounds } = await import('./encryption.js')
  // What is damaged is told when the key is read.
  for (const { label, bytes } of /^Proc-Type/m.test(pem) ? [] : parsePem(pem, damaged)) {
    if (label === 'ENCRYPTED PRIVATE KEY') checkKeyRounds(bytes)
  }
  return await obtainPassword('the signing key', spec.passwordFile, given)
}

function damaged(why: string): never {
  throw new TransferError('ERR_KEY_UNUSABLE', `the signing key file is damaged: ${why}`, { side: 'operator' })
}

async function openBinary(bytes: Uint8Array, spec: FileKeySpec, given: OpenKeyGiven): Promise<OpenSigner> {
  const { isPkcs12, openPkcs12 } = await import('./pkcs12.js')
  if (!isPkcs12(bytes)) {
    throw new TransferError(
      'ERR_KEY_UNUSABLE',
      'the signing key file is neither PEM nor PKCS#12: convert it with `openssl pkey -inform DER`',
      { side: 'operator' },
    )
  }
  const { key, leaf, others } = await openPkcs12(bytes, () => obtainPassword(spec.path, spec.passwordFile, given))
  const more =
    spec.cert === undefined
      ? []
      : parseCertificateFile(await given.readFile(spec.cert), spec.cert, 'ERR_CONFIG_INVALID')
  return keySigner(key, assembleChain(leaf, [...others, ...more], 'give it with --cert FILE'), given.now)
}
