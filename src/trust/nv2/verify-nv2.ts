import { compactVerify } from 'jose/jws/compact/verify'
import { printable } from '../../encoding/printable.js'
import { type ErrorCode, TransferError } from '../../errors.js'
import type { BareDescriptor } from '../../oci/descriptor.js'
import type { Certificate } from '../certificate/certificate.js'
import { checkValidity } from '../certificate/chain.js'
import { KeyUsageFlags } from '../certificate/x509.js'
import type { Validation } from '../policy/trust-policy.js'
import { nv2AlgorithmsOf } from './algorithm.js'
import { libtrustKeyId } from './key-id.js'
import type { OpenedNv2 } from './nv2.js'
import { openNv2 } from './open-nv2.js'
import { referenceFindings } from './registry-name.js'
import { type TrustedPath, trustedPath } from './trusted-path.js'

/** One judgement about a signature of the prototype. All of them are made, as far as there is something to look at. */
export interface Nv2Check {
  readonly name: 'signature' | 'target' | 'chain' | 'references' | 'validity' | 'time'
  /** where it belongs in a trust policy: what the policy does with its failure */
  readonly validation: Validation
  readonly result: 'pass' | 'fail'
  /** one sentence, safe to print */
  readonly detail: string
  /** absent when it passed */
  readonly code?: ErrorCode
}

export interface Nv2Judgement {
  /** `verified`: every check passed */
  readonly verdict: 'verified' | 'refused'
  readonly checks: readonly Nv2Check[]
  /** absent where the bytes are not such a signature */
  readonly opened?: OpenedNv2
  /** leaf first, the trusted certificate last; of a header with certificates that are not trusted what it has */
  readonly chain: readonly Certificate[]
}

export interface Nv2Given {
  /** the certificates of the trust stores: roots, and those of keys that sign by their id; with none nobody is trusted */
  readonly anchors: readonly Certificate[]
  readonly now: Date
  /** what the signature should be about */
  readonly target: BareDescriptor
}

/**
 * Judges a signature of the prototype (nv2, docs/signature; docs/adr/0025 where its text and its code disagree): the form,
 * the raw signature, what is signed, whether the key is trusted, whether its certificate is of the registries that it
 * names, and the times. Nothing is thrown for a bad one. There is no revocation in this world.
 */
export async function verifyNv2(token: Uint8Array, given: Nv2Given): Promise<Nv2Judgement> {
  let opened: OpenedNv2
  try {
    opened = openNv2(token)
  } catch (cause) {
    if (!(cause instanceof TransferError)) throw cause
    return { verdict: 'refused', checks: [fail('signature', 'ERR_SIGNATURE_INVALID', cause.message)], chain: [] }
  }
  const signer = signerOf(opened, given)
  const leaf = signer.path[0]
  const checks = [
    await judgeSignature(opened, leaf),
    judgeTarget(opened, given.target),
    judgeChain(opened, signer),
    ...(leaf === undefined ? [] : [judgeReferences(opened, leaf), judgeValidity(signer.path, given.now)]),
    judgeTime(opened, given.now),
  ]
  const verdict = checks.every(({ result }) => result === 'pass') ? 'verified' : 'refused'
  return { verdict, checks, opened, chain: signer.path }
}

interface FoundSigner extends TrustedPath {
  readonly trusted: boolean
}

function signerOf(opened: OpenedNv2, { anchors, now }: Nv2Given): FoundSigner {
  const { signedBy } = opened
  // Of a key or a root that was certified again the certificate counts that is in force.
  const inForce = anchors.toSorted((a, b) => checkValidity([a], now).length - checkValidity([b], now).length)
  if (signedBy.kind === 'x5c') {
    const found = trustedPath(signedBy.chain, inForce)
    return found === undefined ? { path: signedBy.chain, findings: [], trusted: false } : { ...found, trusted: true }
  }
  const known = inForce.filter(({ publicKey }) => libtrustKeyId(publicKey) === signedBy.keyId)
  const certificate = known.find((one) => referenceFindings(opened.claims, one).length === 0) ?? known[0]
  return { path: certificate === undefined ? [] : [certificate], findings: [], trusted: certificate !== undefined }
}

async function judgeSignature({ token, algorithm }: OpenedNv2, leaf: Certificate | undefined): Promise<Nv2Check> {
  if (leaf === undefined) return fail('signature', 'ERR_SIGNER_UNKNOWN', 'the key that should verify it is not known')
  if (!nv2AlgorithmsOf(leaf.publicKey).includes(algorithm)) {
    return fail('signature', 'ERR_SIGNATURE_INVALID', `${algorithm} does not go with the key of ${leaf.subject}`)
  }
  try {
    await compactVerify(token, leaf.publicKey, { algorithms: [algorithm] })
    return pass('signature', `it verifies with the key of ${leaf.subject} (${algorithm})`)
  } catch {
    return fail('signature', 'ERR_SIGNATURE_INVALID', `it does not verify with the key of ${leaf.subject}`)
  }
}

function judgeTarget({ claims }: OpenedNv2, wanted: BareDescriptor): Nv2Check {
  const { mediaType, digest, size } = claims.target
  const shown = `${digest} (${printable(mediaType, 150)}, ${size} bytes)`
  if (mediaType === wanted.mediaType && digest === wanted.digest && size === wanted.size) {
    return pass('target', `it is about ${shown}`)
  }
  return fail('target', 'ERR_SIGNATURE_INVALID', `it is about ${shown}, not about ${wanted.digest}`)
}

function judgeChain({ signedBy }: OpenedNv2, { path, findings, trusted }: FoundSigner): Nv2Check {
  if (!trusted) {
    const who = signedBy.kind === 'kid' ? `the key ${signedBy.keyId}` : (path[0]?.subject ?? 'nobody')
    return fail('chain', 'ERR_SIGNER_UNKNOWN', `signed by ${who}, and no trust store leads there`)
  }
  const broken = [...findings, ...usageFindings(path[0])]
  if (broken.length > 0) return fail('chain', 'ERR_SIGNATURE_INVALID', broken.join('; '))
  const anchor = path.at(-1)
  return pass(
    'chain',
    `signed by ${path[0]?.subject ?? ''}, trusted through ${anchor?.subject ?? ''} (SHA-256 ${anchor?.thumbprint ?? ''})`,
  )
}

/** docs/adr/0025: a certificate without keyUsage may do everything (RFC 5280 §4.2.1.3), and the prototype's own have none. */
function usageFindings(leaf: Certificate | undefined): string[] {
  const usages = leaf?.keyUsage?.usages
  if (usages === undefined || (usages & KeyUsageFlags.digitalSignature) !== 0) return []
  return [`${leaf?.subject ?? ''}: its keyUsage lacks digitalSignature`]
}

function judgeReferences({ claims }: OpenedNv2, leaf: Certificate): Nv2Check {
  const findings = referenceFindings(claims, leaf)
  if (findings.length > 0) return fail('references', 'ERR_IDENTITY_UNTRUSTED', findings.slice(0, 5).join('; '))
  const { references } = claims
  if (references.length === 0) return pass('references', 'the signer claims no names')
  return pass('references', `the certificate is of every registry named: ${printable(references.join(', '), 1000)}`)
}

function judgeValidity(path: readonly Certificate[], now: Date): Nv2Check {
  const findings = checkValidity(path, now)
  if (findings.length === 0) return pass('validity', 'every certificate of the signer is valid')
  return fail('validity', 'ERR_SIGNATURE_EXPIRED', `${findings.join('; ')}; it is ${now.toISOString()}`)
}

/** docs/adr/0025: the moment of `exp` is already too late, as the text has it, and RFC 7519 §4.1.4. */
function judgeTime({ claims: { notBefore, expiry, issuedAt } }: OpenedNv2, now: Date): Nv2Check {
  const it = `and it is ${now.toISOString()}`
  if (notBefore !== undefined && !(now >= notBefore)) {
    return fail('time', 'ERR_SIGNATURE_EXPIRED', `the signature counts from ${notBefore.toISOString()} on, ${it}`)
  }
  if (expiry !== undefined && !(now < expiry)) {
    return fail('time', 'ERR_SIGNATURE_EXPIRED', `the signature expired at ${expiry.toISOString()}, ${it}`)
  }
  const made = issuedAt === undefined ? '' : `, and says it was made at ${issuedAt.toISOString()}`
  return pass(
    'time',
    `the signature ${expiry === undefined ? 'has no expiry' : `expires at ${expiry.toISOString()}`}${made}`,
  )
}

const VALIDATIONS: Readonly<Record<Nv2Check['name'], Validation>> = {
  signature: 'integrity',
  target: 'integrity',
  chain: 'authenticity',
  references: 'authenticity',
  validity: 'authenticTimestamp',
  time: 'expiry',
}

function pass(name: Nv2Check['name'], detail: string): Nv2Check {
  return { name, validation: VALIDATIONS[name], result: 'pass', detail }
}

function fail(name: Nv2Check['name'], code: ErrorCode, detail: string): Nv2Check {
  return { name, validation: VALIDATIONS[name], result: 'fail', detail, code }
}
