import { isJsonObject, type JsonObject } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { decodeBase64, encodeBase64 } from '../trust/base64.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../trust/envelope/envelope.js'
import { sealEnvelope } from '../trust/envelope/seal.js'
import type { OpenSigner } from '../trust/key/signer.js'
import { PAYLOAD_TYPE } from '../trust/payload.js'
import { CONTRACT_VERSION, ENVELOPE_GENERATOR, keyFactsFor, RAW_GENERATOR } from './protocol.js'

/** Where the key is: words as on the command line, from the key's name and the plugin's configuration. */
export interface PluginKeyWords {
  /** FILE or `pkcs11:URI` */
  readonly key: string
  readonly cert?: string
  readonly passwordFile?: string
}

export interface AnswerGiven {
  readonly openKey: (words: PluginKeyWords) => Promise<OpenSigner>
  readonly version: string
  readonly now: Date
  readonly signal: AbortSignal
}

/** A question that this plugin does not take; every other failure is one of the key. */
export class RefusedQuestion extends Error {
  readonly code: 'VALIDATION_ERROR' | 'UNSUPPORTED_CONTRACT_VERSION'

  constructor(code: RefusedQuestion['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * This program as somebody else's plugin (plugin-extensibility): answers one command about a key that Waybill can open.
 * Members of the request that are not known are ignored, as the contract wants it.
 * @throws RefusedQuestion, and what opening the key and signing throw
 */
export async function answerCommand(command: string, request: JsonObject, given: AnswerGiven): Promise<JsonObject> {
  if (command === 'get-plugin-metadata') return metadata(given)
  if (request['contractVersion'] !== CONTRACT_VERSION) {
    throw new RefusedQuestion('UNSUPPORTED_CONTRACT_VERSION', `contractVersion is not ${CONTRACT_VERSION}`)
  }
  const answer = ANSWERS[command]
  if (answer === undefined) throw new RefusedQuestion('VALIDATION_ERROR', 'this plugin has no such command')
  const keyId = textOf(request, 'keyId')
  const signer = await given.openKey(wordsOf(keyId, request))
  try {
    return { keyId, ...(await answer(signer, request, given)) }
  } finally {
    await signer.close()
  }
}

function metadata({ version }: AnswerGiven): JsonObject {
  return {
    name: 'waybill',
    description: 'Signs with a key in a PEM or PKCS#12 file, or on a PKCS#11 token',
    version,
    url: 'https://notaryproject.dev',
    supportedContractVersions: [CONTRACT_VERSION],
    capabilities: [RAW_GENERATOR, ENVELOPE_GENERATOR],
  }
}

type Answer = (signer: OpenSigner, request: JsonObject, given: AnswerGiven) => Promise<JsonObject>

// No verify-signature: no signature names this plugin, because every verifier can check what it signs.
const ANSWERS: Readonly<Record<string, Answer | undefined>> = Object.assign(Object.create(null), {
  'describe-key': async (signer: OpenSigner) => ({ keySpec: factsOf(signer).keySpec }),
  'generate-signature': generateSignature,
  'generate-envelope': generateEnvelope,
})

function factsOf({ algorithm }: OpenSigner) {
  const facts = keyFactsFor(algorithm)
  if (facts === undefined) throw new Error(`the contract has no words for ${algorithm}`)
  return facts
}

async function generateSignature(signer: OpenSigner, request: JsonObject, given: AnswerGiven): Promise<JsonObject> {
  const { keySpec, hashAlgorithm, signingAlgorithm } = factsOf(signer)
  // Answering with another hash than the caller thinks of would make a signature that nobody can verify.
  if (textOf(request, 'keySpec') !== keySpec || textOf(request, 'hashAlgorithm') !== hashAlgorithm) {
    throw new RefusedQuestion('VALIDATION_ERROR', `this key is ${keySpec}, and signs with ${hashAlgorithm}`)
  }
  const signature = await signer.sign(bytesOf(request, 'payload'), { signal: given.signal })
  return {
    signature: encodeBase64(signature),
    signingAlgorithm,
    certificateChain: signer.chain.map(({ der }) => encodeBase64(der)),
  }
}

async function generateEnvelope(signer: OpenSigner, request: JsonObject, given: AnswerGiven): Promise<JsonObject> {
  const type = textOf(request, 'signatureEnvelopeType')
  if (type !== ENVELOPE_JWS && type !== ENVELOPE_COSE) {
    throw new RefusedQuestion(
      'VALIDATION_ERROR',
      `signatureEnvelopeType is neither ${ENVELOPE_JWS} nor ${ENVELOPE_COSE}`,
    )
  }
  if (textOf(request, 'payloadType') !== PAYLOAD_TYPE) {
    throw new RefusedQuestion('VALIDATION_ERROR', `payloadType is not ${PAYLOAD_TYPE}`)
  }
  const seconds = request['expiryDurationInSeconds'] ?? 0
  if (typeof seconds !== 'number' || seconds < 0) {
    throw new RefusedQuestion('VALIDATION_ERROR', 'expiryDurationInSeconds is no number of seconds')
  }
  const signingTime = new Date(Math.floor(given.now.getTime() / 1000) * 1000)
  const envelope = await sealEnvelope(bytesOf(request, 'payload'), signer, {
    type,
    signingTime,
    ...(seconds === 0 ? {} : { expiry: new Date(signingTime.getTime() + seconds * 1000) }),
    agent: `notation-waybill/${given.version}`,
    signal: given.signal,
  })
  return { signatureEnvelope: encodeBase64(envelope), signatureEnvelopeType: type, annotations: {} }
}

function wordsOf(keyId: string, request: JsonObject): PluginKeyWords {
  const config = request['pluginConfig'] ?? {}
  if (!isJsonObject(config)) throw new RefusedQuestion('VALIDATION_ERROR', 'pluginConfig is not an object')
  const word = (name: string) => (config[name] === undefined ? undefined : textOf(config, name))
  const [key, cert, passwordFile] = [word('key') ?? keyId, word('cert'), word('password-file')]
  return { key, ...(cert === undefined ? {} : { cert }), ...(passwordFile === undefined ? {} : { passwordFile }) }
}

function textOf(request: JsonObject, name: string): string {
  const value = request[name]
  if (typeof value === 'string' && value !== '') return value
  throw new RefusedQuestion('VALIDATION_ERROR', `${name} is not a text`)
}

function bytesOf(request: JsonObject, name: string): Uint8Array {
  const bytes = decodeBase64(textOf(request, name))
  if (bytes !== undefined) return bytes
  throw new RefusedQuestion('VALIDATION_ERROR', `${name} is not base64`)
}

/** A failure in the words of the contract ("Error response"). A message never has the key in it. */
export function errorAnswer(cause: unknown): JsonObject {
  if (cause instanceof RefusedQuestion) return { errorCode: cause.code, errorMessage: cause.message }
  if (!(cause instanceof TransferError)) return { errorCode: 'ERROR', errorMessage: 'this should not happen: a bug' }
  switch (cause.code) {
    case 'ERR_USAGE':
    case 'ERR_CONFIG_INVALID':
    case 'ERR_JSON_INVALID':
      return { errorCode: 'VALIDATION_ERROR', errorMessage: cause.message }
    case 'ERR_KEY_UNUSABLE':
      return { errorCode: 'ACCESS_DENIED', errorMessage: cause.message }
    default:
      return { errorCode: 'ERROR', errorMessage: cause.message }
  }
}
