import { beforeAll, describe, expect, test } from 'vitest'
import type { SignatureOutcome } from '../../../src/trust/outcome.js'
import type { Evidence } from '../../../src/trust/revocation/revocation.js'
import { caExtensions, type MintedChain, mint } from '../../support/keys.js'
import {
  type ContextRecipe,
  contextOf,
  mintSigner,
  outcomeOf,
  signedBy,
  statementOf,
  validation,
} from '../../support/notary.js'
import { crlOf, crlSource, FROM, ocspOf, ocspSource, TO } from '../../support/revocation.js'

const SEALED = new Date('2026-11-20T10:00:00Z')
const AFTER = new Date(TO.getTime() + 86_400_000)

let signer: MintedChain
let envelope: Uint8Array
let stores: NonNullable<ContextRecipe['stores']>

beforeAll(async () => {
  signer = await mintSigner('Acme', { extensions: [crlSource(), ocspSource()] })
  envelope = await signedBy(signer, { signingTime: FROM })
  stores = { 'ca:acme': [signer.root.certificate] }
})

const good = () => crlOf(signer.intermediate)
const gone = (reason = 1) =>
  crlOf(signer.intermediate, { entries: [{ serial: signer.leaf.certificate.serialNumber, reason }] })

async function judged(
  evidence: readonly Evidence[],
  verification: Readonly<Record<string, unknown>> = {},
  context: ContextRecipe & { readonly waybill?: unknown } = {},
): Promise<SignatureOutcome> {
  const { waybill, ...given } = context
  const signatureVerification = { level: 'strict', ...verification }
  const statement = statementOf({ signatureVerification, ...(waybill === undefined ? {} : { waybill }) })
  return await outcomeOf(envelope, contextOf({ stores, evidence, statement, ...given }))
}

const revocationOf = (outcome: SignatureOutcome) => validation(outcome, 'revocation')

const LEVELS: readonly [string, Readonly<Record<string, unknown>>, 'enforce' | 'log'][] = [
  ['strict', { level: 'strict' }, 'enforce'],
  ['permissive', { level: 'permissive' }, 'log'],
  ['audit', { level: 'audit' }, 'log'],
  ['strict with revocation logged', { level: 'strict', override: { revocation: 'log' } }, 'log'],
  ['audit with revocation enforced', { level: 'audit', override: { revocation: 'enforce' } }, 'enforce'],
]

describe.each(LEVELS)('at level %s', (_name, level, action) => {
  const verdict = action === 'enforce' ? 'refused' : 'verified'

  test('a signer that a list clears is verified', async () => {
    const outcome = await judged([good()], level)

    expect(outcome.verdict).toBe('verified')
    expect(revocationOf(outcome)).toMatchObject({ action, result: 'pass' })
    expect(revocationOf(outcome).looked.join()).toContain('not revoked')
  })

  test(`a signer that is revoked is ${verdict}`, async () => {
    const outcome = await judged([gone()], level)

    expect(outcome.verdict).toBe(verdict)
    expect(revocationOf(outcome)).toMatchObject({ action, result: 'fail', code: 'ERR_CERTIFICATE_REVOKED' })
    expect(revocationOf(outcome).detail).toContain('key compromise')
  })

  test(`a signer about whom nothing is here is ${verdict}`, async () => {
    const outcome = await judged([], level)

    expect(outcome.verdict).toBe(verdict)
    expect(revocationOf(outcome)).toMatchObject({ action, result: 'fail', code: 'ERR_REVOCATION_UNKNOWN' })
    expect(revocationOf(outcome).detail).toContain('it names http://ca.example/list.crl, http://ca.example/ocsp')
  })

  test(`a signer whose list has run out since the bundle was sealed is ${verdict}, and stale`, async () => {
    const outcome = await judged([good()], level, { now: AFTER, sealedAt: SEALED })

    expect(outcome.verdict).toBe(verdict)
    expect(revocationOf(outcome)).toMatchObject({ action, result: 'stale', code: 'ERR_REVOCATION_STALE' })
  })
})

describe('revocation that the policy skips', () => {
  test('is not made, whatever is here, and shown as that', async () => {
    const outcome = await judged([gone()], { override: { revocation: 'skip' } })

    expect(outcome.verdict).toBe('verified')
    expect(revocationOf(outcome)).toMatchObject({ action: 'skip', result: 'not-made' })
    expect(revocationOf(outcome).code).toBeUndefined()
  })
})

describe('stale evidence', () => {
  const age = AFTER.getTime() - SEALED.getTime()
  const minutes = age / 60_000
  const stale = (maxStaleness: string, given: ContextRecipe = {}) =>
    judged([good()], {}, { now: AFTER, sealedAt: SEALED, waybill: { maxStaleness }, ...given })

  test('counts until the policy’s time is over, to the moment, and shows as stale all the while', async () => {
    const last = await stale(`${minutes}m`)
    const late = await stale(`${minutes}m`, { now: new Date(AFTER.getTime() + 1) })

    expect([last.verdict, late.verdict]).toEqual(['verified', 'refused'])
    expect(revocationOf(last)).toMatchObject({ action: 'log', result: 'stale', code: 'ERR_REVOCATION_STALE' })
  })

  test('never counts where no exporter vouches for the time, or for one that is yet to come', async () => {
    const statement = statementOf({ waybill: { maxStaleness: '9999d' } })
    const context = (sealedAt: Date | undefined) =>
      contextOf({ stores, evidence: [good()], statement, now: AFTER, ...(sealedAt === undefined ? {} : { sealedAt }) })

    const [none, future] = [
      await outcomeOf(envelope, context(undefined)),
      await outcomeOf(envelope, context(new Date(AFTER.getTime() + 1))),
    ]

    expect([none.verdict, future.verdict]).toEqual(['refused', 'refused'])
    expect(revocationOf(none).code).toBe('ERR_REVOCATION_UNKNOWN')
  })

  test('that was not in force when the bundle was sealed is no evidence', async () => {
    const outcome = await stale('9999d', { sealedAt: new Date(FROM.getTime() - 1) })

    expect(revocationOf(outcome).code).toBe('ERR_REVOCATION_UNKNOWN')
  })

  test('that revokes, revokes whatever its age', async () => {
    const outcome = await judged(
      [gone(), good()],
      {},
      { now: AFTER, sealedAt: SEALED, waybill: { maxStaleness: '99d' } },
    )

    expect(revocationOf(outcome).code).toBe('ERR_CERTIFICATE_REVOKED')
  })
})

describe('evidence that an attacker has made', () => {
  test('does not clear anybody: a list by another CA of the same name', async () => {
    const twin = await mint({ name: signer.intermediate.name, extensions: caExtensions(0) })

    const outcome = await judged([crlOf(twin)])

    expect(outcome.verdict).toBe('refused')
    expect(revocationOf(outcome).code).toBe('ERR_REVOCATION_UNKNOWN')
    expect(revocationOf(outcome).detail).toContain('not signed by its key')
  })

  test('does not revoke anybody either, nor keep a good list from counting', async () => {
    const twin = await mint({ name: signer.intermediate.name, extensions: caExtensions(0) })
    const forged = crlOf(twin, { entries: [{ serial: signer.leaf.certificate.serialNumber, reason: 1 }] })
    const noise = { kind: 'crl', der: Buffer.from('no list') } as const

    expect((await judged([forged, noise, good()])).verdict).toBe('verified')
  })

  test('does not clear anybody: an answer by the signer itself, or by a responder of nobody', async () => {
    const { leaf, intermediate } = signer
    const stranger = await mint({ name: 'Responder', extensions: caExtensions() })
    const own = ocspOf({ subject: leaf, issuer: intermediate, responder: leaf, certificates: [leaf] })
    const other = ocspOf({ subject: leaf, issuer: intermediate, responder: stranger, certificates: [stranger] })

    for (const evidence of [own, other]) {
      expect(revocationOf(await judged([evidence])).code).toBe('ERR_REVOCATION_UNKNOWN')
    }
    expect((await judged([ocspOf({ subject: leaf, issuer: intermediate })])).verdict).toBe('verified')
  })

  test('of the future is not in force yet', async () => {
    const future = crlOf(signer.intermediate, { thisUpdate: TO, nextUpdate: AFTER })

    expect(revocationOf(await judged([future])).code).toBe('ERR_REVOCATION_UNKNOWN')
  })
})
