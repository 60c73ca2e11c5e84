import { beforeAll, describe, expect, test } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import { describe as descriptorOf } from '../../../src/oci/descriptor.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../../src/trust/envelope/envelope.js'
import { type MintedChain, mintChain, NOW } from '../../support/keys.js'
import { contextOf, outcomeOf, signedBy, statementOf, TARGET, validation } from '../../support/notary.js'

const LATER = new Date('2028-06-01T00:00:00Z')

let acme: MintedChain
let stranger: MintedChain
let stores: Record<string, MintedChain['certificates']>

beforeAll(async () => {
  acme = await mintChain('Acme')
  stranger = await mintChain('Stranger')
  stores = { 'ca:acme': [acme.root.certificate] }
})

describe('a Notary signature', () => {
  test.each([ENVELOPE_JWS, ENVELOPE_COSE])('in %s is verified with every validation shown', async (type) => {
    const outcome = await outcomeOf(await signedBy(acme, { type }), contextOf({ stores }), { type })

    expect(outcome).toMatchObject({
      verdict: 'verified',
      scheme: 'notary.x509',
      kind: type === ENVELOPE_JWS ? 'jws' : 'cose',
    })
    expect(outcome.validations.map((one) => [one.validation, one.action, one.result])).toEqual([
      ['integrity', 'enforce', 'pass'],
      ['authenticity', 'enforce', 'pass'],
      ['authenticTimestamp', 'enforce', 'pass'],
      ['expiry', 'enforce', 'pass'],
      ['revocation', 'enforce', 'pass'],
    ])
    expect(outcome.chain.map(({ subject }) => subject)).toHaveLength(3)
  })

  test('over another artifact is refused, at whatever level', async () => {
    const envelope = await signedBy(acme, { target: descriptorOf(TARGET.mediaType, Buffer.from('another')) })
    const statement = statementOf({ signatureVerification: { level: 'audit' } })

    const outcome = await outcomeOf(envelope, contextOf({ stores, statement }))

    expect(outcome.verdict).toBe('refused')
    expect(validation(outcome, 'integrity')).toMatchObject({ result: 'fail', code: 'ERR_SIGNATURE_INVALID' })
    expect(validation(outcome, 'authenticity').result).toBe('not-made')
  })

  test.each([
    ['size', { ...TARGET, size: TARGET.size + 1 }],
    ['media type', { ...TARGET, mediaType: 'application/vnd.oci.image.index.v1+json' }],
  ])('over the same digest with another %s is refused', async (_, target) => {
    const outcome = await outcomeOf(await signedBy(acme), contextOf({ stores }), { target })

    expect(validation(outcome, 'integrity').code).toBe('ERR_SIGNATURE_INVALID')
  })

  test('by a stranger is refused, and the root that would have to be trusted is named', async () => {
    const outcome = await outcomeOf(await signedBy(stranger), contextOf({ stores }))

    expect(outcome.verdict).toBe('refused')
    expect(validation(outcome, 'authenticity')).toMatchObject({ result: 'fail', code: 'ERR_SIGNER_UNKNOWN' })
    expect(validation(outcome, 'authenticity').detail).toContain(stranger.root.certificate.thumbprint)
  })

  test('by a stranger at level audit is recorded, and not refused', async () => {
    const statement = statementOf({ signatureVerification: { level: 'audit' } })

    const outcome = await outcomeOf(await signedBy(stranger), contextOf({ stores, statement }))

    expect(outcome.verdict).toBe('verified')
    expect(validation(outcome, 'authenticity')).toMatchObject({ action: 'log', result: 'fail' })
  })

  test('by a trusted chain and another subject than the policy’s is refused', async () => {
    const statement = statementOf({ trustedIdentities: ['x509.subject: C=ZZ, ST=-, O=Waybill tests, CN=Somebody'] })

    const outcome = await outcomeOf(await signedBy(acme), contextOf({ stores, statement }))

    expect(validation(outcome, 'authenticity')).toMatchObject({ result: 'fail', code: 'ERR_IDENTITY_UNTRUSTED' })
  })

  test('is trusted through an intermediate of the store, and through the leaf itself', async () => {
    const envelope = await signedBy(acme)

    for (const certificate of [acme.intermediate.certificate, acme.leaf.certificate]) {
      const outcome = await outcomeOf(envelope, contextOf({ stores: { 'ca:acme': [certificate] } }))
      expect(outcome.verdict).toBe('verified')
    }
  })

  test('is not trusted through the store of signing authorities, whose time would count as proven', async () => {
    const statement = statementOf({ trustStores: ['signingAuthority:acme'] })
    const authorities = { 'signingAuthority:acme': [acme.root.certificate] }

    const outcome = await outcomeOf(await signedBy(acme), contextOf({ stores: authorities, statement }))

    expect(validation(outcome, 'authenticity')).toMatchObject({ result: 'fail', code: 'ERR_SIGNER_UNKNOWN' })
  })

  test('is refused where a trust store of the statement cannot be read', async () => {
    const broken = async (): Promise<never> => {
      throw new TransferError('ERR_TRUST_STORE_INVALID', 'the trust store acme is empty')
    }

    const outcome = await outcomeOf(await signedBy(acme), { ...contextOf({}), store: broken })

    expect(validation(outcome, 'authenticity')).toMatchObject({ result: 'fail', code: 'ERR_TRUST_STORE_INVALID' })
  })

  test('is no verdict where a mistake of ours keeps a store from being read', async () => {
    const broken = async (): Promise<never> => {
      throw new RangeError('a bug')
    }

    await expect(outcomeOf(await signedBy(acme), { ...contextOf({}), store: broken })).rejects.toThrow(RangeError)
  })

  test('with an expiry counts until that very moment, and from it on no more', async () => {
    const expiry = new Date('2026-12-01T00:00:00Z')
    const envelope = await signedBy(acme, { expiry })

    const before = await outcomeOf(envelope, contextOf({ stores, now: new Date(expiry.getTime() - 1) }))
    const at = await outcomeOf(envelope, contextOf({ stores, now: expiry }))

    expect(before.verdict).toBe('verified')
    expect(at.verdict).toBe('refused')
    expect(validation(at, 'expiry')).toMatchObject({ result: 'fail', code: 'ERR_SIGNATURE_EXPIRED' })
  })

  test('with metadata that the operator asked for is verified, and without it refused', async () => {
    const envelope = await signedBy(acme, { metadata: { build: '42' } })

    const asked = await outcomeOf(envelope, contextOf({ stores, metadata: { build: '42' } }))
    const other = await outcomeOf(envelope, contextOf({ stores, metadata: { build: '43' } }))
    const proto = await outcomeOf(envelope, contextOf({ stores, metadata: { toString: 'x' } }))

    expect(asked).toMatchObject({ verdict: 'verified', metadata: { build: '42' } })
    expect([other.verdict, proto.verdict]).toEqual(['refused', 'refused'])
  })
})

describe('a certificate that has run out', () => {
  test('refuses a signature without a timestamp', async () => {
    const outcome = await outcomeOf(await signedBy(acme), contextOf({ stores, now: LATER }))

    expect(validation(outcome, 'authenticTimestamp')).toMatchObject({ action: 'enforce', result: 'fail' })
    expect(outcome.verdict).toBe('refused')
  })

  test('is stale where a trusted exporter sealed the bundle while it was valid', async () => {
    const outcome = await outcomeOf(await signedBy(acme), contextOf({ stores, now: LATER, sealedAt: NOW }))

    expect(validation(outcome, 'authenticTimestamp')).toMatchObject({
      action: 'enforce',
      result: 'stale',
      code: 'ERR_BUNDLE_STALE',
    })
    expect(outcome.verdict).toBe('refused')
  })

  test('still counts, and still shows as stale, for as long as the policy says', async () => {
    const envelope = await signedBy(acme)
    const within = statementOf({ waybill: { maxStaleness: '700d' } })
    const beyond = statementOf({ waybill: { maxStaleness: '30d' } })

    const allowed = await outcomeOf(envelope, contextOf({ stores, now: LATER, sealedAt: NOW, statement: within }))
    const refused = await outcomeOf(envelope, contextOf({ stores, now: LATER, sealedAt: NOW, statement: beyond }))
    const unsealed = await outcomeOf(envelope, contextOf({ stores, now: LATER, statement: within }))

    expect(allowed.verdict).toBe('verified')
    expect(validation(allowed, 'authenticTimestamp')).toMatchObject({ action: 'log', result: 'stale' })
    expect([refused.verdict, unsealed.verdict]).toEqual(['refused', 'refused'])
  })

  test('counts until the policy’s time is over, to the moment', async () => {
    const statement = statementOf({ waybill: { maxStaleness: '1d' } })
    const [envelope, end] = [await signedBy(acme), acme.leaf.certificate.notAfter.getTime()]
    const sealedAt = new Date(end - 3_600_000)
    const at = (time: number) => contextOf({ stores, now: new Date(time), sealedAt, statement })

    const [last, late] = [sealedAt.getTime() + 86_400_000, sealedAt.getTime() + 86_400_001]

    expect((await outcomeOf(envelope, at(last))).verdict).toBe('verified')
    expect((await outcomeOf(envelope, at(late))).verdict).toBe('refused')
  })

  test('is not stale but out of date where it had run out before the bundle was sealed, or the seal is to come', async () => {
    const envelope = await signedBy(acme)
    const statement = statementOf({ waybill: { maxStaleness: '9999d' } })

    for (const sealedAt of [new Date(LATER.getTime() - 1), new Date(LATER.getTime() + 1)]) {
      const outcome = await outcomeOf(envelope, contextOf({ stores, now: LATER, sealedAt, statement }))
      expect(validation(outcome, 'authenticTimestamp')).toMatchObject({ result: 'fail', code: 'ERR_BUNDLE_STALE' })
    }
  })

  test('is no better for a seal that claims a time after the verifier’s clock', async () => {
    const statement = statementOf({ waybill: { maxStaleness: '700d' } })
    const sealedAt = new Date(LATER.getTime() + 1000)

    const outcome = await outcomeOf(await signedBy(acme), contextOf({ stores, now: LATER, sealedAt, statement }))

    expect(outcome.verdict).toBe('refused')
  })
})

test('a certificate that is yet to begin is not told to need a timestamp', async () => {
  const early = new Date('2025-12-31T00:00:00Z')

  const outcome = await outcomeOf(await signedBy(acme), contextOf({ stores, now: early }))

  const { detail } = validation(outcome, 'authenticTimestamp')
  expect(detail).toContain('is not valid before')
  expect(detail).not.toContain('timestamp authority')
})
