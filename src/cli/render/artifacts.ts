import { printable } from '../../encoding/printable.js'
import { ERRORS } from '../../errors.js'
import type { ArtifactVerification } from '../../import/verification.js'
import { refuses } from '../../trust/notary/judged.js'
import type { SignatureOutcome, ValidationOutcome } from '../../trust/outcome.js'

export type ArtifactsVerdict = 'verified' | 'skipped' | 'refused'

/** Each artifact with its signatures, and each signature with its validations and chain. */
export function artifactLines(artifacts: readonly ArtifactVerification[]): string[] {
  return artifacts.flatMap((artifact) => {
    const { name, verdict, statement, level, detail, code, required, target, signatures } = artifact
    const by = statement === undefined ? '' : ` (statement ${printable(statement)}, ${level})`
    const hint = code === undefined || !required ? [] : [`       ${code}: ${ERRORS[code].hint}`]
    const beside = required ? '' : ', not required'
    return [
      `artifact ${printable(name)}: ${verdict}${by}${beside}`,
      `  ${target.digest}: ${printable(detail, 1000)}`,
      ...hint,
      ...signatures.flatMap(signatureLines),
    ]
  })
}

function signatureLines({
  signature,
  kind,
  verdict,
  validations,
  chain,
  timestamp,
  metadata,
}: SignatureOutcome): string[] {
  return [
    `  signature ${printable(signature)} (${kind}): ${verdict}`,
    ...validations.flatMap(validationLines),
    ...chain.map(
      ({ subject, notBefore, notAfter }, at) =>
        `    ${at === 0 ? 'signer' : 'issuer'} ${printable(subject)}, valid ${notBefore} to ${notAfter}`,
    ),
    ...(timestamp === undefined
      ? []
      : [`    timestamp ${timestamp.from} to ${timestamp.to} by ${printable(timestamp.authority)}`]),
    ...Object.entries(metadata).map(([key, value]) => `    stated ${printable(key, 100)}=${printable(value, 200)}`),
  ]
}

function validationLines(validation: ValidationOutcome): string[] {
  const { validation: name, detail, looked } = validation
  return [
    `    ${markOf(validation)} ${name.padEnd(18)} ${printable(detail, 1000)}`,
    ...looked.map((line) => `         ${' '.repeat(18)} ${printable(line, 600)}`),
  ]
}

function markOf(validation: ValidationOutcome): string {
  const { result } = validation
  if (result === 'pass') return 'ok  '
  if (result === 'not-made') return '-   '
  if (refuses(validation)) return result === 'stale' ? 'STALE' : 'FAIL'
  return result === 'stale' ? 'stale' : 'log '
}

export function artifactsOutput(artifacts: readonly ArtifactVerification[]) {
  return artifacts.map(({ name, required, target, scope, statement, level, verdict, detail, code, signatures }) => ({
    name,
    required,
    digest: target.digest,
    mediaType: target.mediaType,
    size: target.size,
    scope,
    ...(statement === undefined ? {} : { statement }),
    ...(level === undefined ? {} : { level }),
    verdict,
    detail,
    ...(code === undefined ? {} : { code }),
    signatures: signaturesOutput(signatures),
  }))
}

export function signaturesOutput(signatures: readonly SignatureOutcome[]) {
  return signatures.map(({ validations, chain, metadata, ...signature }) => ({
    ...signature,
    validations: validations.map(({ looked, ...validation }) => ({ ...validation, looked: [...looked] })),
    chain: chain.map((certificate) => ({ ...certificate })),
    metadata: { ...metadata },
  }))
}

/** The worst of the required artifacts decides; none at all decides nothing, and is refused. */
export function exitOf(artifacts: readonly ArtifactVerification[]): {
  readonly verdict: ArtifactsVerdict
  readonly exit: number
} {
  const required = artifacts.filter((artifact) => artifact.required)
  const bad = required.find(({ verdict }) => verdict === 'refused')
  if (bad !== undefined || required.length === 0) {
    return { verdict: 'refused', exit: ERRORS[bad?.code ?? 'ERR_SIGNATURE_INVALID'].exit }
  }
  return { verdict: required.every(({ verdict }) => verdict === 'verified') ? 'verified' : 'skipped', exit: 0 }
}
