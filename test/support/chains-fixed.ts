import { createPrivateKey, createPublicKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { parsePemCertificates } from '../../src/trust/certificate/certificate.js'
import { BasicConstraintsExtension, ExtendedKeyUsageExtension, Extension } from '../../src/trust/certificate/x509.js'
import { signRaw } from '../../src/trust/key/raw-signature.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { caExtensions, leafExtensions, type Minted, mint, type Recipe } from './keys.js'
import { type Recorded, readFixed, recording } from './keys-fixed.js'

const FOLDER = new URL('../vectors/chains/', import.meta.url)
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const UNKNOWN = '1.3.6.1.4.1.55555.1'
const FEBRUARY = new Date('2026-02-01T00:00:00Z')

/** Chains that no verifier may take, whomever it trusts; the leaf has the same key in all of them. */
const CHAINS = {
  'leaf-is-a-ca': [leaf([new BasicConstraintsExtension(true, 0, true), ...leafExtensions().slice(1)]), root()],
  'leaf-for-servers': [leaf(purposes('1.3.6.1.5.5.7.3.1')), root()],
  'leaf-for-any-purpose': [leaf(purposes(CODE_SIGNING, '2.5.29.37.0')), root()],
  'leaf-for-timestamps': [leaf(purposes('1.3.6.1.5.5.7.3.8')), root()],
  'leaf-without-key-usage': [leaf([leafExtensions()[0], leafExtensions()[2]]), root()],
  'leaf-with-unknown-critical-extension': [leaf([...leafExtensions(), critical(UNKNOWN)]), root()],
  'leaf-signed-with-sha-1': [{ ...leaf(leafExtensions()), hash: 'SHA-1' }, root()],
  'issuer-is-no-ca': [leaf(leafExtensions()), { name: 'Hostile issuer', extensions: leafExtensions() }, root()],
  'path-too-long': [leaf(leafExtensions()), { name: 'Hostile issuer', extensions: caExtensions(0) }, root(0)],
  'issuer-expired': [
    leaf(leafExtensions()),
    { name: 'Hostile issuer', extensions: caExtensions(0), notAfter: FEBRUARY },
    root(1),
  ],
} as const satisfies Readonly<Record<string, readonly Recipe[]>>

export type FixedChain = keyof typeof CHAINS
export const FIXED_CHAINS = Object.keys(CHAINS) as readonly FixedChain[]

function leaf(extensions: readonly (Extension | undefined)[]): Recipe {
  return { name: 'Hostile', extensions: extensions.filter((one) => one !== undefined) }
}

function root(pathLength?: number): Recipe {
  return { name: 'Hostile root', extensions: caExtensions(pathLength) }
}

function purposes(...oids: readonly string[]): readonly (Extension | undefined)[] {
  return [...leafExtensions().slice(0, 2), new ExtendedKeyUsageExtension([...oids])]
}

function critical(oid: string): Extension {
  return new Extension(oid, true, new Uint8Array([0x05, 0]).buffer)
}

/** Who signs with this chain, and asks nobody whether it may. */
export function hostileSigner(name: FixedChain, recorded: Recorded): Signer {
  const key = createPrivateKey(readFixed('chains/leaf.key'))
  const chain = parsePemCertificates(readFixed(`chains/${name}.crt`), name, 'ERR_CONFIG_INVALID')
  const sign: Signer['sign'] = async (bytes) => await signRaw(key, 'ES256', bytes)
  return recording({ chain, algorithm: 'ES256', sign }, recorded)
}

/** Makes the chains that are not there yet, once; the keys of issuers are thrown away. */
export async function makeFixedChains(): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  const keyFile = new URL('leaf.key', FOLDER)
  if (!existsSync(keyFile)) await writeFile(keyFile, (await mint({ name: 'key' })).keyPem, { flag: 'wx' })
  const publicKey = createPublicKey(readFixed('chains/leaf.key'))
  for (const [name, recipes] of Object.entries<readonly Recipe[]>(CHAINS)) {
    const file = new URL(`${name}.crt`, FOLDER)
    if (existsSync(file)) continue
    const made: Minted[] = []
    for (const [at, recipe] of recipes.toReversed().entries()) {
      const isLeaf = at === recipes.length - 1
      made.unshift(await mint(isLeaf ? { ...recipe, publicKey } : recipe, made[0]))
    }
    await writeFile(file, made.map(({ pem }) => pem).join(''), { flag: 'wx' })
  }
}
