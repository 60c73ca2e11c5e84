import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import { encodeBase64Url } from '../../src/trust/base64.js'
import { Extension } from '../../src/trust/certificate/x509.js'
import { nv2Key } from '../../src/trust/nv2/nv2-key.js'
import { buildNv2Manifest } from '../../src/trust/nv2/nv2-manifest.js'
import { type Nv2Signing, signNv2 } from '../../src/trust/nv2/sign-nv2.js'
import { type Built, built, content } from './build.js'
import { caExtensions, type Minted, mint, NOW } from './keys.js'

/** A subjectAltName with these hosts and IPv4 addresses. */
export function namesExtension(...names: readonly string[]): Extension {
  const items = names.map((name) =>
    /^[0-9.]+$/.test(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name)),
  )
  return new Extension('2.5.29.17', false, Buffer.from(der(0x30, Buffer.concat(items))))
}

function der(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, content.byteLength]), content])
}

export interface Registrar {
  readonly root: Minted
  readonly leaf: Minted
  readonly key: KeyObject
}

/** A signature of the prototype as it lies in a registry: nothing but a JWT, and tied to nothing. */
export async function anNv2Signature(subject: Descriptor, given: Partial<Nv2Signing> = {}): Promise<Built> {
  const key = nv2Key(newKey('P-256').privateKey)
  const token = new TextEncoder().encode(await signNv2(subject, key, { references: [], at: NOW, ...given }))
  return nv2Artifact(token)
}

/** The same around any bytes. */
export function nv2Artifact(token: Uint8Array): Built {
  const { config, manifest } = buildNv2Manifest(token)
  const root = content(OCI_MANIFEST, manifest)
  return built(root.descriptor, [{ descriptor: config, bytes: token }, root])
}

export type KeyKind = 'rsa2048' | 'rsa1024' | 'rsa3072' | 'P-256' | 'P-384' | 'P-521' | 'secp256k1' | 'ed25519'

export function newKey(kind: KeyKind): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519')
  if (kind.startsWith('rsa')) return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(3)) })
  return generateKeyPairSync('ec', { namedCurve: kind })
}

/** A root, and a signing certificate of this host below it. */
export async function registrar(
  host: string,
  given: { readonly kind?: KeyKind; readonly extensions?: readonly Extension[] } = {},
): Promise<Registrar> {
  const { privateKey, publicKey } = newKey(given.kind ?? 'P-256')
  const root = await mint({ name: `${host} root`, extensions: caExtensions(0) })
  const leaf = await mint({ name: host, publicKey, extensions: given.extensions ?? [] }, root)
  return { root, leaf, key: privateKey }
}

/** A JWT as text, from whatever is put in; the signature proves nothing unless one is given. */
export function rawToken(header: unknown, claims: unknown, signature: Uint8Array = new Uint8Array([1])): Uint8Array {
  const part = (value: unknown) =>
    encodeBase64Url(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)))
  return new TextEncoder().encode(`${part(header)}.${part(claims)}.${encodeBase64Url(signature)}`)
}
