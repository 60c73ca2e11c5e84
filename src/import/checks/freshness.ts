import type { BundleDocument } from '../../bundle/document.js'
import type { Check } from '../verification.js'

/** A bundle that says when it ends is refused from that moment on. */
export function checkFreshness(document: BundleDocument, now: Date, subject: string): Check {
  const { expiresAt } = document
  if (expiresAt === undefined) {
    return { name: 'freshness', subject, result: 'not-applicable', detail: 'the bundle has no expiry' }
  }
  return now.getTime() < Date.parse(expiresAt)
    ? { name: 'freshness', subject, result: 'pass', detail: `valid until ${expiresAt}` }
    : { name: 'freshness', subject, result: 'fail', detail: `expired at ${expiresAt}`, code: 'ERR_BUNDLE_STALE' }
}
