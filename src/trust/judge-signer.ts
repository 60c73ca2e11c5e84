import type { ErrorCode } from '../errors.js'
import type { Certificate } from './certificate.js'
import { checkValidity } from './certificate-chain.js'
import type { OpenedEnvelope } from './envelope/envelope.js'

/** One judgement about a signer; all of them are made, whatever the others say. */
export interface SignerJudgement {
  readonly name: 'authenticity' | 'expiry' | 'validity'
  readonly result: 'pass' | 'fail'
  /** why it failed, as an error would be called; absent when it passed */
  readonly code?: ErrorCode
  readonly detail: string
}

/**
 * Judges who made a signature that `openEnvelope` found whole: whether its chain holds a certificate of the trust store,
 * and whether signature and certificates are in force. Nothing inside the envelope is an anchor.
 * @param anchors the certificates of the importer's trust store; with none nobody is trusted
 */
export function judgeSigner(
  opened: OpenedEnvelope,
  anchors: readonly Certificate[],
  now: Date,
): readonly SignerJudgement[] {
  return [
    judgeAuthenticity(opened.chain, anchors),
    judgeExpiry(opened.attributes.expiry, now),
    judgeValidity(opened.chain, now),
  ]
}

function judgeAuthenticity(chain: readonly Certificate[], anchors: readonly Certificate[]): SignerJudgement {
  const anchor = chain.find(({ der }) => anchors.some((trusted) => Buffer.compare(trusted.der, der) === 0))
  const signer = chain[0]?.subject ?? 'nobody'
  if (anchor !== undefined) {
    const detail = `signed by ${signer}, trusted through ${anchor.subject} (SHA-256 ${anchor.thumbprint})`
    return { name: 'authenticity', result: 'pass', detail }
  }
  const root = chain.at(-1)
  const detail = `signed by ${signer}, whose root ${root?.subject ?? ''} (SHA-256 ${root?.thumbprint ?? ''}) is not in the trust store`
  return { name: 'authenticity', result: 'fail', code: 'ERR_SIGNER_UNKNOWN', detail }
}

function judgeExpiry(expiry: Date | undefined, now: Date): SignerJudgement {
  if (expiry === undefined) return { name: 'expiry', result: 'pass', detail: 'the signature has no expiry' }
  if (now < expiry)
    return { name: 'expiry', result: 'pass', detail: `the signature expires at ${expiry.toISOString()}` }
  const detail = `the signature expired at ${expiry.toISOString()}, and it is ${now.toISOString()}`
  return { name: 'expiry', result: 'fail', code: 'ERR_BUNDLE_STALE', detail }
}

function judgeValidity(chain: readonly Certificate[], now: Date): SignerJudgement {
  const findings = checkValidity(chain, now)
  if (findings.length === 0)
    return { name: 'validity', result: 'pass', detail: 'every certificate of the signer is valid' }
  return {
    name: 'validity',
    result: 'fail',
    code: 'ERR_BUNDLE_STALE',
    detail: `${findings.join('; ')}; it is ${now.toISOString()} by this machine's clock`,
  }
}
