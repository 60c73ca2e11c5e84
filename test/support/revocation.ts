import { hash, type KeyObject, sign } from 'node:crypto'
import { Extension } from '../../src/trust/certificate/x509.js'
import type { Evidence } from '../../src/trust/revocation/revocation.js'
import { caExtensions, leafExtensions, type Minted, mint, privateKeyOf } from './keys.js'

/** One DER element: the tests have a writer of their own, so that the program's is not its own witness. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  if (content.byteLength < 0x80) return Buffer.concat([Buffer.from([tag, content.byteLength]), content])
  const length = Buffer.from(content.byteLength.toString(16).padStart(8, '0'), 'hex')
  const short = length.subarray(length.findIndex((octet) => octet !== 0))
  return Buffer.concat([Buffer.from([tag, 0x80 | short.byteLength]), short, content])
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const arcs = [first * 40 + second, ...rest].map((arc) => {
    const octets = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) octets.unshift(0x80 | (left % 128))
    return Buffer.from(octets)
  })
  return der(0x06, ...arcs)
}

export function integer(value: number | string): Buffer {
  const hex = typeof value === 'string' ? value : value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  const positive = typeof value === 'number' && (bytes[0] ?? 0) >= 0x80 ? [Buffer.of(0), bytes] : [bytes]
  return der(0x02, ...positive)
}

export function utcTime(date: Date): Buffer {
  return der(0x17, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
}

export function generalizedTime(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))
}

export function extension(type: string, value: Uint8Array, critical = false): Buffer {
  return der(0x30, oid(type), ...(critical ? [der(0x01, Buffer.of(0xff))] : []), der(0x04, value))
}

export const uri = (text: string): Buffer => der(0x86, Buffer.from(text, 'latin1'))
export const enumerated = (value: number): Buffer => der(0x0a, Buffer.of(value))
export const flag = (tag: number): Buffer => der(tag, Buffer.of(0xff))

/** A DistributionPoint with a full name. */
export function point(names: readonly Uint8Array[], ...more: readonly Uint8Array[]): Buffer {
  return der(0x30, der(0xa0, der(0xa0, ...names)), ...more)
}

const ECDSA_SHA256 = '1.2.840.10045.4.3.2'

/** SIGNED, with ECDSA and SHA-256 unless the recipe says otherwise. */
export function signedBy(content: Uint8Array, key: KeyObject, algorithm = der(0x30, oid(ECDSA_SHA256))): Buffer {
  return der(0x30, content, algorithm, der(0x03, Buffer.of(0), sign('sha256', content, key)))
}

export interface EntryRecipe {
  /** the content of the INTEGER, hexadecimal */
  readonly serial: string
  readonly reason?: number
  readonly since?: Date
  readonly invalidFrom?: Date
  readonly extensions?: readonly Uint8Array[]
}

export interface CrlRecipe {
  readonly number?: number
  readonly baseNumber?: number
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date
  readonly entries?: readonly EntryRecipe[]
  readonly extensions?: readonly Uint8Array[]
  /** exchanges the parts of the TBSCertList: version, algorithm, issuer, thisUpdate, nextUpdate, entries, extensions */
  readonly change?: (parts: Buffer[]) => Buffer[]
  /** exchanges the AlgorithmIdentifier beside the signature */
  readonly algorithm?: Buffer
}

export const FROM = new Date('2026-11-20T00:00:00Z')
export const TO = new Date('2026-11-27T00:00:00Z')

/** A CRL, good or bad, signed by this issuer. */
export function crlOf(issuer: Minted, recipe: CrlRecipe = {}): Evidence {
  const entries = (recipe.entries ?? []).map(entryOf)
  const parts = [
    integer(1),
    der(0x30, oid(ECDSA_SHA256)),
    Buffer.from(issuer.certificate.subjectDer),
    utcTime(recipe.thisUpdate ?? FROM),
    utcTime(recipe.nextUpdate ?? TO),
    ...(entries.length === 0 ? [] : [der(0x30, ...entries)]),
    der(0xa0, der(0x30, ...listExtensions(recipe))),
  ]
  const content = der(0x30, ...(recipe.change?.(parts) ?? parts))
  return { kind: 'crl', der: signedBy(content, privateKeyOf(issuer), recipe.algorithm) }
}

function listExtensions({ number = 1, baseNumber, extensions = [] }: CrlRecipe): Buffer[] {
  const delta = baseNumber === undefined ? [] : [extension('2.5.29.27', integer(baseNumber), true)]
  return [extension('2.5.29.20', integer(number)), ...delta, ...extensions.map((one) => Buffer.from(one))]
}

function entryOf({ serial, reason, since = FROM, invalidFrom, extensions = [] }: EntryRecipe): Buffer {
  const found = [
    ...(reason === undefined ? [] : [extension('2.5.29.21', enumerated(reason))]),
    ...(invalidFrom === undefined ? [] : [extension('2.5.29.24', generalizedTime(invalidFrom))]),
    ...extensions,
  ]
  return der(0x30, integer(serial), utcTime(since), ...(found.length === 0 ? [] : [der(0x30, ...found)]))
}

/** The extension issuingDistributionPoint of a list. */
export function scope(...parts: readonly Uint8Array[]): Buffer {
  return extension('2.5.29.28', der(0x30, ...parts), true)
}

export interface OcspRecipe {
  readonly subject: Minted
  readonly issuer: Minted
  readonly status?: Buffer
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date | 'none'
  readonly producedAt?: Date
  readonly hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'md5'
  readonly singleExtensions?: readonly Uint8Array[]
  readonly extensions?: readonly Uint8Array[]
  /** who signs, where it is not the issuer, and the certificates that are sent along */
  readonly responder?: Minted
  readonly certificates?: readonly Minted[]
  /** who is named as the one who signed, and how */
  readonly named?: Minted
  readonly by?: 'name' | 'key'
  readonly responseStatus?: number
  /** exchanges the parts of the CertID: algorithm, name hash, key hash, serial number */
  readonly changeId?: (parts: Buffer[]) => Buffer[]
}

const HASHES = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  md5: '1.2.840.113549.2.5',
} as const

export const GOOD = der(0x80)
export const NOT_KNOWN = der(0x82)

export function revoked(since: Date, reason?: number): Buffer {
  return der(0xa1, generalizedTime(since), ...(reason === undefined ? [] : [der(0xa0, enumerated(reason))]))
}

/** An OCSP response, good or bad. */
export function ocspOf(recipe: OcspRecipe): Evidence {
  const signer = recipe.responder ?? recipe.issuer
  const named = recipe.named ?? signer
  const single = [
    der(0x30, ...idOf(recipe)),
    recipe.status ?? GOOD,
    generalizedTime(recipe.thisUpdate ?? FROM),
    ...(recipe.nextUpdate === 'none' ? [] : [der(0xa0, generalizedTime(recipe.nextUpdate ?? TO))]),
    ...wrapped(0xa1, recipe.singleExtensions),
  ]
  const data = der(
    0x30,
    recipe.by === 'name' ? der(0xa1, named.certificate.subjectDer) : der(0xa2, der(0x04, keyHash(named, 'sha1'))),
    generalizedTime(recipe.producedAt ?? recipe.thisUpdate ?? FROM),
    der(0x30, der(0x30, ...single)),
    ...wrapped(0xa1, recipe.extensions),
  )
  const certificates = (recipe.certificates ?? (recipe.responder === undefined ? [] : [recipe.responder])).map(
    ({ certificate }) => certificate.der,
  )
  const parts = signedParts(data, privateKeyOf(signer))
  const basic = der(0x30, ...parts, ...(certificates.length === 0 ? [] : [der(0xa0, der(0x30, ...certificates))]))
  const body = der(0xa0, der(0x30, oid('1.3.6.1.5.5.7.48.1.1'), der(0x04, basic)))
  return { kind: 'ocsp', der: der(0x30, enumerated(recipe.responseStatus ?? 0), body) }
}

function signedParts(content: Buffer, key: KeyObject): Buffer[] {
  return [content, der(0x30, oid(ECDSA_SHA256)), der(0x03, Buffer.of(0), sign('sha256', content, key))]
}

function wrapped(tag: number, extensions: readonly Uint8Array[] = []): Buffer[] {
  return extensions.length === 0 ? [] : [der(tag, der(0x30, ...extensions))]
}

function idOf({ subject, issuer, hash: name = 'sha1', changeId = (parts) => parts }: OcspRecipe): Buffer[] {
  return changeId([
    der(0x30, oid(HASHES[name]), der(0x05)),
    der(0x04, hash(name, issuer.certificate.subjectDer, 'buffer')),
    der(0x04, keyHash(issuer, name)),
    der(0x02, Buffer.from(subject.certificate.serialNumber, 'hex')),
  ])
}

/** The hash over the public key's bits: of an EC P-256 key the 65 octets of its point end the SubjectPublicKeyInfo. */
export function keyHash({ certificate }: Minted, name: string): Buffer {
  return hash(name, certificate.publicKey.export({ type: 'spki', format: 'der' }).subarray(-65), 'buffer')
}

export const CRL_URL = 'http://ca.example/list.crl'
export const OCSP_URL = 'http://ca.example/ocsp'

/** An extension of a certificate from its DER. */
export function raw(type: string, value: Uint8Array, critical = false): Extension {
  return new Extension(type, critical, Uint8Array.from(value).buffer)
}

export const crlSource = (...urls: readonly string[]): Extension =>
  raw('2.5.29.31', der(0x30, point((urls.length === 0 ? [CRL_URL] : urls).map(uri))))
export const ocspSource = (url = OCSP_URL): Extension =>
  raw('1.3.6.1.5.5.7.1.1', der(0x30, der(0x30, oid('1.3.6.1.5.5.7.48.1'), uri(url))))
export const deltaSource = (url = 'http://ca.example/delta.crl'): Extension =>
  raw('2.5.29.46', der(0x30, point([uri(url)])))

export interface RevocableChain {
  readonly root: Minted
  readonly leaf: Minted
  /** leaf first */
  readonly certificates: readonly [Minted['certificate'], Minted['certificate']]
}

/** A root and a leaf that names these sources. */
export async function mintRevocable(...sources: readonly Extension[]): Promise<RevocableChain> {
  const root = await mint({ name: 'Revoking CA', extensions: caExtensions() })
  const leaf = await mint({ name: 'Acme', extensions: [...leafExtensions(), ...sources] }, root)
  return { root, leaf, certificates: [leaf.certificate, root.certificate] }
}
