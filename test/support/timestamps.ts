import { constants, createPrivateKey, generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto'
import { type AsnType, GeneralizedTime, Integer, OctetString, Sequence, Set as SetOf } from 'asn1js'
import type { Certificate } from '../../src/trust/certificate/certificate.js'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
} from '../../src/trust/certificate/x509.js'
import { caExtensions, type Minted, mint, type Recipe } from './keys.js'
import {
  algorithm,
  attribute,
  type Change,
  type Digest,
  decode,
  encode,
  imprint,
  issuerAndSerial,
  OIDS,
  oid,
  pssAlgorithm,
  signingCertificate,
  tagged,
} from './timestamp-parts.js'

/** A timestamp authority of our own, whose tokens may be as wrong as a test wants them. */
export interface Authority {
  readonly root: Minted
  readonly intermediate: Minted
  readonly leaf: Minted
  /** the leaf's */
  readonly key: KeyObject
}

/** How a token differs from a sound one. Each change is made before what signs it is computed. */
export interface TokenRecipe {
  readonly authority: Authority
  /** what the token is over */
  readonly signed?: Uint8Array
  readonly digest?: Digest
  readonly tstInfo?: Change
  readonly attributes?: Change
  readonly signature?: 'RSA' | 'RSA-PSS' | 'ECDSA'
  /** changed without being signed again */
  readonly signerInfo?: Change
  readonly signers?: Change
  readonly signedData?: Change
  readonly contentInfo?: Change
  /** the certificates in it; leaf, intermediate and root */
  readonly carried?: readonly Certificate[]
}

const SIGNATURES: Readonly<Record<string, string>> = {
  'RSA sha256': '1.2.840.113549.1.1.11',
  'RSA sha384': '1.2.840.113549.1.1.12',
  'RSA sha512': '1.2.840.113549.1.1.13',
  'RSA sha1': '1.2.840.113549.1.1.5',
  'ECDSA sha256': '1.2.840.10045.4.3.2',
  'ECDSA sha384': '1.2.840.10045.4.3.3',
  'ECDSA sha512': '1.2.840.10045.4.3.4',
  'ECDSA sha1': '1.2.840.10045.4.1',
}

export const SIGNED = new TextEncoder().encode('the raw bytes of a signature')
export const GEN_TIME = '20260601120000Z'
export const POLICY = '1.3.6.1.4.1.99999.1'
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'

/** What a TSA's certificate says, as the Notary rules want it. */
export function tsaExtensions() {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([TIME_STAMPING], true),
  ]
}

/**
 * An authority with a sound chain of three, its key EC P-256 or the given one.
 * @param leaf what the leaf has otherwise
 */
export async function mintAuthority(
  leaf: Partial<Recipe> = {},
  pair?: { privateKey: KeyObject; publicKey: KeyObject },
): Promise<Authority> {
  const root = await mint({ name: 'TSA root', extensions: caExtensions(1) })
  const intermediate = await mint({ name: 'TSA intermediate', extensions: caExtensions(0) }, root)
  const recipe = {
    name: 'TSA',
    extensions: tsaExtensions(),
    ...(pair === undefined ? {} : { publicKey: pair.publicKey }),
  }
  const minted = await mint({ ...recipe, ...leaf }, intermediate)
  return { root, intermediate, leaf: minted, key: pair?.privateKey ?? createPrivateKey(minted.keyPem) }
}

export function rsaPair(bits: number) {
  return generateKeyPairSync('rsa', { modulusLength: bits })
}

export function ecPair(namedCurve: string) {
  return generateKeyPairSync('ec', { namedCurve })
}

/** DER of a token; sound, but for what the recipe changes. */
export function mintToken(recipe: TokenRecipe): Uint8Array {
  const { authority, digest = 'sha256' } = recipe
  const content = encode(new Sequence({ value: changed(tstInfoFields(recipe), recipe.tstInfo) }))
  const signers = changed([mintSigner(recipe, content)], recipe.signers)
  const carried = recipe.carried ?? [authority.leaf, authority.intermediate, authority.root].map(certificateOf)
  const eContent = tagged(0, new OctetString({ valueHex: content }))
  const fields = changed(
    [
      new Integer({ value: 3 }),
      new SetOf({ value: [algorithm(OIDS[digest])] }),
      new Sequence({ value: [oid(OIDS.tstInfo), eContent] }),
      tagged(0, ...carried.map(({ der }) => decode(der))),
      new SetOf({ value: signers }),
    ],
    recipe.signedData,
  )
  const signedData = tagged(0, new Sequence({ value: fields }))
  return encode(new Sequence({ value: changed([oid(OIDS.signedData), signedData], recipe.contentInfo) }))
}

function tstInfoFields({ signed = SIGNED, digest = 'sha256' }: TokenRecipe): AsnType[] {
  return [
    new Integer({ value: 1 }),
    oid(POLICY),
    imprint(digest, signed),
    new Integer({ value: 4711 }),
    new GeneralizedTime({ value: GEN_TIME }),
  ]
}

/** One SignerInfo over this content. */
export function mintSigner(recipe: TokenRecipe, content: Uint8Array): AsnType {
  const { digest = 'sha256' } = recipe
  const leaf = certificateOf(recipe.authority.leaf)
  const attributes = changed(
    [
      attribute(OIDS.contentType, oid(OIDS.tstInfo)),
      attribute(OIDS.messageDigest, new OctetString({ valueHex: hash(digest, content, 'buffer') })),
      attribute(OIDS.signingCertificateV2, signingCertificate(leaf)),
    ],
    recipe.attributes,
  )
  const toBeSigned = encode(new SetOf({ value: attributes }))
  const fields = [
    new Integer({ value: 1 }),
    issuerAndSerial(leaf),
    algorithm(OIDS[digest]),
    tagged(0, ...attributes),
    ...signatureOf(recipe, toBeSigned),
  ]
  return new Sequence({ value: changed(attributes.length === 0 ? fields.toSpliced(3, 1) : fields, recipe.signerInfo) })
}

function signatureOf({ authority, digest = 'sha256', signature }: TokenRecipe, toBeSigned: Uint8Array): AsnType[] {
  const { key } = authority
  const scheme = signature ?? (key.asymmetricKeyType === 'rsa' ? 'RSA' : 'ECDSA')
  if (scheme !== 'RSA-PSS') {
    const value = sign(digest, toBeSigned, key)
    return [algorithm(SIGNATURES[`${scheme} ${digest}`] ?? '', scheme === 'RSA'), new OctetString({ valueHex: value })]
  }
  const value = sign(digest, toBeSigned, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
  return [pssAlgorithm(digest, 32), new OctetString({ valueHex: value })]
}

function certificateOf({ certificate }: Minted): Certificate {
  return certificate
}

function changed(fields: AsnType[], change: Change | undefined): AsnType[] {
  return change === undefined ? fields : change(fields)
}
