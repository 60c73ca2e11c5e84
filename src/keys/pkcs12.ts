import { createPrivateKey, type KeyObject } from 'node:crypto'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type Certificate, parseCertificate } from '../trust/certificate/certificate.js'
import { decryptKey, isPublicHalf } from '../trust/key/private-key.js'
import {
  AuthenticatedSafe,
  CertBag,
  type ContentInfo,
  EncryptedData,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
} from '../trust/pkijs.js'
import { checkEncryption, checkRounds } from './encryption.js'

const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1'
/** SHA-1, SHA-256, SHA-384, SHA-512: of the integrity code only, whose strength is the password's */
const MAC_HASHES = ['1.3.14.3.2.26', '2.16.840.1.101.3.4.2.1', '2.16.840.1.101.3.4.2.2', '2.16.840.1.101.3.4.2.3']
const WHAT = 'the PKCS#12 file'

/** What a key file holds: the key, its certificate, and others that may be its issuers, in no order. */
export interface KeyBag {
  readonly key: KeyObject
  readonly leaf: Certificate
  readonly others: readonly Certificate[]
}

/** True for the bytes of a PKCS#12 file: a sequence that begins with the version 3 (RFC 7292 §4). */
export function isPkcs12(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false
  const first = bytes[1] ?? 0
  // 0x80: the indefinite length of BER, which some tools still write.
  const at = first > 0x80 ? 2 + (first & 0x7f) : 2
  return bytes[at] === 2 && bytes[at + 1] === 1 && bytes[at + 2] === 3
}

/**
 * Opens a PKCS#12 file as OpenSSL 3 writes it (PBES2). Nothing of it is believed before its integrity code has proven the
 * password, and no error has a cause: what a parser says of a key may quote the key.
 * @throws ERR_KEY_UNUSABLE, ERR_CONFIG_INVALID about its certificates
 */
export async function openPkcs12(bytes: Uint8Array, password: () => Promise<string>): Promise<KeyBag> {
  const pfx = readOuter(bytes)
  const passphrase = await password()
  const encoded = new TextEncoder().encode(passphrase).buffer
  const authentic = await attempt(() => pfx.parseInternalValues({ password: encoded, checkIntegrity: true }))
  if (!authentic) refuse(`the password of ${WHAT} is wrong, or the file is damaged`)
  // Taken apart anew: what was looked at before cannot be parsed a second time.
  const safe = pfx.parsedValue?.authenticatedSafe ?? refuse(`${WHAT} is damaged`)
  const parts = safe.safeContents.map(() => ({ password: encoded }))
  if (!(await attempt(() => safe.parseInternalValues({ safeContents: parts })))) refuse(`${WHAT} is damaged`)
  return readBags(bagsOf(safe), passphrase)
}

function readOuter(bytes: Uint8Array): PFX {
  let pfx: PFX
  let safe: AuthenticatedSafe
  try {
    pfx = PFX.fromBER(bytes)
    safe = AuthenticatedSafe.fromBER(pfx.authSafe.content.getValue())
  } catch {
    return refuse(`${WHAT} is damaged, or protected by a public key`)
  }
  const { macData } = pfx
  if (macData === undefined) return refuse(`${WHAT} has no integrity code: export it again with one`)
  if (!MAC_HASHES.includes(macData.mac.digestAlgorithm.algorithmId)) {
    refuse(`the integrity code of ${WHAT} is of an unknown kind: export it again without PBMAC1`)
  }
  checkRounds(macData.iterations ?? 1, WHAT)
  for (const content of safe.safeContents) checkContent(content)
  return pfx
}

function checkContent(content: ContentInfo): void {
  if (content.contentType === DATA) return
  if (content.contentType !== ENCRYPTED_DATA) refuse(`${WHAT} is protected by a public key, which is not read`)
  checkEncryption(readEncrypted(content).encryptedContentInfo.contentEncryptionAlgorithm, WHAT)
}

function readEncrypted({ content }: ContentInfo): EncryptedData {
  try {
    return new EncryptedData({ schema: content })
  } catch {
    return refuse(`${WHAT} is damaged`)
  }
}

/** Only what the library has parsed; its shape is not promised by any type. */
function bagsOf(safe: AuthenticatedSafe): readonly unknown[] {
  const contents: readonly { readonly value: { readonly safeBags: readonly { readonly bagValue: unknown }[] } }[] =
    safe.parsedValue.safeContents
  return contents.flatMap(({ value }) => value.safeBags.map(({ bagValue }) => bagValue))
}

function readBags(bags: readonly unknown[], passphrase: string): KeyBag {
  const [key, ...more] = bags.flatMap((bag) => keyOf(bag, passphrase))
  if (key === undefined || more.length > 0) return refuse(`${WHAT} does not hold exactly one private key`)
  const encoded = bags.flatMap(certificateOf)
  if (encoded.length > LIMITS.keyCertificates) {
    refuse(`${WHAT} holds more than ${LIMITS.keyCertificates} certificates`)
  }
  const certificates = encoded.map((der, at) =>
    parseCertificate(der, `certificate ${at + 1} of ${WHAT}`, 'ERR_CONFIG_INVALID'),
  )
  const leaf = certificates.find(({ publicKey }) => isPublicHalf(publicKey, key))
  if (leaf === undefined) return refuse(`${WHAT} does not hold the certificate of its key`)
  return { key, leaf, others: certificates.filter((certificate) => certificate !== leaf) }
}

function certificateOf(bag: unknown): readonly Uint8Array[] {
  if (!(bag instanceof CertBag) || bag.certId !== X509_CERTIFICATE || !('getValue' in bag.certValue)) return []
  return [new Uint8Array(bag.certValue.getValue())]
}

function keyOf(bag: unknown, passphrase: string): readonly KeyObject[] {
  if (bag instanceof PKCS8ShroudedKeyBag) {
    checkEncryption(bag.encryptionAlgorithm, `the key in ${WHAT}`)
    return [decryptKey(new Uint8Array(bag.toSchema().toBER()), passphrase)]
  }
  if (!(bag instanceof PrivateKeyInfo)) return []
  try {
    return [createPrivateKey({ key: Buffer.from(bag.toSchema().toBER()), format: 'der', type: 'pkcs8' })]
  } catch {
    return refuse(`the key in ${WHAT} cannot be read`)
  }
}

async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch {
    return false
  }
}

function refuse(why: string): never {
  throw new TransferError('ERR_KEY_UNUSABLE', why, { side: 'operator' })
}
