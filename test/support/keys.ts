import { createPrivateKey, type KeyObject, webcrypto } from 'node:crypto'
import { type Certificate, parseCertificate } from '../../src/trust/certificate/certificate.js'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509CertificateGenerator,
} from '../../src/trust/certificate/x509.js'
import { loadSigner, type Signer } from '../../src/trust/key/signer.js'
import { formatPem } from '../../src/trust/pem.js'

export const NOW = new Date('2026-11-22T12:00:00Z')
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'

export interface Recipe {
  /** the common name */
  readonly name: string
  /** a public key of another kind than EC P-256; such a certificate can issue nothing */
  readonly publicKey?: KeyObject
  readonly extensions?: readonly Extension[]
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly hash?: 'SHA-1' | 'SHA-256'
}

export interface Minted {
  readonly name: string
  readonly certificate: Certificate
  readonly pem: string
  readonly keyPem: string
  readonly keys: webcrypto.CryptoKeyPair
}

/** A CA's extensions as the Notary rules want them. */
export function caExtensions(pathLength?: number): Extension[] {
  return [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ]
}

/** A signing certificate's extensions as the Notary rules want them. */
export function leafExtensions(): Extension[] {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([CODE_SIGNING]),
  ]
}

/** Makes any certificate, good or bad; without an issuer it signs itself. */
export async function mint(recipe: Recipe, issuer?: Pick<Minted, 'name' | 'keys'>): Promise<Minted> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const made = await X509CertificateGenerator.create({
    subject: subject(recipe.name),
    issuer: subject(issuer?.name ?? recipe.name),
    notBefore: recipe.notBefore ?? new Date('2026-01-01T00:00:00Z'),
    notAfter: recipe.notAfter ?? new Date('2027-12-31T23:59:59Z'),
    signingAlgorithm: { name: 'ECDSA', hash: recipe.hash ?? 'SHA-256' },
    publicKey: recipe.publicKey?.export({ type: 'spki', format: 'der' }) ?? keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    extensions: [...(recipe.extensions ?? [])],
  })
  const der = new Uint8Array(made.rawData)
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  return {
    name: recipe.name,
    certificate: parseCertificate(der, recipe.name, 'ERR_CONFIG_INVALID'),
    pem: formatPem('CERTIFICATE', der),
    keyPem: formatPem('PRIVATE KEY', pkcs8),
    keys,
  }
}

export interface MintedChain {
  readonly root: Minted
  readonly intermediate: Minted
  readonly leaf: Minted
  /** leaf first */
  readonly certificates: readonly Certificate[]
  readonly chainPem: string
}

/** A sound chain of three. */
export async function mintChain(name = 'Acme'): Promise<MintedChain> {
  const root = await mint({ name: `${name} root`, extensions: caExtensions(1) })
  const intermediate = await mint({ name: `${name} intermediate`, extensions: caExtensions(0) }, root)
  const leaf = await mint({ name, extensions: leafExtensions() }, intermediate)
  return {
    root,
    intermediate,
    leaf,
    certificates: [leaf, intermediate, root].map(({ certificate }) => certificate),
    chainPem: leaf.pem + intermediate.pem + root.pem,
  }
}

export function signerOf(chain: MintedChain, at = NOW): Signer {
  return loadSigner(chain.leaf.keyPem, chain.chainPem, at)
}

export function privateKeyOf({ keyPem }: Minted): KeyObject {
  return createPrivateKey(keyPem)
}

function subject(commonName: string) {
  return [{ C: ['ZZ'] }, { ST: ['-'] }, { O: ['Waybill tests'] }, { CN: [commonName] }]
}
