import { printable } from '../../encoding/printable.js'
import { ERRORS } from '../../errors.js'
import type { Check, SignerFacts, Verification } from '../../import/verification.js'
import { signaturesOutput } from './artifacts.js'

export type Verdict = 'verified' | 'not-authentic' | 'damaged' | 'refused'

const MARKS = { pass: 'ok  ', fail: 'FAIL', logged: 'log ', 'not-applicable': '-   ' } as const

export function checkLines(verification: Verification): string[] {
  return [
    ...verification.checks.map(({ name, result, detail, code }) => {
      const hint = code === undefined ? '' : `\n       ${code}: ${ERRORS[code].hint}`
      return `${MARKS[result]} ${name.padEnd(10)} ${printable(detail, 1000)}${hint}`
    }),
    ...verification.signers.map(signerLine),
  ]
}

function signerLine({ subject, rootThumbprint, signedAt }: SignerFacts): string {
  return `signed by ${printable(subject)} at ${signedAt} (the signer's clock), root SHA-256 ${rootThumbprint}`
}

export function checksOutput(verification: Verification) {
  return {
    checks: verification.checks.map(({ name, subject, result, detail, code }: Check) => ({
      name,
      subject,
      result,
      detail,
      ...(code === undefined ? {} : { code }),
    })),
    signers: verification.signers.map((signer) => ({ ...signer })),
    waybillSignatures: signaturesOutput(verification.waybillSignatures),
  }
}

/** The first failure decides: they stand in the order in which they matter. */
export function verdictOf(verification: Verification): { readonly verdict: Verdict; readonly exit: number } {
  if (verification.verified !== undefined) return { verdict: 'verified', exit: 0 }
  const code = verification.checks.find(({ result }) => result === 'fail')?.code
  const exit = code === undefined ? 4 : ERRORS[code].exit
  return { verdict: exit === 5 ? 'not-authentic' : exit === 6 ? 'damaged' : 'refused', exit: exit === 2 ? 4 : exit }
}
