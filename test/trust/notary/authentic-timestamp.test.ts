import { GeneralizedTime, Integer, Sequence } from 'asn1js'
import { beforeAll, describe, expect, test } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../../src/trust/envelope/envelope.js'
import type { SignatureOutcome } from '../../../src/trust/outcome.js'
import { type MintedChain, NOW } from '../../support/keys.js'
import {
  authorityHeaders,
  type ContextRecipe,
  contextOf,
  mintSigner,
  outcomeOf,
  type SealRecipe,
  signedBy,
  statementOf,
  validation,
} from '../../support/notary.js'
import { crlOf, crlSource } from '../../support/revocation.js'
import { at } from '../../support/timestamp-parts.js'
import { type Authority, mintAuthority, mintToken, type TokenRecipe, tsaExtensions } from '../../support/timestamps.js'

/** The tokens say 2026-06-01T12:00:00Z, the verifier's clock 2026-11-22T12:00:00Z. */
const SIGNED_AT = new Date('2026-06-01T11:00:00Z')
const AT = { signingTime: SIGNED_AT }

let expired: MintedChain
let current: MintedChain
let clock: Authority
let stores: NonNullable<ContextRecipe['stores']>

beforeAll(async () => {
  expired = await mintSigner('Expired', { notAfter: new Date('2026-08-31T23:59:59Z') })
  current = await mintSigner('Current')
  clock = await mintAuthority()
  stores = {
    'ca:acme': [expired.root.certificate, current.root.certificate],
    'tsa:clock': [clock.root.certificate],
  }
})

function withTsa(verification: Readonly<Record<string, unknown>> = {}, more: Readonly<Record<string, unknown>> = {}) {
  const signatureVerification = { level: 'strict', ...verification }
  return statementOf({ signatureVerification, trustStores: ['ca:acme', 'tsa:clock'], ...more })
}

const stamp = (recipe: Partial<TokenRecipe> = {}) => ({
  token: (signed: Uint8Array) => mintToken({ authority: clock, signed, ...recipe }),
})

async function judged(
  chain: MintedChain,
  recipe: SealRecipe = {},
  context: ContextRecipe = {},
): Promise<SignatureOutcome> {
  const envelope = await signedBy(chain, { ...AT, ...recipe })
  const given = contextOf({ stores, statement: withTsa(), ...context })
  return await outcomeOf(envelope, given, recipe.type === undefined ? {} : { type: recipe.type })
}

const timestampOf = (outcome: SignatureOutcome) => validation(outcome, 'authenticTimestamp')

describe('a timestamp that proves a time at which the signer was valid', () => {
  test.each([ENVELOPE_JWS, ENVELOPE_COSE])('keeps a signature in %s good after its certificate', async (type) => {
    const outcome = await judged(expired, { type, ...stamp() })

    expect(outcome.verdict).toBe('verified')
    expect(outcome.timestamp).toEqual({
      from: '2026-06-01T12:00:00.000Z',
      to: '2026-06-01T12:00:00.000Z',
      authority: clock.leaf.certificate.subject,
    })
    expect(timestampOf(outcome).looked.join()).toContain(clock.root.certificate.subject)
  })

  test('is looked at after the certificate has expired where the policy says afterCertExpiry', async () => {
    const outcome = await judged(expired, stamp(), { statement: withTsa({ verifyTimestamp: 'afterCertExpiry' }) })

    expect([outcome.verdict, outcome.timestamp?.to]).toEqual(['verified', '2026-06-01T12:00:00.000Z'])
  })

  test('is not looked at before, and not asked for', async () => {
    const statement = withTsa({ verifyTimestamp: 'afterCertExpiry' })
    const other = stamp({ signed: Buffer.from('another signature') })

    const [bad, none] = [await judged(current, other, { statement }), await judged(current, {}, { statement })]

    expect([bad.verdict, none.verdict]).toEqual(['verified', 'verified'])
    expect(bad.timestamp).toBeUndefined()
    expect(timestampOf(none).detail).toContain('no timestamp is needed')
  })

  test('is asked for after the last moment of the certificate, and not at it', async () => {
    const statement = withTsa({ verifyTimestamp: 'afterCertExpiry' })
    const end = expired.leaf.certificate.notAfter

    const last = await judged(expired, {}, { statement, now: end })
    const after = await judged(expired, {}, { statement, now: new Date(end.getTime() + 1) })

    expect([last.verdict, after.verdict]).toEqual(['verified', 'refused'])
    expect(timestampOf(after).code).toBe('ERR_TIMESTAMP_INVALID')
  })

  test('counts for nothing where the policy names no authority', async () => {
    const outcome = await judged(expired, stamp(), { statement: statementOf() })

    expect(outcome.verdict).toBe('refused')
    expect(timestampOf(outcome)).toMatchObject({ result: 'fail', code: 'ERR_BUNDLE_STALE' })
    expect(timestampOf(outcome).detail).toContain('tsa')
  })

  test('does not make up for the expiry that the signer has stated', async () => {
    const outcome = await judged(expired, { ...stamp(), expiry: new Date('2026-07-01T00:00:00Z') })

    expect(validation(outcome, 'expiry').code).toBe('ERR_SIGNATURE_EXPIRED')
    expect(outcome.verdict).toBe('refused')
  })
})

describe('a timestamp', () => {
  const AUTHORITIES: Record<string, Authority> = {}

  beforeAll(async () => {
    AUTHORITIES['stranger'] = await mintAuthority()
    AUTHORITIES['late'] = await mintAuthority({ notBefore: new Date('2026-07-01T00:00:00Z') })
    AUTHORITIES['no clock'] = await mintAuthority({ extensions: tsaExtensions().slice(0, 2) })
  })

  test.each<[string, () => SealRecipe]>([
    ['is missing', () => ({})],
    ['is over another signature', () => stamp({ signed: Buffer.from('another signature') })],
    ['is no token', () => ({ token: () => Buffer.from('no token') })],
    ['is of an authority that nobody trusts', () => stamp({ authority: AUTHORITIES['stranger'] as Authority })],
    ['is of an authority that was not valid then', () => trusting(AUTHORITIES['late'] as Authority)],
    ['is of a certificate that is for no clock', () => trusting(AUTHORITIES['no clock'] as Authority)],
  ])('that %s refuses, also while the signer is valid', async (_what, recipe) => {
    const outcome = await judged(current, recipe())

    expect(outcome.verdict).toBe('refused')
    expect(timestampOf(outcome)).toMatchObject({ action: 'enforce', result: 'fail', code: 'ERR_TIMESTAMP_INVALID' })
    expect(outcome.timestamp).toBeUndefined()
  })

  /** A token of another authority below the trusted root of tests: only its own fault is left. */
  function trusting(authority: Authority): SealRecipe {
    stores = { ...stores, 'tsa:clock': [...(stores['tsa:clock'] ?? []), authority.root.certificate] }
    return stamp({ authority })
  }

  test('that is missing is recorded at a level that records', async () => {
    const outcome = await judged(current, {}, { statement: withTsa({ level: 'permissive' }) })

    expect(outcome.verdict).toBe('verified')
    expect(timestampOf(outcome)).toMatchObject({ action: 'log', result: 'fail', code: 'ERR_TIMESTAMP_INVALID' })
    expect(timestampOf(outcome).detail).toContain('tsa:clock')
  })

  test('from the future refuses: a clock has been turned, theirs or ours', async () => {
    const now = new Date('2026-06-01T11:59:59.999Z')
    const [early, just] = [
      await judged(current, stamp(), { now }),
      await judged(current, stamp(), { now: new Date('2026-06-01T12:00:00Z') }),
    ]

    expect(timestampOf(early)).toMatchObject({ result: 'fail', code: 'ERR_TIMESTAMP_INVALID' })
    expect(just.verdict).toBe('verified')
  })

  test('within its accuracy of now is not from the future', async () => {
    const accuracy = new Sequence({ value: [new Integer({ value: 5 })] })
    const recipe = stamp({ tstInfo: (fields) => [...fields, accuracy] })

    const outcome = await judged(current, recipe, { now: new Date('2026-06-01T11:59:55Z') })

    expect(outcome.timestamp).toMatchObject({ from: '2026-06-01T11:59:55.000Z', to: '2026-06-01T12:00:05.000Z' })
    expect(outcome.verdict).toBe('verified')
  })

  test.each([
    ['after it', { notAfter: new Date('2026-06-01T11:59:59Z') }],
    ['before it', { notBefore: new Date('2026-06-01T12:00:01Z') }],
  ])('outside of the signer’s validity, %s, refuses', async (_when, dates) => {
    const chain = await mintSigner('Short', dates)
    const trusted = { ...stores, 'ca:acme': [chain.root.certificate] }
    const signingTime = chain.leaf.certificate.notBefore

    const outcome = await judged(chain, { ...stamp(), signingTime }, { stores: trusted })

    expect(timestampOf(outcome)).toMatchObject({ result: 'fail', code: 'ERR_TIMESTAMP_INVALID' })
    expect(outcome.verdict).toBe('refused')
  })

  test('at the edge refuses where its accuracy reaches over it', async () => {
    const chain = await mintSigner('Edge', { notAfter: new Date('2026-06-01T12:00:01Z') })
    const trusted = { ...stores, 'ca:acme': [chain.root.certificate] }
    const within = (seconds: number) => (fields: Parameters<NonNullable<TokenRecipe['tstInfo']>>[0]) => [
      ...fields,
      new Sequence({ value: [new Integer({ value: seconds })] }),
    ]

    const [one, two] = [
      await judged(chain, stamp({ tstInfo: within(1) }), { stores: trusted }),
      await judged(chain, stamp({ tstInfo: within(2) }), { stores: trusted }),
    ]

    expect([one.verdict, two.verdict]).toEqual(['verified', 'refused'])
  })

  test('proves nothing where the store of authorities cannot be read', async () => {
    const context = contextOf({ stores, statement: withTsa() })
    const broken = (cause: Error): typeof context => ({
      ...context,
      store: async (store) => (store.type === 'tsa' ? Promise.reject(cause) : await context.store(store)),
    })
    const envelope = await signedBy(current, { ...AT, ...stamp() })

    const outcome = await outcomeOf(envelope, broken(new TransferError('ERR_TRUST_STORE_INVALID', 'it is empty')))

    expect(timestampOf(outcome)).toMatchObject({ result: 'fail', code: 'ERR_TRUST_STORE_INVALID' })
    await expect(outcomeOf(envelope, broken(new RangeError('a bug')))).rejects.toThrow(RangeError)
  })

  test('is held against the store of timestamp authorities alone: the signer’s own root is no clock', async () => {
    const misplaced = { 'ca:acme': [expired.root.certificate, clock.root.certificate], 'tsa:clock': [] }

    const outcome = await judged(expired, stamp(), { stores: misplaced })

    expect(timestampOf(outcome).code).toBe('ERR_TIMESTAMP_INVALID')
  })

  test('of a later time than the signer’s certificate is no better for the time that the signer claims', async () => {
    const later = (fields: Parameters<NonNullable<TokenRecipe['tstInfo']>>[0]) =>
      at(4, new GeneralizedTime({ value: '20260901000000Z' }))(fields)

    const outcome = await judged(expired, stamp({ tstInfo: later }))

    expect(timestampOf(outcome)).toMatchObject({ result: 'fail', code: 'ERR_TIMESTAMP_INVALID' })
  })
})

describe('the revocation of a timestamp authority', () => {
  let revocable: Authority
  let trusted: NonNullable<ContextRecipe['stores']>

  beforeAll(async () => {
    revocable = await mintAuthority({ extensions: [...tsaExtensions(), crlSource()] })
    trusted = { 'ca:acme': [expired.root.certificate], 'tsa:clock': [revocable.root.certificate] }
  })

  const stamped = (context: ContextRecipe) =>
    judged(expired, stamp({ authority: revocable }), { stores: trusted, ...context })
  const gone = () =>
    crlOf(revocable.intermediate, { entries: [{ serial: revocable.leaf.certificate.serialNumber, reason: 1 }] })

  test('is good with a list that clears it', async () => {
    const outcome = await stamped({ evidence: [crlOf(revocable.intermediate)] })

    expect(outcome.verdict).toBe('verified')
    expect(timestampOf(outcome).result).toBe('pass')
    expect(timestampOf(outcome).looked.join()).toContain('CRL 1')
  })

  test('is refused where it is revoked, whatever the policy does with the signer’s revocation', async () => {
    const statement = withTsa({ override: { revocation: 'skip' } })

    const outcome = await stamped({ evidence: [gone()], statement })

    expect(outcome.verdict).toBe('refused')
    expect(timestampOf(outcome)).toMatchObject({ result: 'fail', code: 'ERR_CERTIFICATE_REVOKED' })
    expect(outcome.timestamp).toBeUndefined()
  })

  test('is recorded where the policy records timestamps', async () => {
    const outcome = await stamped({
      evidence: [gone()],
      statement: withTsa({ override: { authenticTimestamp: 'log' } }),
    })

    expect(timestampOf(outcome)).toMatchObject({ action: 'log', result: 'fail' })
    expect(outcome.verdict).toBe('verified')
  })

  test('is refused where nothing says that it is not revoked', async () => {
    const outcome = await stamped({})

    expect(timestampOf(outcome)).toMatchObject({ result: 'fail', code: 'ERR_REVOCATION_UNKNOWN' })
    expect(outcome.verdict).toBe('refused')
  })

  test('is stale where a list was in force when the bundle was sealed, and counts as long as the policy says', async () => {
    const old = {
      evidence: [crlOf(revocable.intermediate, { nextUpdate: new Date('2026-11-21T00:00:00Z') })],
      sealedAt: new Date('2026-11-20T10:00:00Z'),
    }

    const refused = await stamped(old)
    const allowed = await stamped({ ...old, statement: withTsa({}, { waybill: { maxStaleness: '3d' } }) })
    const tooOld = await stamped({ ...old, statement: withTsa({}, { waybill: { maxStaleness: '2d' } }) })

    expect(timestampOf(refused)).toMatchObject({ action: 'enforce', result: 'stale', code: 'ERR_REVOCATION_STALE' })
    expect([refused.verdict, allowed.verdict, tooOld.verdict]).toEqual(['refused', 'verified', 'refused'])
    expect(timestampOf(allowed)).toMatchObject({ action: 'log', result: 'stale', code: 'ERR_REVOCATION_STALE' })
    expect(allowed.timestamp).toBeDefined()
  })
})

describe('a signing authority', () => {
  const statement = statementOf({ trustStores: ['signingAuthority:acme'] })
  const authorities = () => ({ 'signingAuthority:acme': [expired.root.certificate] })

  test('vouches for its own time: certificates that were valid then suffice', async () => {
    const outcome = await judged(expired, authorityHeaders(SIGNED_AT), { statement, stores: authorities() })

    expect(outcome).toMatchObject({ verdict: 'verified', scheme: 'notary.x509.signingAuthority' })
    expect(outcome.timestamp).toBeUndefined()
  })

  test.each([
    ['after', '2026-09-01T00:00:00Z'],
    ['before', '2025-12-31T23:59:59Z'],
  ])('whose time lies %s the validity of its chain is refused', async (_when, time) => {
    const outcome = await judged(expired, authorityHeaders(new Date(time)), { statement, stores: authorities() })

    expect(timestampOf(outcome)).toMatchObject({ result: 'fail', code: 'ERR_TIMESTAMP_INVALID' })
    expect(outcome.verdict).toBe('refused')
  })

  test('is trusted through stores of its own type alone', async () => {
    const stored = { 'ca:acme': [expired.root.certificate], 'tsa:clock': [expired.root.certificate] }

    const outcome = await judged(expired, authorityHeaders(SIGNED_AT), { stores: stored })

    expect(validation(outcome, 'authenticity')).toMatchObject({ result: 'fail', code: 'ERR_SIGNER_UNKNOWN' })
    expect(validation(outcome, 'authenticity').detail).toContain('signingAuthority')
  })

  test('needs no timestamp where the policy wants timestamps, and one beside its signature says nothing', async () => {
    const both = statementOf({ trustStores: ['signingAuthority:acme', 'tsa:clock'] })
    const other = stamp({ signed: Buffer.from('another signature') })
    const given = { statement: both, stores: { ...stores, ...authorities() } }

    const plain = await judged(expired, authorityHeaders(SIGNED_AT), given)
    const stamped = await judged(expired, { ...authorityHeaders(SIGNED_AT), ...other }, given)

    expect([plain.verdict, stamped.verdict]).toEqual(['verified', 'verified'])
  })

  test('proves when it signed to whoever asks from when on a key was not its owner’s any more', async () => {
    const signer = await mintSigner('Revoked', { extensions: [crlSource()] })
    const invalid = (from: string) => [
      crlOf(signer.intermediate, {
        entries: [{ serial: signer.leaf.certificate.serialNumber, reason: 1, invalidFrom: new Date(from) }],
      }),
    ]
    const given = { statement, stores: { 'signingAuthority:acme': [signer.root.certificate] } }

    const after = await judged(signer, authorityHeaders(SIGNED_AT), {
      ...given,
      evidence: invalid('2026-06-02T00:00:00Z'),
    })
    const before = await judged(signer, authorityHeaders(SIGNED_AT), {
      ...given,
      evidence: invalid('2026-06-01T11:00:00Z'),
    })

    expect(after.verdict).toBe('verified')
    expect(validation(before, 'revocation').code).toBe('ERR_CERTIFICATE_REVOKED')
  })

  test('is refused where its time is yet to come: a clock has been turned, theirs or ours', async () => {
    const given = { statement, stores: { 'signingAuthority:acme': [current.root.certificate] } }

    const future = await judged(current, authorityHeaders(new Date(NOW.getTime() + 1000)), given)
    const now = await judged(current, authorityHeaders(NOW), given)

    expect(timestampOf(future)).toMatchObject({ result: 'fail', code: 'ERR_TIMESTAMP_INVALID' })
    expect([future.verdict, now.verdict]).toEqual(['refused', 'verified'])
  })
})
