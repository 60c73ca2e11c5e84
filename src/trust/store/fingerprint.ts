import { TransferError } from '../../errors.js'
import { parseCertificateFile } from '../certificate/certificate.js'

/** Sixty-four bits: nobody makes a second certificate whose fingerprint begins with the same four groups. */
const LEAST_DIGITS = 16
const ALL_DIGITS = 64

/** A fingerprint as it is told by telephone: groups of four, in upper case. */
export function groupsOf(thumbprint: string): string {
  return thumbprint.toUpperCase().match(/.{4}/g)?.join(' ') ?? ''
}

/**
 * Compares what somebody was told with a certificate's file. Blanks, colons, hyphens and case do not count. The error does not
 * say what the fingerprint is: who only reads it from there compares a file with itself.
 * @param told at least the first four groups of four
 * @throws ERR_USAGE where it is too short or no fingerprint, ERR_FINGERPRINT_MISMATCH, ERR_CONFIG_INVALID
 */
export function requireFingerprint(bytes: Uint8Array, told: string, what: string): void {
  const digits = told.replace(/[\s:-]/g, '').toLowerCase()
  if (!/^[0-9a-f]*$/.test(digits) || digits.length < LEAST_DIGITS || digits.length > ALL_DIGITS) {
    const message = 'this is no fingerprint: give at least its first four groups of four, digits and the letters A to F'
    throw new TransferError('ERR_USAGE', message, { side: 'operator' })
  }
  const found = parseCertificateFile(bytes, what, 'ERR_CONFIG_INVALID')
  // One fingerprint stands for one certificate: a second one in the file would come in with nobody having compared it.
  if (found.length > 0 && found.every(({ thumbprint }) => thumbprint.startsWith(digits))) return
  const message =
    found.length > 1
      ? `${what} has ${found.length} certificates; a fingerprint is of one: ask for a file with that only`
      : `the fingerprint of ${what} is another than the one that was given; nothing has been written`
  throw new TransferError('ERR_FINGERPRINT_MISMATCH', message, { side: 'operator', subject: what })
}
