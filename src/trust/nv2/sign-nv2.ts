import { compactVerify } from 'jose/jws/compact/verify'
import { TransferError } from '../../errors.js'
import { type BareDescriptor, bare } from '../../oci/descriptor.js'
import { encodeBase64, encodeBase64Url } from '../base64.js'
import { formatClaims } from './claims.js'
import type { Nv2Claims, Nv2Key, OpenedNv2 } from './nv2.js'
import { openNv2 } from './open-nv2.js'
import { referenceFindings } from './registry-name.js'

export interface Nv2Signing {
  /** the full names that the target has; the certificate must be of each one's registry */
  readonly references: readonly string[]
  /** now: the JWT says that it was made then, and with an expiry that it does not count earlier */
  readonly at: Date
  readonly expiry?: Date
  readonly signal?: AbortSignal
}

/**
 * Signs a descriptor in the prototype's way, and gives the JWT in its compact form. The registry-name rule holds for the
 * signer as well; a key without a certificate is not held against it, since there are no names.
 * @throws ERR_USAGE where the rule or the times refuse, ERR_KEY_UNUSABLE where the key does not make what it should
 */
export async function signNv2(target: BareDescriptor, key: Nv2Key, given: Nv2Signing): Promise<string> {
  const claims = claimsOf(target, given)
  const { signedBy } = key
  const leaf = signedBy.kind === 'x5c' ? signedBy.chain[0] : undefined
  const findings = leaf === undefined ? [] : referenceFindings(claims, leaf)
  if (findings.length > 0) throw new TransferError('ERR_USAGE', findings.join('; '), { side: 'operator' })
  const input = `${encodeText(JSON.stringify(headerOf(key)))}.${encodeBase64Url(formatClaims(claims))}`
  const signature = await key.sign(new TextEncoder().encode(input), given)
  const token = `${input}.${encodeBase64Url(signature)}`
  await refuseUnverifiable(openNv2(new TextEncoder().encode(token)), key)
  return token
}

function claimsOf(target: BareDescriptor, { references, at, expiry }: Nv2Signing): Nv2Claims {
  if (expiry !== undefined && expiry.getTime() < at.getTime() + 1000) {
    throw new TransferError('ERR_USAGE', 'a signature must expire at least a second after it is made')
  }
  // nv2, docs/nv2: only a signature that ends has a beginning.
  const times = expiry === undefined ? {} : { expiry, notBefore: at }
  return { target: bare(target), references, issuedAt: at, ...times }
}

function headerOf({ algorithm, signedBy }: Nv2Key) {
  const who =
    signedBy.kind === 'kid' ? { kid: signedBy.keyId } : { x5c: signedBy.chain.map(({ der }) => encodeBase64(der)) }
  return { typ: 'x509', alg: algorithm, ...who }
}

function encodeText(text: string): string {
  return encodeBase64Url(new TextEncoder().encode(text))
}

/** A token or a plugin may answer anything; what leaves here verifies. */
async function refuseUnverifiable({ token, algorithm }: OpenedNv2, key: Nv2Key): Promise<void> {
  try {
    await compactVerify(token, key.publicKey, { algorithms: [algorithm] })
  } catch {
    throw new TransferError('ERR_KEY_UNUSABLE', 'the key makes signatures that do not verify with its public half', {
      side: 'operator',
    })
  }
}
