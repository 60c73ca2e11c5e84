import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/encoding/strict-json.js'
import { TransferError } from '../../src/errors.js'
import { describe as describeContent } from '../../src/oci/descriptor.js'
import { type AnswerGiven, answerCommand, errorAnswer, type PluginKeyWords } from '../../src/plugin/answer-command.js'
import { decodeBase64, encodeBase64 } from '../../src/trust/base64.js'
import { openEnvelope } from '../../src/trust/envelope/open.js'
import { verifyRaw } from '../../src/trust/key/raw-signature.js'
import { loadSigner } from '../../src/trust/key/signer.js'
import { formatPayload, PAYLOAD_TYPE } from '../../src/trust/payload.js'
import { type MintedChain, mintChain, NOW } from '../support/keys.js'
import { base64Chain } from '../support/plugins.js'
import { CALL } from '../support/tmp.js'

let chain: MintedChain

beforeAll(async () => {
  chain = await mintChain()
})

const PAYLOAD = formatPayload(describeContent('application/vnd.oci.image.manifest.v1+json', Buffer.from('{}')))
const SIGN = { contractVersion: '1.0', keyId: 'k', keySpec: 'EC-256', hashAlgorithm: 'SHA-256', payload: 'eA==' }
const SEAL = {
  contractVersion: '1.0',
  keyId: 'k',
  payload: encodeBase64(PAYLOAD),
  payloadType: PAYLOAD_TYPE,
  signatureEnvelopeType: 'application/jose+json',
}

interface Asked {
  readonly answer: JsonObject
  readonly words: readonly PluginKeyWords[]
  readonly closed: number
}

async function ask(command: string, request: JsonObject): Promise<Asked> {
  const words: PluginKeyWords[] = []
  let closed = 0
  const given: AnswerGiven = {
    openKey: async (asked) => {
      words.push(asked)
      const signer = loadSigner(chain.leaf.keyPem, chain.chainPem, NOW)
      return {
        chain: signer.chain,
        algorithm: signer.algorithm,
        sign: (bytes, call) => signer.sign(bytes, call),
        close: async () => {
          closed += 1
        },
      }
    },
    version: '1.0.0',
    now: NOW,
    ...CALL,
  }
  return { answer: await answerCommand(command, request, given), words, closed }
}

const text = (answer: JsonObject, name: string) => String(answer[name])
const bytes = (answer: JsonObject, name: string) => decodeBase64(text(answer, name)) ?? new Uint8Array()

describe('this program as a plugin', () => {
  test('says who it is without opening a key', async () => {
    const { answer, words } = await ask('get-plugin-metadata', {})

    expect(words).toEqual([])
    expect(answer).toMatchObject({
      name: 'waybill',
      version: '1.0.0',
      supportedContractVersions: ['1.0'],
      capabilities: ['SIGNATURE_GENERATOR.RAW', 'SIGNATURE_GENERATOR.ENVELOPE'],
    })
  })

  test('describes the key that its configuration names, and closes it', async () => {
    const pluginConfig = { key: '/keys/a.p12', cert: '/keys/a.crt', 'password-file': '/keys/pw', more: 'x' }
    const request = { contractVersion: '1.0', keyId: 'release', pluginConfig, unknown: {} }

    const { answer, words, closed } = await ask('describe-key', request)

    expect(answer).toEqual({ keyId: 'release', keySpec: 'EC-256' })
    expect(words).toEqual([{ key: '/keys/a.p12', cert: '/keys/a.crt', passwordFile: '/keys/pw' }])
    expect(closed).toBe(1)
  })

  test('takes the key’s name for the key where its configuration names none', async () => {
    const { words } = await ask('describe-key', { contractVersion: '1.0', keyId: 'pkcs11:token=a' })

    expect(words).toEqual([{ key: 'pkcs11:token=a' }])
  })

  test('signs', async () => {
    const { answer } = await ask('generate-signature', SIGN)
    const signed = { toBeSigned: Buffer.from('x'), signature: bytes(answer, 'signature') }

    expect(answer).toMatchObject({
      keyId: 'k',
      signingAlgorithm: 'ECDSA-SHA-256',
      certificateChain: base64Chain(chain),
    })
    expect(verifyRaw(chain.leaf.certificate.publicKey, 'ES256', signed)).toBe(true)
  })

  test.each(['application/jose+json', 'application/cose'] as const)('makes an envelope of %s', async (type) => {
    const request = { ...SEAL, signatureEnvelopeType: type, expiryDurationInSeconds: 60 }

    const { answer } = await ask('generate-envelope', request)
    const opened = await openEnvelope(bytes(answer, 'signatureEnvelope'), type)

    expect(answer['signatureEnvelopeType']).toBe(type)
    expect(Buffer.from(opened.payload)).toEqual(Buffer.from(PAYLOAD))
    expect(opened.attributes).toMatchObject({ signingTime: NOW, expiry: new Date(NOW.getTime() + 60_000) })
  })

  test.each<readonly [string, string, JsonObject, string]>([
    ['another contract', 'describe-key', { contractVersion: '2.0', keyId: 'k' }, 'UNSUPPORTED_CONTRACT_VERSION'],
    ['no contract', 'describe-key', { keyId: 'k' }, 'UNSUPPORTED_CONTRACT_VERSION'],
    ['no key', 'describe-key', { contractVersion: '1.0' }, 'VALIDATION_ERROR'],
    ['an unknown command', 'verify-signature', SIGN, 'VALIDATION_ERROR'],
    ['a command that objects have', 'constructor', SIGN, 'VALIDATION_ERROR'],
    ['a key of another kind', 'generate-signature', { ...SIGN, keySpec: 'EC-384' }, 'VALIDATION_ERROR'],
    ['another hash', 'generate-signature', { ...SIGN, hashAlgorithm: 'SHA-512' }, 'VALIDATION_ERROR'],
    ['no base64', 'generate-signature', { ...SIGN, payload: '*' }, 'VALIDATION_ERROR'],
    ['no configuration', 'generate-signature', { ...SIGN, pluginConfig: 'x' }, 'VALIDATION_ERROR'],
    ['a configuration of numbers', 'generate-signature', { ...SIGN, pluginConfig: { cert: 7 } }, 'VALIDATION_ERROR'],
    ['another envelope', 'generate-envelope', { ...SEAL, signatureEnvelopeType: 'x/y' }, 'VALIDATION_ERROR'],
    ['another payload', 'generate-envelope', { ...SEAL, payloadType: 'x/y' }, 'VALIDATION_ERROR'],
    ['no time', 'generate-envelope', { ...SEAL, expiryDurationInSeconds: '60' }, 'VALIDATION_ERROR'],
  ])('refuses a question with %s', async (_, command, request, errorCode) => {
    const error = await ask(command, request).catch((cause: unknown) => cause)

    expect(errorAnswer(error)).toMatchObject({ errorCode })
  })

  test.each([
    [new TransferError('ERR_KEY_UNUSABLE', 'wrong password'), 'ACCESS_DENIED'],
    [new TransferError('ERR_USAGE', 'no key'), 'VALIDATION_ERROR'],
    [new TransferError('ERR_MEDIUM', 'cannot read'), 'ERROR'],
    [new Error('-----BEGIN PRIVATE KEY-----'), 'ERROR'],
  ])('tells %s in the words of the contract, and nothing of a bug', (cause, errorCode) => {
    const answer = errorAnswer(cause)

    expect(answer).toMatchObject({ errorCode })
    expect(JSON.stringify(answer)).not.toContain('PRIVATE')
  })
})
