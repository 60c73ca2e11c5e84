import type { KeyObject } from 'node:crypto'
import { OctetString } from 'asn1js'
import {
  AlgorithmIdentifier,
  AuthenticatedSafe,
  CertBag,
  Certificate,
  EncryptedContentInfo,
  EncryptedData,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  SafeBag,
  SafeContents,
} from 'pkijs'

export interface Pkcs12Recipe {
  readonly keys: readonly KeyObject[]
  /** DER, in the order in which they are to stand there */
  readonly certificates: readonly Uint8Array[]
  readonly password: string
  /** rounds of PBKDF2 and of the integrity code */
  readonly rounds?: number
  readonly withoutMac?: boolean
  /** an object identifier in the place of the one of PBES2, over the certificates */
  readonly certificateEncryption?: string
}

const KEY_BAG = '1.2.840.113549.1.12.10.1.2'
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3'
const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'

/** A PKCS#12 file as OpenSSL 3 makes it: both bags encrypted with PBES2, an integrity code over all. */
export async function makePkcs12(recipe: Pkcs12Recipe): Promise<Uint8Array> {
  const password = bufferOf(Buffer.from(recipe.password, 'utf8'))
  const encryption = {
    password,
    contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
    hmacHashAlgorithm: 'SHA-256',
    iterationCount: recipe.rounds ?? 2048,
  }
  const keyBags = await Promise.all(
    recipe.keys.map(async (key) => {
      const info = PrivateKeyInfo.fromBER(bufferOf(key.export({ type: 'pkcs8', format: 'der' })))
      const bag = new PKCS8ShroudedKeyBag({ parsedValue: info })
      await bag.makeInternalValues(encryption)
      return new SafeBag({ bagId: KEY_BAG, bagValue: bag })
    }),
  )
  const certificateBags = recipe.certificates.map(
    (der) =>
      new SafeBag({
        bagId: CERTIFICATE_BAG,
        bagValue: new CertBag({ parsedValue: Certificate.fromBER(bufferOf(der)) }),
      }),
  )
  const safe = new AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        { privacyMode: 1, value: new SafeContents({ safeBags: certificateBags }) },
        { privacyMode: 0, value: new SafeContents({ safeBags: keyBags }) },
      ],
    },
  })
  await safe.makeInternalValues({ safeContents: [encryption, {}] })
  if (recipe.certificateEncryption !== undefined) foreign(safe, recipe.certificateEncryption)
  const pfx = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safe } })
  await pfx.makeInternalValues({
    password,
    iterations: recipe.rounds ?? 2048,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  })
  if (recipe.withoutMac === true) Reflect.deleteProperty(pfx, 'macData')
  return new Uint8Array(pfx.toSchema().toBER())
}

function foreign(safe: AuthenticatedSafe, algorithmId: string): void {
  const [content] = safe.safeContents
  if (content?.contentType !== ENCRYPTED_DATA) throw new Error('the certificates are not encrypted')
  content.content = new EncryptedData({
    encryptedContentInfo: new EncryptedContentInfo({
      contentType: DATA,
      contentEncryptionAlgorithm: new AlgorithmIdentifier({ algorithmId }),
      encryptedContent: new OctetString({ valueHex: new ArrayBuffer(16) }),
    }),
  }).toSchema()
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
