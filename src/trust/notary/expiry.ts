import type { OpenedEnvelope } from '../envelope/envelope.js'
import { fail, type Judged, pass } from './judged.js'

/** Whether the signature's own expiry has come: from that very moment on it counts no more (signature-specification). */
export function judgeExpiry({ attributes }: OpenedEnvelope, now: Date): Judged {
  const { expiry } = attributes
  if (expiry === undefined) return pass('the signature has no expiry')
  if (now < expiry) return pass(`the signature expires at ${expiry.toISOString()}`)
  return fail(
    'ERR_SIGNATURE_EXPIRED',
    `the signature expired at ${expiry.toISOString()}, and it is ${now.toISOString()}`,
  )
}
