import { printable } from '../encoding/printable.js'
import { LIMITS } from '../limits.js'
import { decodeBase64, encodeBase64 } from '../trust/base64.js'
import { type Certificate, parseCertificate } from '../trust/certificate/certificate.js'
import { checkChain, checkValidity } from '../trust/certificate/chain.js'
import { algorithmOfKey, describeKey } from '../trust/key/algorithms.js'
import { verifyRaw } from '../trust/key/raw-signature.js'
import { makeSigner, type OpenSigner } from '../trust/key/signer.js'
import { AnswerFields } from './answer-fields.js'
import type { InstalledPlugin } from './installed-plugin.js'
import { withConfig } from './metadata.js'
import { pluginFailed } from './plugin-failure.js'
import type { OpenPluginGiven, PluginKey } from './plugin-key.js'
import { CONTRACT_VERSION, type KeyFacts, keyFactsOf } from './protocol.js'
import { runPlugin } from './run-plugin.js'

// No signing input of any envelope: there is no `.` in it, and no CBOR array begins like this.
const PROBE = new TextEncoder().encode('waybill asks which certificate chain belongs to this key\n')

/**
 * A signer over `generate-signature`. The contract tells the certificate chain only together with a signature: so, unless
 * the chain is given, one is asked for over a text that means nothing. The plugin must stay with its key and its chain.
 * @throws ERR_PLUGIN_FAILED
 */
export async function openRawSigner(
  plugin: InstalledPlugin,
  key: PluginKey,
  given: OpenPluginGiven,
): Promise<OpenSigner> {
  const source = new RawSource(plugin, key, given)
  const facts = await source.describeKey()
  const chain = given.chain ?? (await source.generate(PROBE, { facts, signal: given.signal })).chain
  const sign = async (bytes: Uint8Array, { signal }: { readonly signal?: AbortSignal | undefined }) => {
    const made = await source.generate(bytes, { facts, signal: signal ?? given.signal })
    const same =
      made.chain.length === chain.length && made.chain.every((one, at) => one.thumbprint === chain[at]?.thumbprint)
    if (!same) throw pluginFailed(plugin.name, 'answers another certificate chain than the one expected')
    return made.signature
  }
  return makeSigner({ chain, sign }, given.now, 'ERR_PLUGIN_FAILED')
}

interface Generated {
  readonly signature: Uint8Array
  readonly chain: readonly Certificate[]
}

class RawSource {
  readonly #plugin: InstalledPlugin
  readonly #key: PluginKey
  readonly #given: OpenPluginGiven

  constructor(plugin: InstalledPlugin, key: PluginKey, given: OpenPluginGiven) {
    this.#plugin = plugin
    this.#key = key
    this.#given = given
  }

  /** notary: plugin-extensibility, "describe-key". */
  async describeKey(): Promise<KeyFacts> {
    const { keyId, config } = this.#key
    const request = withConfig({ contractVersion: CONTRACT_VERSION, keyId }, config)
    const fields = await this.#ask({ command: 'describe-key', request }, this.#given.signal)
    const keySpec = fields.text('keySpec')
    return (
      keyFactsOf(keySpec) ??
      this.#fail(`has a key that the Notary Project does not sign with: ${printable(keySpec, 60)}`)
    )
  }

  /** notary: plugin-extensibility, "generate-signature": whoever calls must verify what comes back. */
  async generate(
    bytes: Uint8Array,
    { facts, signal }: { readonly facts: KeyFacts; readonly signal: AbortSignal },
  ): Promise<Generated> {
    const { keyId, config } = this.#key
    const { keySpec, hashAlgorithm } = facts
    const wanted = { contractVersion: CONTRACT_VERSION, keyId, keySpec, hashAlgorithm, payload: encodeBase64(bytes) }
    const fields = await this.#ask({ command: 'generate-signature', request: withConfig(wanted, config) }, signal)
    const algorithm = fields.text('signingAlgorithm')
    if (algorithm !== facts.signingAlgorithm) {
      this.#fail(`signs with ${printable(algorithm, 60)}; a key of ${keySpec} signs with ${facts.signingAlgorithm}`)
    }
    const chain = this.#chain(fields.texts('certificateChain'), facts)
    const signature = decodeBase64(fields.text('signature')) ?? this.#fail('answers a signature that is not base64')
    const [leaf] = chain
    if (leaf === undefined || !verifyRaw(leaf.publicKey, facts.algorithm, { toBeSigned: bytes, signature })) {
      return this.#fail('answers a signature that does not verify with its certificate')
    }
    return { signature, chain }
  }

  #chain(texts: readonly string[], facts: KeyFacts): readonly Certificate[] {
    if (texts.length > LIMITS.chainLength) this.#fail(`answers a chain of more than ${LIMITS.chainLength} certificates`)
    const chain = texts.map((text, at) => this.#certificate(text, at))
    const [leaf] = chain
    if (leaf === undefined) return this.#fail('answers no certificate')
    if (algorithmOfKey(leaf.publicKey) !== facts.algorithm) {
      this.#fail(`describes its key as ${facts.keySpec}, and its certificate is for ${describeKey(leaf.publicKey)}`)
    }
    const [finding] = [...checkChain(chain), ...checkValidity(chain, this.#given.now)]
    if (finding !== undefined) this.#fail(`answers a certificate chain that no verifier takes: ${finding}`)
    return chain
  }

  #certificate(text: string, at: number): Certificate {
    const what = `certificate ${at + 1} of the plugin’s chain`
    const der = decodeBase64(text) ?? this.#fail(`answers a ${what} that is not base64`)
    try {
      return parseCertificate(der, what, 'ERR_CONFIG_INVALID')
    } catch {
      return this.#fail(`answers something as ${what} that is none`)
    }
  }

  async #ask(question: Parameters<typeof runPlugin>[1], signal: AbortSignal): Promise<AnswerFields> {
    const answer = await runPlugin(this.#plugin, question, { ...this.#given, signal })
    const fields = new AnswerFields(this.#plugin.name, answer)
    if (fields.text('keyId') !== this.#key.keyId) this.#fail(`answers ${question.command} for another key`)
    return fields
  }

  #fail(why: string): never {
    throw pluginFailed(this.#plugin.name, why)
  }
}
