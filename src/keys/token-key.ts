import type { KeyObject } from 'node:crypto'
import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type Certificate, parseCertificate, parseCertificateFile } from '../trust/certificate/certificate.js'
import { algorithmOfKey } from '../trust/key/algorithms.js'
import { makeSigner, type OpenSigner } from '../trust/key/signer.js'
import { assembleChain } from './assemble-chain.js'
import type { TokenKeySpec } from './key-spec.js'
import { obtainPassword, type PasswordSources } from './passwords.js'
import { startToken, type TokenClient } from './token-client.js'
import { explainKey, explainLogin, explainSign, explainToken } from './token-failures.js'

export interface OpenTokenGiven extends PasswordSources {
  readonly now: Date
  readonly signal: AbortSignal
  /** how long the module may take for an answer */
  readonly tokenTimeoutMs?: number
}

// Long enough to fetch the PIN for a pad, or to find the key that wants a touch.
const TIMEOUT_MS = 120_000

interface TokenFacts {
  readonly token: string
  readonly wantsLogin: boolean
  readonly ownPinPad: boolean
  readonly locked: boolean
  readonly lastTry: boolean
}

interface TokenKey {
  /** CKA_ID, hexadecimal */
  readonly id: string
  readonly publicKey?: { readonly modulus: Uint8Array; readonly exponent: Uint8Array } | { readonly point: Uint8Array }
  readonly certificates: readonly { readonly id: string; readonly der: Uint8Array }[]
}

/**
 * A signer whose key is on a PKCS#11 token. Logs in once: a wrong PIN is never tried again, because a token locks itself
 * after a few. The certificate is the first of the certificate file or, without one, the token's with the key's CKA_ID.
 * @throws ERR_KEY_UNUSABLE, ERR_CONFIG_INVALID about certificates
 */
export async function openTokenKey(spec: TokenKeySpec, given: OpenTokenGiven): Promise<OpenSigner> {
  const client = startToken(spec.uri.modulePath)
  try {
    return await signerOn(client, spec, given)
  } catch (cause) {
    await client.close()
    throw cause
  }
}

async function signerOn(client: TokenClient, spec: TokenKeySpec, given: OpenTokenGiven): Promise<OpenSigner> {
  const { uri, cert } = spec
  const call = { signal: given.signal, timeoutMs: given.tokenTimeoutMs ?? TIMEOUT_MS }
  const file = cert === undefined ? [] : parseCertificateFile(await given.readFile(cert), cert, 'ERR_CONFIG_INVALID')
  const asked = { module: uri.modulePath, token: uri.token }
  const explain = explainToken(uri.modulePath)
  const token = (await client.ask('findToken', asked, { ...call, explain })) as TokenFacts
  const name = `the token ${printable(token.token, 100)}`
  await login(client, { token, name, spec }, given)
  const wanted = {
    ...(uri.object === undefined ? {} : { object: uri.object }),
    ...(uri.id === undefined ? {} : { id: uri.id }),
    certificates: LIMITS.keyCertificates,
  }
  const key = (await client.ask('findKey', wanted, { ...call, explain: explainKey(name) })) as TokenKey
  const chain = chainOf(key, file, name)
  const algorithm = chain[0] && algorithmOfKey(chain[0].publicKey)
  if (chain[0] !== undefined && belongsToAnother(key, chain[0].publicKey)) {
    refuse(`the key on ${name} does not belong to the certificate of ${chain[0].subject}`)
  }
  const sign = async (bytes: Uint8Array, { signal }: { readonly signal?: AbortSignal | undefined }) => {
    const how = { ...call, signal: signal ?? given.signal, explain: explainSign(name) }
    const { signature } = (await client.ask('sign', { algorithm, bytes }, how)) as { readonly signature: Uint8Array }
    return algorithm?.startsWith('ES') === true ? padded(signature, COORDINATE_BYTES[algorithm] ?? 0) : signature
  }
  return makeSigner({ chain, sign, close: () => client.close() }, given.now)
}

async function login(
  client: TokenClient,
  { token, name, spec }: { readonly token: TokenFacts; readonly name: string; readonly spec: TokenKeySpec },
  given: OpenTokenGiven,
): Promise<void> {
  if (!token.wantsLogin) return
  if (token.locked) refuse(`${name} is locked after too many wrong PINs: unlock it with its own program`)
  if (token.lastTry) {
    refuse(`${name} has one try for its PIN left, which is not used up here: log in with its own program first`)
  }
  const pin = token.ownPinPad ? undefined : await obtainPassword(name, spec.uri.pinSource ?? spec.passwordFile, given)
  const call = { signal: given.signal, timeoutMs: given.tokenTimeoutMs ?? TIMEOUT_MS, explain: explainLogin(name) }
  await client.ask('login', pin === undefined ? {} : { pin }, call)
}

function chainOf(key: TokenKey, file: readonly Certificate[], name: string): readonly Certificate[] {
  // Another certificate on the token may be of any kind, and no business of this key.
  const others = key.certificates.flatMap(({ id, der }) => {
    try {
      return [
        { id, certificate: parseCertificate(new Uint8Array(der), `a certificate on ${name}`, 'ERR_CONFIG_INVALID') },
      ]
    } catch {
      return []
    }
  })
  const own = others.filter(({ id }) => id === key.id && id !== '').map(({ certificate }) => certificate)
  const leaf = file[0] ?? own[0]
  if (leaf === undefined || (file.length === 0 && own.length > 1)) {
    return refuse(
      `${name} holds ${own.length === 0 ? 'no certificate' : 'several certificates'} with the id of the key: give --cert FILE`,
    )
  }
  const candidates = [...file.slice(1), ...others.map(({ certificate }) => certificate)]
  return assembleChain(leaf, candidates, 'add it to the file of --cert, after the signing certificate')
}

/** False also where the token says nothing of the public key; then the first signature tells. */
function belongsToAnother({ publicKey }: TokenKey, certified: KeyObject): boolean {
  if (publicKey === undefined) return false
  const jwk = certified.export({ format: 'jwk' })
  if ('modulus' in publicKey) {
    return jwk.kty !== 'RSA' || !sameNumber(publicKey.modulus, jwk.n) || !sameNumber(publicKey.exponent, jwk.e)
  }
  const point = Buffer.concat([
    Buffer.of(4),
    Buffer.from(jwk.x ?? '', 'base64url'),
    Buffer.from(jwk.y ?? '', 'base64url'),
  ])
  // PKCS#11 wants the point in a DER OCTET STRING; some tokens give it bare.
  return jwk.kty !== 'EC' || !Buffer.from(publicKey.point).subarray(-point.length).equals(point)
}

function sameNumber(bytes: Uint8Array, expected: string | undefined): boolean {
  const first = bytes.findIndex((byte) => byte !== 0)
  return Buffer.from(bytes.subarray(Math.max(first, 0))).equals(Buffer.from(expected ?? '', 'base64url'))
}

const COORDINATE_BYTES: Readonly<Record<string, number>> = { ES256: 32, ES384: 48, ES512: 66 }

/** PKCS#11 lets a token leave out leading zeros, of both halves alike. */
function padded(signature: Uint8Array, bytes: number): Uint8Array {
  const half = signature.byteLength / 2
  if (!Number.isInteger(half) || half >= bytes) return signature
  const whole = new Uint8Array(2 * bytes)
  whole.set(signature.subarray(0, half), bytes - half)
  whole.set(signature.subarray(half), 2 * bytes - half)
  return whole
}

function refuse(why: string): never {
  throw new TransferError('ERR_KEY_UNUSABLE', why, { side: 'operator' })
}
