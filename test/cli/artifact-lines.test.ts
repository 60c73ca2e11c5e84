import { describe, expect, it } from 'vitest'
import { artifactLines, artifactsOutput, exitOf } from '../../src/cli/render/artifacts.js'
import { checkLines } from '../../src/cli/render/checks.js'
import { printableJson } from '../../src/encoding/printable.js'
import type { ArtifactVerification, Verification } from '../../src/import/verification.js'
import type { SignatureOutcome } from '../../src/trust/outcome.js'
import { TARGET } from '../support/notary.js'

const HOSTILE = 'a\u{1b}[2J\u{9b}2J\n\u{202e}\u{2028}\u{200b}\u{ad}\u{e0041}\u{d800}VERIFIED'
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

const signature: SignatureOutcome = {
  signature: HOSTILE,
  kind: 'jws',
  verdict: 'refused',
  validations: [
    {
      validation: 'authenticity',
      action: 'enforce',
      result: 'fail',
      detail: HOSTILE,
      looked: [HOSTILE],
      code: 'ERR_SIGNER_UNKNOWN',
    },
  ],
  chain: [
    { subject: HOSTILE, issuer: HOSTILE, thumbprint: '00', publicKey: 'b'.repeat(64), notBefore: '', notAfter: '' },
  ],
  timestamp: { from: '', to: '', authority: HOSTILE },
  metadata: { [HOSTILE]: HOSTILE, ['__proto__']: 'polluted' },
}

const artifact: ArtifactVerification = {
  name: HOSTILE,
  required: true,
  target: TARGET,
  scope: HOSTILE,
  statement: HOSTILE,
  level: 'strict',
  verdict: 'refused',
  detail: HOSTILE,
  code: 'ERR_SIGNER_UNKNOWN',
  signatures: [signature],
}

describe('what strangers have written', () => {
  it('reaches no terminal as it is, wherever it stands', () => {
    const lines = artifactLines([artifact])

    expect(lines.filter((line) => UNSAFE.test(line))).toEqual([])
    expect(lines.filter((line) => line.includes('\\u{1b}')).length).toBeGreaterThan(6)
  })

  it('reaches none by way of the checks of a bundle', () => {
    const signer = { subject: HOSTILE, thumbprint: '00', root: HOSTILE, rootThumbprint: '00', signedAt: '' }
    const checks = [{ name: 'policy', subject: HOSTILE, result: 'fail', detail: HOSTILE, code: 'ERR_SIGNER_UNKNOWN' }]
    const verification = { checks, signers: [signer] } as unknown as Verification

    // A hint stands on a line of its own, which the program breaks itself.
    const lines = checkLines(verification).flatMap((line) => line.split('\n'))

    expect(lines.filter((line) => UNSAFE.test(line))).toEqual([])
  })

  it('is the same to a program, and has no power over a terminal in JSON either', () => {
    const text = printableJson(artifactsOutput([artifact]))

    expect(UNSAFE.test(text)).toBe(false)
    expect(JSON.parse(text)[0]).toMatchObject({ name: HOSTILE, signatures: [{ chain: [{ subject: HOSTILE }] }] })
  })

  it('has no prototype to change', () => {
    const [output] = artifactsOutput([artifact])
    const metadata = output?.signatures[0]?.metadata ?? {}

    expect(Object.keys(metadata)).toContain('__proto__')
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype)
    expect(artifactLines([artifact]).join('\n')).toContain('__proto__=polluted')
  })
})

describe('the exit of a verification', () => {
  const other = (changes: Partial<ArtifactVerification>): ArtifactVerification => {
    const { code: _, ...rest } = artifact
    return { ...rest, ...changes }
  }
  const verified = other({ verdict: 'verified' })
  const skipped = other({ verdict: 'skipped' })
  const beside = other({ verdict: 'refused', code: 'ERR_SIGNER_UNKNOWN', required: false })

  it.each<[string, readonly ArtifactVerification[], string, number]>([
    ['nothing at all', [], 'refused', 5],
    ['nothing that is required', [beside], 'refused', 5],
    ['one that is verified', [verified, beside], 'verified', 0],
    ['one that is skipped', [verified, skipped], 'skipped', 0],
    ['one that is refused', [verified, artifact, skipped], 'refused', 5],
    ['one that is damaged', [other({ code: 'ERR_CONTENT_MISMATCH' })], 'refused', 6],
  ])('with %s', (_what, artifacts, verdict, exit) => {
    expect(exitOf(artifacts)).toEqual({ verdict, exit })
  })
})
