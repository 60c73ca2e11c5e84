import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { verificationPlugins } from '../../src/plugin/verification-plugins.js'
import type { SignedAttributes } from '../../src/trust/envelope/envelope.js'
import type { PluginQuestion, VerificationPlugin, VerifierCapability } from '../../src/trust/plugin.js'
import { type MintedChain, mintChain, NOW } from '../support/keys.js'
import { base64Chain, installPlugin, type PluginRecipe } from '../support/plugins.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const FAILED = expect.objectContaining({ code: 'ERR_PLUGIN_FAILED' })
const IDENTITY: VerifierCapability = 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY'
const REVOCATION: VerifierCapability = 'SIGNATURE_VERIFIER.REVOCATION_CHECK'
const VERIFY = 'verify-signature'

let chain: MintedChain
let folder: string

beforeAll(async () => {
  chain = await mintChain()
})

beforeEach(async () => {
  folder = await tmpFolder()
})

async function find(recipe: PluginRecipe = {}): Promise<VerificationPlugin> {
  await installPlugin(folder, 'checker', { minted: chain, capabilities: [IDENTITY, REVOCATION], ...recipe })
  const plugin = await verificationPlugins({ folder, environment: {}, timeoutMs: 20_000 })('checker', CALL)
  if (plugin === undefined) throw new Error('not found')
  return plugin
}

function question(attributes: Partial<SignedAttributes> = {}, asked: Partial<PluginQuestion> = {}): PluginQuestion {
  const extended = [{ key: 'com.example.job', value: 7, critical: true }]
  return {
    attributes: {
      scheme: 'notary.x509',
      signingTime: NOW,
      verificationPlugin: { name: 'checker' },
      extended,
      ...attributes,
    },
    unprocessed: extended,
    chain: chain.certificates,
    identities: ['x509.subject: C=ZZ, ST=-, O=Waybill tests'],
    capabilities: [IDENTITY, REVOCATION],
    ...asked,
  }
}

describe('a plugin that verifies', () => {
  test('says what it can do, in the order of the contract', async () => {
    const capabilities = [REVOCATION, 'SIGNATURE_GENERATOR.RAW', IDENTITY, 'SOMETHING_NEW']

    expect(await find({ capabilities })).toMatchObject({
      name: 'checker',
      version: '1.2.3',
      capabilities: [IDENTITY, REVOCATION],
    })
  })

  test('answers what it is asked', async () => {
    const plugin = await find()

    await expect(plugin.verify(question(), CALL)).resolves.toEqual({
      results: { [IDENTITY]: { success: true }, [REVOCATION]: { success: true } },
      processed: ['com.example.job'],
    })
  })

  test('may refuse, and says why without harm for the terminal', async () => {
    const results = { [IDENTITY]: { success: false, reason: 'not \u001b[2J him' } }
    const plugin = await find({ answers: { [VERIFY]: { verificationResults: results, processedAttributes: [] } } })

    const answer = await plugin.verify(question({}, { capabilities: [IDENTITY] }), CALL)

    expect(answer).toEqual({
      results: { [IDENTITY]: { success: false, reason: 'not \\u{1b}[2J him' } },
      processed: [],
    })
  })

  test('is told all that was signed, in the words of the contract', async () => {
    const log = join(folder, 'log')
    const plugin = await find({ log, behaviour: { [VERIFY]: 'logs' } })
    const expiry = new Date('2026-12-01T00:00:00.000Z')

    await plugin.verify(
      question({
        scheme: 'notary.x509.signingAuthority',
        expiry,
        verificationPlugin: { name: 'checker', minVersion: '1.0.0' },
      }),
      CALL,
    )

    const request = (await readFile(log, 'utf8')).split('\n').find((line) => line.startsWith('{')) ?? ''
    expect(JSON.parse(request)).toEqual({
      contractVersion: '1.0',
      signature: {
        criticalAttributes: {
          contentType: 'application/vnd.cncf.notary.payload.v1+json',
          signingScheme: 'notary.x509.signingAuthority',
          expiry: '2026-12-01T00:00:00Z',
          authenticSigningTime: '2026-11-22T12:00:00Z',
          verificationPlugin: 'checker',
          verificationPluginMinVersion: '1.0.0',
          extendedAttributes: { 'com.example.job': 7 },
        },
        unprocessedAttributes: ['com.example.job'],
        certificateChain: base64Chain(chain),
      },
      trustPolicy: {
        trustedIdentities: ['x509.subject: C=ZZ, ST=-, O=Waybill tests'],
        signatureVerification: [IDENTITY, REVOCATION],
      },
    })
  })

  test.each(['1.2.3', '1.2.2', '0.9.9', '1.2.3-rc.1', '1.2.3+build.7'])(
    'serves a signature that wants %s',
    async (minVersion) => {
      const plugin = await find()
      const verificationPlugin = { name: 'checker', minVersion }

      await expect(plugin.verify(question({ verificationPlugin }), CALL)).resolves.toBeDefined()
    },
  )

  test.each(['1.2.4', '2.0.0', '1.3.0-rc.1', 'v1.0.0', '1.0', ' 1.0.0', '1.0.0 ', '=1.0.0', '', 'one'])(
    'does not serve a signature that wants %j',
    async (minVersion) => {
      const plugin = await find()
      const verificationPlugin = { name: 'checker', minVersion }

      await expect(plugin.verify(question({ verificationPlugin }), CALL)).rejects.toEqual(FAILED)
    },
  )

  test('does not serve a signature that wants a version where its own is none', async () => {
    const plugin = await find({ metadata: { version: 'latest' } })
    const verificationPlugin = { name: 'checker', minVersion: '0.0.1' }

    await expect(plugin.verify(question({ verificationPlugin }), CALL)).rejects.toEqual(FAILED)
  })

  test.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['too little', { [IDENTITY]: { success: true } }],
    ['too much', { [IDENTITY]: { success: true }, [REVOCATION]: { success: true }, MORE: { success: true } }],
    ['something else', { [IDENTITY]: { success: true }, MORE: { success: true } }],
    ['no verdict', { [IDENTITY]: { success: true }, [REVOCATION]: {} }],
    ['a verdict that is no truth value', { [IDENTITY]: { success: true }, [REVOCATION]: { success: 'true' } }],
    ['a verdict without its form', { [IDENTITY]: true, [REVOCATION]: true }],
    ['a list', [{ success: true }]],
  ])('is refused where it answers %s', async (_, verificationResults) => {
    const answer = { verificationResults: verificationResults ?? null }
    const plugin = await find({ answers: { [VERIFY]: answer } })

    await expect(plugin.verify(question(), CALL)).rejects.toEqual(FAILED)
  })

  test('may write an empty list as null, as plugins in Go do', async () => {
    const plugin = await find({ answers: { [VERIFY]: { verificationResults: null, processedAttributes: null } } })

    await expect(plugin.verify(question({}, { capabilities: [] }), CALL)).resolves.toEqual({
      results: {},
      processed: [],
    })
  })

  test('is refused where it does not say which attributes it processed', async () => {
    for (const processedAttributes of [{}, 'com.example.job', [7]]) {
      const plugin = await find({ answers: { [VERIFY]: { processedAttributes } } })
      await expect(plugin.verify(question(), CALL)).rejects.toEqual(FAILED)
    }
  })

  test.each([
    ['a label that is a number', { key: 42, value: 'x', critical: true }],
    ['a value that is a list', { key: 'com.example', value: ['x'], critical: true }],
    ['a value that is an object', { key: 'com.example', value: { x: 1 }, critical: true }],
  ])('is not asked about %s', async (_, attribute) => {
    const plugin = await find()

    await expect(plugin.verify(question({}, { unprocessed: [attribute] }), CALL)).rejects.toEqual(FAILED)
  })

  test('is not run before a signature names it', async () => {
    const log = join(folder, 'log')
    await installPlugin(folder, 'checker', { capabilities: [IDENTITY], log })
    const plugins = verificationPlugins({ folder, environment: {} })

    await expect(plugins('another', CALL)).resolves.toBeUndefined()
    await expect(readFile(log, 'utf8')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
