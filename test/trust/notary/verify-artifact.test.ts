import { beforeAll, describe, expect, test } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import { LIMITS } from '../../../src/limits.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../../src/trust/envelope/envelope.js'
import { type CarriedSignature, verifyArtifact } from '../../../src/trust/notary/verify-artifact.js'
import { type MintedChain, mintChain, NOW } from '../../support/keys.js'
import { type ContextRecipe, contextOf, type SealRecipe, signedBy, statementOf, TARGET } from '../../support/notary.js'
import { anNv2Signature } from '../../support/nv2.js'

let acme: MintedChain
let stranger: MintedChain

beforeAll(async () => {
  acme = await mintChain('Acme')
  stranger = await mintChain('Stranger')
})

async function by(chain: MintedChain, recipe: SealRecipe = {}): Promise<CarriedSignature> {
  const envelope = await signedBy(chain, recipe)
  const { type = ENVELOPE_JWS } = recipe
  return { kind: 'envelope', signature: `by ${chain.leaf.name}`, type, read: async () => envelope }
}

const level = (name: string) =>
  statementOf(
    name === 'skip'
      ? {
          registryScopes: ['a.example/b'],
          signatureVerification: { level: 'skip' },
          trustStores: [],
          trustedIdentities: [],
        }
      : { signatureVerification: { level: name } },
  )

const judged = (signatures: readonly CarriedSignature[], context: ContextRecipe = {}) =>
  verifyArtifact(
    { target: TARGET, scope: 'a.example/b', signatures },
    contextOf({ stores: { 'ca:acme': [acme.root.certificate] }, ...context }),
  )

describe('an artifact without a signature', () => {
  test.each(['strict', 'permissive', 'audit'])('is refused at level %s', async (name) => {
    const outcome = await judged([], { statement: level(name) })

    expect(outcome).toMatchObject({ verdict: 'refused', code: 'ERR_SIGNATURE_MISSING', level: name, statement: 'acme' })
    expect(outcome.detail).toContain('the statement acme')
  })

  test('is skipped at level skip, and nothing is read', async () => {
    const unread: CarriedSignature = {
      kind: 'envelope',
      signature: 'x',
      type: ENVELOPE_JWS,
      read: () => Promise.reject(new Error('read')),
    }

    expect(await judged([unread], { statement: level('skip') })).toMatchObject({ verdict: 'skipped', signatures: [] })
  })
})

describe('an artifact with several signatures', () => {
  test('is verified by one that is good, wherever it stands, and all are shown', async () => {
    const bad: readonly CarriedSignature[] = [
      await by(stranger),
      { kind: 'malformed', signature: 'two layers', why: 'its manifest has 2 layers' },
      await by(acme, { target: { ...TARGET, size: 1 } }),
    ]
    for (const signatures of [
      [await by(acme), ...bad],
      [...bad, await by(acme)],
    ]) {
      const outcome = await judged(signatures)

      expect(outcome.verdict).toBe('verified')
      expect(outcome.detail).toContain(acme.leaf.certificate.subject)
      expect(outcome.signatures.map(({ verdict }) => verdict).toSorted()).toEqual([
        ...['refused', 'refused', 'refused'],
        'verified',
      ])
    }
  })

  test('is not verified by the halves of two: one has the trust, and the other the time', async () => {
    const expiry = new Date(NOW.getTime() - 1000)
    const expired = await by(acme, { signingTime: new Date(NOW.getTime() - 10_000), expiry })

    expect((await judged([expired, await by(stranger)])).verdict).toBe('refused')
  })

  test('that are all refused is told of the nearest, not of the first that somebody hung there', async () => {
    const expiry = new Date(NOW.getTime() - 1000)
    const expired = await by(acme, { signingTime: new Date(NOW.getTime() - 10_000), expiry })
    const malformed: CarriedSignature = { kind: 'malformed', signature: 'a', why: 'its manifest has 0 layers' }

    const outcome = await judged([malformed, await by(stranger), expired])

    expect(outcome).toMatchObject({ verdict: 'refused', code: 'ERR_SIGNATURE_EXPIRED' })
    expect(outcome.detail).toContain('none of its 3 signatures')
  })

  test('that are all refused is told of a whole one before one that is not', async () => {
    const malformed: CarriedSignature = { kind: 'malformed', signature: 'a', why: 'its manifest has 0 layers' }
    const other = await by(acme, { target: { ...TARGET, size: 1 } })

    for (const signatures of [
      [malformed, other, await by(stranger)],
      [await by(stranger), other, malformed],
    ]) {
      expect(await judged(signatures)).toMatchObject({ verdict: 'refused', code: 'ERR_SIGNER_UNKNOWN' })
    }
  })

  test('may have as many as the limit says, and not one more', async () => {
    const malformed = (at: number): CarriedSignature => ({ kind: 'malformed', signature: `${at}`, why: 'broken' })
    const many = Array.from({ length: LIMITS.signaturesPerArtifact - 1 }, (_, at) => malformed(at))
    const good = await by(acme)

    expect((await judged([...many, good])).verdict).toBe('verified')
    expect(await judged([...many, malformed(0), good])).toMatchObject({
      verdict: 'refused',
      code: 'ERR_LIMIT_EXCEEDED',
      signatures: [],
    })
  })
})

describe('a signature that cannot be read', () => {
  const broken = (code: 'ERR_CONTENT_MISMATCH' | 'ERR_NOT_FOUND' | 'ERR_LIMIT_EXCEEDED' | 'ERR_MEDIUM') =>
    ({
      kind: 'envelope',
      signature: 'broken',
      type: ENVELOPE_COSE,
      read: () => Promise.reject(new TransferError(code, 'not to be had')),
    }) satisfies CarriedSignature

  test.each(['ERR_CONTENT_MISMATCH', 'ERR_NOT_FOUND', 'ERR_LIMIT_EXCEEDED'] as const)(
    'for %s is refused, and does not hide the good one beside it',
    async (code) => {
      const alone = await judged([broken(code)], { statement: level('audit') })
      const beside = await judged([broken(code), await by(acme)])

      expect(alone).toMatchObject({ verdict: 'refused', code })
      expect(beside.verdict).toBe('verified')
    },
  )

  test('because the disk fails is a fault, and no verdict', async () => {
    await expect(judged([broken('ERR_MEDIUM'), await by(acme)])).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })

  test('because somebody has stopped is no verdict either', async () => {
    const stop = AbortSignal.abort(new TransferError('ERR_CANCELLED', 'enough'))

    await expect(judged([broken('ERR_NOT_FOUND')], { signal: stop })).rejects.toMatchObject({ code: 'ERR_CANCELLED' })
  })
})

describe('a level that only records', () => {
  test('does not call what it lets pass signed by whoever the certificate names', async () => {
    const impostor = await mintChain('Acme')

    const outcome = await judged([await by(impostor)], { statement: level('audit') })

    expect(outcome.verdict).toBe('verified')
    expect(outcome.detail).not.toMatch(/^signed by/)
    expect(outcome.detail).toContain('audit')
    expect(outcome.detail).toContain('not in the trust store')
  })

  test('names the signature that nothing has to be recorded of, where there is one', async () => {
    const outcome = await judged([await by(stranger), await by(acme)], { statement: level('audit') })

    expect(outcome.detail).toBe(`signed by ${acme.leaf.certificate.subject}, as the statement acme wants`)
  })
})

describe('a signature of the prototype', () => {
  async function token(): Promise<CarriedSignature> {
    const { contents } = await anNv2Signature(TARGET)
    const bytes = contents[0]?.bytes ?? new Uint8Array()
    return { kind: 'nv2', signature: 'jwt', read: async () => bytes }
  }

  test('is refused by a statement that says nothing of it, at level audit too', async () => {
    expect((await judged([await token()], { statement: level('audit') })).verdict).toBe('refused')
  })

  test('cannot state what the operator demands of a signature', async () => {
    const statement = statementOf({ signatureVerification: { level: 'audit' }, waybill: { nv2: true } })
    const metadata = { build: '42' }

    const [plain, demanded] = [
      await judged([await token()], { statement }),
      await judged([await token()], { statement, metadata }),
    ]

    // Its key is nobody's, so that the signature itself is refused in both; what is asked is the reason.
    expect(plain.signatures[0]?.validations.some(({ detail }) => detail.includes('build'))).toBe(false)
    expect(demanded.signatures[0]?.validations.some(({ detail }) => detail.includes('build'))).toBe(true)
    expect(demanded.verdict).toBe('refused')
  })
})
