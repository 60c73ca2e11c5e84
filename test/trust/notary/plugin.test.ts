import { beforeAll, describe, expect, test } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import { ENVELOPE_COSE } from '../../../src/trust/envelope/envelope.js'
import type { SignatureOutcome } from '../../../src/trust/outcome.js'
import { formatPayload } from '../../../src/trust/payload.js'
import type { FindPlugin, PluginAnswer, PluginQuestion, VerificationPlugin } from '../../../src/trust/plugin.js'
import { forgeCose } from '../../support/cose.js'
import { type MintedChain, mintChain } from '../../support/keys.js'
import {
  type ContextRecipe,
  contextOf,
  mintSigner,
  outcomeOf,
  pluginHeaders,
  signedBy,
  statementOf,
  TARGET,
  validation,
} from '../../support/notary.js'
import { crlSource } from '../../support/revocation.js'

const IDENTITY = 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY'
const REVOCATION = 'SIGNATURE_VERIFIER.REVOCATION_CHECK'
const ATTRIBUTE = 'com.example.build'
const LEVELS = ['strict', 'permissive', 'audit']

let acme: MintedChain
let stranger: MintedChain

beforeAll(async () => {
  acme = await mintChain('Acme')
  stranger = await mintChain('Stranger')
})

/** A plugin that is installed, and remembers what was asked of it. */
interface Installed {
  readonly find: FindPlugin
  readonly looked: string[]
  readonly asked: PluginQuestion[]
}

function installed(
  given: Partial<Omit<VerificationPlugin, 'verify'>> & { readonly verify?: () => Promise<PluginAnswer> } = {},
): Installed {
  const looked: string[] = []
  const asked: PluginQuestion[] = []
  const { verify = async () => ({ results: {}, processed: [] }), ...facts } = given
  const plugin: VerificationPlugin = {
    name: 'checker',
    version: '1.2.0',
    capabilities: [IDENTITY],
    ...facts,
    verify: (question) => {
      asked.push(question)
      return verify()
    },
  }
  const find: FindPlugin = async (name) => {
    looked.push(name)
    return name === plugin.name ? plugin : undefined
  }
  return { find, looked, asked }
}

const answering = (answer: Partial<PluginAnswer>) => async () => ({ results: {}, processed: [], ...answer })

async function judged(
  headers: ReturnType<typeof pluginHeaders>,
  plugin: Installed | undefined,
  recipe: ContextRecipe = {},
): Promise<SignatureOutcome> {
  const stores = { 'ca:acme': [acme.root.certificate] }
  const context = contextOf({ stores, ...(plugin === undefined ? {} : { findPlugin: plugin.find }), ...recipe })
  return await outcomeOf(await signedBy(acme, headers), context)
}

const audit = (level: string) => ({ statement: statementOf({ signatureVerification: { level } }) })

describe('a signature that names a plugin', () => {
  test.each(LEVELS)('that is not installed is refused at level %s', async (level) => {
    const outcome = await judged(pluginHeaders('absent'), installed(), audit(level))

    expect(outcome.verdict).toBe('refused')
    expect(validation(outcome, 'plugin')).toMatchObject({
      action: 'enforce',
      result: 'fail',
      code: 'ERR_PLUGIN_FAILED',
      detail: expect.stringContaining('absent'),
    })
  })

  test('is refused where no plugin can be had at all', async () => {
    const outcome = await judged(pluginHeaders('checker'), undefined)

    expect(validation(outcome, 'plugin')).toMatchObject({ result: 'fail', code: 'ERR_PLUGIN_FAILED' })
  })

  test.each([
    ['1.2.0', 'verified'],
    ['1.1.9', 'verified'],
    ['1.2.0-rc.1', 'verified'],
    ['1.2.1', 'refused'],
    ['1.10.0', 'refused'],
    ['2.0.0-alpha', 'refused'],
    ['latest', 'refused'],
    ['1.2', 'refused'],
  ])('of version %s or newer is %s with version 1.2.0', async (minVersion, verdict) => {
    const plugin = installed({ verify: answering({ results: { [IDENTITY]: { success: true } } }) })

    const outcome = await judged(pluginHeaders('checker', { minVersion }), plugin)

    expect(outcome.verdict).toBe(verdict)
    expect(plugin.asked).toHaveLength(verdict === 'verified' ? 1 : 0)
  })

  test('is refused where the plugin’s own version is none', async () => {
    const outcome = await judged(pluginHeaders('checker', { minVersion: '1.0.0' }), installed({ version: 'newest' }))

    expect(outcome.verdict).toBe('refused')
  })

  test.each(LEVELS)('that cannot verify anything is refused at level %s', async (level) => {
    const outcome = await judged(pluginHeaders('checker'), installed({ capabilities: [] }), audit(level))

    expect(outcome.verdict).toBe('refused')
    expect(validation(outcome, 'plugin').code).toBe('ERR_PLUGIN_FAILED')
  })

  test.each(LEVELS)('that fails is refused at level %s', async (level) => {
    const verify = async (): Promise<never> => {
      throw new TransferError('ERR_PLUGIN_FAILED', 'the plugin checker says \u{1b}[2J nothing')
    }

    const outcome = await judged(pluginHeaders('checker'), installed({ verify }), audit(level))

    expect(outcome.verdict).toBe('refused')
    expect(validation(outcome, 'plugin')).toMatchObject({ action: 'enforce', code: 'ERR_PLUGIN_FAILED' })
  })

  test('that cannot be looked for is refused, and the other validations are shown', async () => {
    const findPlugin = async (): Promise<never> => {
      throw new TransferError('ERR_PLUGIN_FAILED', 'the plugin checker is not executable')
    }

    const outcome = await judged(pluginHeaders('checker'), undefined, { findPlugin })

    expect(outcome.verdict).toBe('refused')
    expect(outcome.validations.map(({ validation: name }) => name)).toContain('revocation')
  })

  test('lets through a mistake of ours, which is no verdict', async () => {
    const verify = async (): Promise<never> => {
      throw new RangeError('a bug')
    }

    await expect(judged(pluginHeaders('checker'), installed({ verify }))).rejects.toThrow(RangeError)
  })

  test('lets through a mistake of ours in looking for it, too', async () => {
    const findPlugin = async (): Promise<never> => {
      throw new RangeError('a bug')
    }

    await expect(judged(pluginHeaders('checker'), undefined, { findPlugin })).rejects.toThrow(RangeError)
  })
})

describe('an attribute that is critical and nobody here knows', () => {
  test.each(LEVELS)('fails a signature without a plugin at level %s', async (level) => {
    const outcome = await judged({ header: { [ATTRIBUTE]: 'x' }, critical: [ATTRIBUTE] }, installed(), audit(level))

    expect(outcome.verdict).toBe('refused')
    expect(validation(outcome, 'plugin')).toMatchObject({ action: 'enforce', code: 'ERR_SIGNATURE_INVALID' })
    expect(validation(outcome, 'plugin').detail).toContain(ATTRIBUTE)
  })

  test('fails one in COSE too, also under a number', async () => {
    const scheme = 'io.cncf.notary.signingScheme'
    const header = [[2, [scheme, 99]] as const, [99, 'x'] as const]
    const envelope = forgeCose({ header, payload: formatPayload(TARGET) }, acme)
    const context = contextOf({ stores: { 'ca:acme': [acme.root.certificate] } })

    const outcome = await outcomeOf(envelope, context, { type: ENVELOPE_COSE })

    expect(outcome.verdict).toBe('refused')
    expect(validation(outcome, 'plugin').code).toBe('ERR_SIGNATURE_INVALID')
  })

  test('fails no signature where it is not critical', async () => {
    expect((await judged({ header: { [ATTRIBUTE]: 'x' } }, undefined)).verdict).toBe('verified')
  })

  test.each([
    ['nothing', [], 'refused'],
    ['another one', ['com.example.other'], 'refused'],
    ['the attribute', [ATTRIBUTE], 'verified'],
  ])('is as good as the plugin’s answer: it processed %s', async (_what, processed, verdict) => {
    const verify = answering({ results: { [IDENTITY]: { success: true } }, processed })
    const plugin = installed({ verify })

    const outcome = await judged(pluginHeaders('checker', { attributes: { [ATTRIBUTE]: 'x' } }), plugin)

    expect(outcome.verdict).toBe(verdict)
    expect(plugin.asked[0]?.unprocessed).toEqual([{ key: ATTRIBUTE, value: 'x', critical: true }])
  })

  test('is not told of to a plugin where it is not critical', async () => {
    const plugin = installed({ verify: answering({ results: { [IDENTITY]: { success: true } } }) })
    const { header, critical } = pluginHeaders('checker')

    await judged({ header: { ...header, [ATTRIBUTE]: 'x' }, ...(critical && { critical }) }, plugin)

    expect(plugin.asked[0]?.unprocessed).toEqual([])
  })
})

describe('what a plugin does in the place of the program', () => {
  const nobody = statementOf({ trustedIdentities: ['x509.subject: C=ZZ, ST=-, O=Nobody'] })

  test('identity: its answer counts, and the policy’s identities are only told to it', async () => {
    const yes = installed({ verify: answering({ results: { [IDENTITY]: { success: true, reason: 'on the list' } } }) })
    const no = installed({ verify: answering({ results: { [IDENTITY]: { success: false, reason: 'left' } } }) })

    const accepted = await judged(pluginHeaders('checker'), yes, { statement: nobody })
    const refused = await judged(pluginHeaders('checker'), no)

    expect(accepted.verdict).toBe('verified')
    expect(yes.asked[0]).toMatchObject({ identities: nobody.identities, capabilities: [IDENTITY] })
    expect(refused.verdict).toBe('refused')
    expect(refused.validations.filter(({ validation: name }) => name === 'authenticity')).toMatchObject([
      { result: 'pass' },
      { result: 'fail', code: 'ERR_IDENTITY_UNTRUSTED', detail: expect.stringContaining('left') },
    ])
  })

  test('identity: its refusal is recorded where the level records authenticity', async () => {
    const no = installed({ verify: answering({ results: { [IDENTITY]: { success: false } } }) })

    const outcome = await judged(pluginHeaders('checker'), no, audit('audit'))

    expect(outcome.verdict).toBe('verified')
    expect(outcome.validations).toContainEqual(
      expect.objectContaining({ action: 'log', code: 'ERR_IDENTITY_UNTRUSTED' }),
    )
  })

  test('never the trust store: a stranger stays one, whatever the plugin would say', async () => {
    const plugin = installed({ verify: answering({ results: { [IDENTITY]: { success: true } } }) })
    const stores = { 'ca:acme': [stranger.root.certificate] }

    const outcome = await judged(pluginHeaders('checker'), plugin, { stores })

    expect(validation(outcome, 'authenticity').code).toBe('ERR_SIGNER_UNKNOWN')
    expect(validation(outcome, 'plugin').result).toBe('not-made')
    expect(plugin.asked).toEqual([])
  })

  test('revocation: its answer counts, and no list is asked for', async () => {
    const revocable = await mintSigner('Revocable', { extensions: [crlSource()] })
    const stores = { 'ca:acme': [revocable.root.certificate] }
    const envelope = await signedBy(revocable, pluginHeaders('checker'))
    const outcomeWith = (success: boolean, level = 'strict') => {
      const plugin = installed({
        capabilities: [REVOCATION],
        verify: answering({ results: { [REVOCATION]: { success } } }),
      })
      return outcomeOf(envelope, contextOf({ stores, findPlugin: plugin.find, ...audit(level) }))
    }

    const [good, gone, logged] = [
      await outcomeWith(true),
      await outcomeWith(false),
      await outcomeWith(false, 'permissive'),
    ]

    expect(good.verdict).toBe('verified')
    expect(validation(good, 'revocation').detail).toContain('checker')
    expect(gone.verdict).toBe('refused')
    expect(validation(gone, 'revocation').code).toBe('ERR_CERTIFICATE_REVOKED')
    expect(validation(logged, 'revocation')).toMatchObject({ action: 'log', result: 'fail' })
    expect(logged.verdict).toBe('verified')
  })

  test('revocation: it is not asked where the policy skips it, which is shown', async () => {
    const plugin = installed({
      capabilities: [IDENTITY, REVOCATION],
      verify: answering({ results: { [IDENTITY]: { success: true } } }),
    })
    const statement = statementOf({ signatureVerification: { level: 'strict', override: { revocation: 'skip' } } })

    const outcome = await judged(pluginHeaders('checker'), plugin, { statement })

    expect(outcome.verdict).toBe('verified')
    expect(plugin.asked[0]?.capabilities).toEqual([IDENTITY])
    expect(validation(outcome, 'revocation')).toMatchObject({ action: 'skip', result: 'not-made' })
  })

  test('nothing that it does not say: an answer too few refuses', async () => {
    const plugin = installed({
      capabilities: [IDENTITY, REVOCATION],
      verify: answering({ results: { [IDENTITY]: { success: true } } }),
    })

    const outcome = await judged(pluginHeaders('checker'), plugin)

    expect(outcome.verdict).toBe('refused')
    expect(validation(outcome, 'plugin').detail).toContain(REVOCATION)
  })

  test('nothing else: what it was not asked for replaces no validation', async () => {
    const results = { [IDENTITY]: { success: true }, [REVOCATION]: { success: true } }
    const plugin = installed({ capabilities: [IDENTITY], verify: answering({ results }) })
    const revocable = await mintSigner('Revocable', { extensions: [crlSource()] })
    const stores = { 'ca:acme': [revocable.root.certificate] }

    const outcome = await outcomeOf(
      await signedBy(revocable, pluginHeaders('checker')),
      contextOf({ stores, findPlugin: plugin.find }),
    )

    expect(validation(outcome, 'revocation')).toMatchObject({ result: 'fail', code: 'ERR_REVOCATION_UNKNOWN' })
    expect(outcome.verdict).toBe('refused')
  })
})

describe('a plugin is not asked', () => {
  test.each([
    ['has expired', { expiry: new Date('2026-11-21T00:00:00Z'), signingTime: new Date('2026-11-01T00:00:00Z') }],
    ['is about something else', { target: { ...TARGET, size: TARGET.size + 1 } }],
  ])('about a signature that %s', async (_what, recipe) => {
    const plugin = installed()
    const envelope = await signedBy(acme, { ...pluginHeaders('checker'), ...recipe })

    const outcome = await outcomeOf(
      envelope,
      contextOf({ stores: { 'ca:acme': [acme.root.certificate] }, findPlugin: plugin.find }),
    )

    expect(outcome.verdict).toBe('refused')
    expect(plugin.asked).toEqual([])
  })

  test('and not even looked for, about the signature of a stranger: everybody can make one that names it', async () => {
    const plugin = installed()
    const envelope = await signedBy(stranger, pluginHeaders('checker'))

    const outcome = await outcomeOf(
      envelope,
      contextOf({ stores: { 'ca:acme': [acme.root.certificate] }, findPlugin: plugin.find }),
    )

    expect(plugin.looked).toEqual([])
    expect(validation(outcome, 'plugin')).toMatchObject({ action: 'enforce', result: 'not-made' })
    expect(outcome.verdict).toBe('refused')
  })

  test('where the signature names none, even if one is installed', async () => {
    const plugin = installed()

    const outcome = await judged({}, plugin)

    expect([outcome.verdict, plugin.looked]).toEqual(['verified', []])
  })
})
