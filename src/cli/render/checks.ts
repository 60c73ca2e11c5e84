import { printable } from '../../encoding/printable.js'
import { ERRORS, type ErrorCode } from '../../errors.js'
import type { Ruling } from '../../import/decide.js'
import type { Check, SignerFacts, Verification } from '../../import/verification.js'
import { signaturesOutput } from './artifacts.js'

export type Verdict = 'verified' | 'partial' | 'not-authentic' | 'damaged' | 'refused'

/** The first words of the line that says what a verification came to. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  verified: 'VERIFIED',
  partial: 'VERIFIED IN PART (the import policy refuses the rest)',
  'not-authentic': 'NOT VERIFIED (not-authentic)',
  damaged: 'NOT VERIFIED (damaged)',
  refused: 'NOT VERIFIED (refused)',
}

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

/**
 * The first failure decides: they stand in the order in which they matter. Where a part is let in, it is the first
 * reason of what is not.
 * @param rulings what was decided; without any, what the import policy says of each root
 */
export function verdictOf(
  verification: Verification,
  rulings?: readonly Ruling[],
): { readonly verdict: Verdict; readonly exit: number } {
  if (verification.verified === undefined)
    return failed(verification.checks.find(({ result }) => result === 'fail')?.code)
  const codes = rulings === undefined ? judgedCodes(verification) : rulings.map(ruledCode)
  const [first] = codes.filter((code) => code !== undefined)
  if (first === undefined) return { verdict: 'verified', exit: 0 }
  const all = failed(first)
  return codes.includes(undefined) ? { ...all, verdict: 'partial' } : all
}

function failed(code: ErrorCode | undefined): { readonly verdict: Verdict; readonly exit: number } {
  const exit = code === undefined ? 4 : ERRORS[code].exit
  return { verdict: exit === 5 ? 'not-authentic' : exit === 6 ? 'damaged' : 'refused', exit: exit === 2 ? 4 : exit }
}

function judgedCodes({ policy }: Verification): readonly (ErrorCode | undefined)[] {
  return (policy?.roots ?? []).map(({ admitted, code }) => (admitted ? undefined : (code ?? 'ERR_POLICY_REFUSED')))
}

/** Undefined for what is admitted. */
function ruledCode(ruling: Ruling): ErrorCode | undefined {
  return ruling.kind === 'admit' ? undefined : (ruling.because[0]?.code ?? 'ERR_POLICY_REFUSED')
}
