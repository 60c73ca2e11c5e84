import { canonicalJson } from '../encoding/canonical-json.js'
import { isJsonObject, type Json, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { hasCode } from '../errors.js'
import { decodeBase64, encodeBase64 } from '../trust/base64.js'
import { checkValidity } from '../trust/certificate/chain.js'
import type { OpenedEnvelope } from '../trust/envelope/envelope.js'
import { openEnvelope } from '../trust/envelope/open.js'
import type { EnvelopeSigner, EnvelopeWishes, SealedPayload } from '../trust/key/signer.js'
import { AnswerFields } from './answer-fields.js'
import type { InstalledPlugin } from './installed-plugin.js'
import { withConfig } from './metadata.js'
import { pluginFailed } from './plugin-failure.js'
import type { OpenPluginGiven, PluginKey } from './plugin-key.js'
import { CONTRACT_VERSION } from './protocol.js'
import { runPlugin } from './run-plugin.js'

/** A plugin that makes whole envelopes (plugin-extensibility, "generate-envelope"). What it makes is opened and compared. */
export class PluginEnvelopeSigner implements EnvelopeSigner {
  readonly #plugin: InstalledPlugin
  readonly #key: PluginKey
  readonly #given: OpenPluginGiven

  constructor(plugin: InstalledPlugin, key: PluginKey, given: OpenPluginGiven) {
    this.#plugin = plugin
    this.#key = key
    this.#given = given
  }

  async sealPayload(payload: Uint8Array, wanted: EnvelopeWishes): Promise<SealedPayload> {
    const { keyId, config } = this.#key
    const { payloadType, envelopeType, expirySeconds, signal } = wanted
    const request = {
      contractVersion: CONTRACT_VERSION,
      keyId,
      payload: encodeBase64(payload),
      payloadType,
      signatureEnvelopeType: envelopeType,
      // A whole number by the contract, and never more than was asked for.
      ...(expirySeconds === undefined ? {} : { expiryDurationInSeconds: Math.floor(expirySeconds) }),
    }
    const question = { command: 'generate-envelope', request: withConfig(request, config) } as const
    const answer = await runPlugin(this.#plugin, question, { ...this.#given, signal })
    const fields = new AnswerFields(this.#plugin.name, answer)
    if (fields.text('signatureEnvelopeType') !== envelopeType) this.#fail(`does not make the envelope ${envelopeType}`)
    const envelope =
      decodeBase64(fields.text('signatureEnvelope')) ?? this.#fail('answers an envelope that is not base64')
    const opened = await this.#open(envelope, wanted)
    this.#compare(this.#readPayload(payload), this.#readPayload(opened.payload))
    this.#checkExpiry(opened, expirySeconds)
    return { envelope, annotations: fields.has('annotations') ? this.#texts(fields.object('annotations')) : {} }
  }

  /** Nothing of it stays open between two envelopes. */
  async close(): Promise<void> {}

  async #open(envelope: Uint8Array, { envelopeType }: EnvelopeWishes): Promise<OpenedEnvelope> {
    try {
      const opened = await openEnvelope(envelope, envelopeType)
      const [finding] = checkValidity(opened.chain, this.#given.now)
      if (finding !== undefined) this.#fail(`signs with a certificate chain that no verifier takes: ${finding}`)
      const expected = this.#given.chain
      if (expected !== undefined && expected[0]?.thumbprint !== opened.chain[0]?.thumbprint) {
        this.#fail('signs with another certificate than the one expected')
      }
      return opened
    } catch (cause) {
      if (!hasCode(cause, 'ERR_SIGNATURE_INVALID')) throw cause
      return this.#fail(`makes an envelope that does not verify: ${cause.message}`)
    }
  }

  /** A service may add annotations to what is signed, and change nothing: above all not what is signed. */
  #compare(asked: JsonObject, made: JsonObject): void {
    const wanted = objectOf(asked['targetArtifact'])
    const found = objectOf(made['targetArtifact'])
    if (Object.keys(made).join() !== 'targetArtifact' || found === undefined || wanted === undefined) {
      this.#fail('signs a payload of another form')
    }
    const { annotations: wishes, ...what } = wanted
    const { annotations: all, ...is } = found
    if (canonicalJson(what) !== canonicalJson(is)) this.#fail('signs another artifact than it was asked to')
    if (all !== undefined && objectOf(all) === undefined) this.#fail('answers annotations that are not texts')
    const additions = this.#texts(objectOf(all) ?? {})
    const kept = Object.entries(objectOf(wishes) ?? {}).every(([key, value]) => additions[key] === value)
    if (!kept) this.#fail('changes the annotations that it was asked to sign')
  }

  /** It may keep to less than was asked for, never to more. The times have whole seconds, so a second is allowed for. */
  #checkExpiry({ attributes: { signingTime, expiry } }: OpenedEnvelope, seconds: number | undefined): void {
    if (seconds === undefined) return
    if (expiry !== undefined && expiry.getTime() - signingTime.getTime() <= (seconds + 1) * 1000) return
    this.#fail('makes a signature that counts longer than was asked for')
  }

  #readPayload(bytes: Uint8Array): JsonObject {
    try {
      return objectOf(parseStrictJson(bytes, 'the payload')) ?? this.#fail('signs a payload of another form')
    } catch (cause) {
      if (!hasCode(cause, 'ERR_JSON_INVALID')) throw cause
      return this.#fail(`signs a payload that is no strict JSON: ${cause.message}`)
    }
  }

  #texts(object: JsonObject): Readonly<Record<string, string>> {
    const texts = Object.entries(object).map(([key, value]: [string, Json | undefined]) =>
      typeof value === 'string' ? ([key, value] as const) : this.#fail('answers annotations that are not texts'),
    )
    return Object.fromEntries(texts)
  }

  #fail(why: string): never {
    throw pluginFailed(this.#plugin.name, why)
  }
}

function objectOf(value: Json | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined
}
