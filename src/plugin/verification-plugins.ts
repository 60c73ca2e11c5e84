import { gte, parse } from 'semver'
import { printable } from '../encoding/printable.js'
import type { Json, JsonObject } from '../encoding/strict-json.js'
import { encodeBase64 } from '../trust/base64.js'
import type { SignedAttributes } from '../trust/envelope/envelope.js'
import { PAYLOAD_TYPE } from '../trust/payload.js'
import type {
  FindPlugin,
  PluginAnswer,
  PluginQuestion,
  VerificationPlugin,
  VerifierCapability,
} from '../trust/plugin.js'
import { formatTimestamp } from '../trust/timestamps.js'
import { AnswerFields } from './answer-fields.js'
import { findInstalled, type InstalledPlugin } from './installed-plugin.js'
import { askMetadata, type PluginMetadata, withConfig } from './metadata.js'
import { pluginFailed } from './plugin-failure.js'
import { CONTRACT_VERSION } from './protocol.js'
import { type RunOptions, runPlugin } from './run-plugin.js'

export interface VerificationPluginsGiven extends Omit<RunOptions, 'signal'> {
  /** the folder that has a folder for each plugin */
  readonly folder: string
  /** for every plugin that is asked */
  readonly config?: Readonly<Record<string, string>>
}

const VERIFIES: readonly VerifierCapability[] = [
  'SIGNATURE_VERIFIER.TRUSTED_IDENTITY',
  'SIGNATURE_VERIFIER.REVOCATION_CHECK',
]

/** The plugins of a folder, for verification. Each is run when a signature names it, and not before. */
export function verificationPlugins(given: VerificationPluginsGiven): FindPlugin {
  return async (name, { signal }) => {
    const plugin = await findInstalled(given.folder, name)
    if (plugin === undefined) return undefined
    const metadata = await askMetadata(plugin, { ...given, signal }, given.config)
    return new ProcessPlugin(plugin, metadata, given)
  }
}

class ProcessPlugin implements VerificationPlugin {
  readonly name: string
  readonly version: string
  readonly capabilities: readonly VerifierCapability[]
  readonly #plugin: InstalledPlugin
  readonly #given: VerificationPluginsGiven

  constructor(plugin: InstalledPlugin, metadata: PluginMetadata, given: VerificationPluginsGiven) {
    this.name = metadata.name
    this.version = metadata.version
    this.capabilities = VERIFIES.filter((capability) => metadata.capabilities.includes(capability))
    this.#plugin = plugin
    this.#given = given
  }

  async verify(question: PluginQuestion, { signal }: { readonly signal: AbortSignal }): Promise<PluginAnswer> {
    this.#checkVersion(question.attributes)
    const request = withConfig(this.#request(question), this.#given.config ?? {})
    const asked = { command: 'verify-signature', request } as const
    const fields = new AnswerFields(this.name, await runPlugin(this.#plugin, asked, { ...this.#given, signal }))
    // Plugins in Go write an empty list or map as null.
    const results = fields.has('verificationResults') ? fields.object('verificationResults') : {}
    return {
      results: this.#results(results, question.capabilities),
      processed: fields.has('processedAttributes') ? fields.texts('processedAttributes') : [],
    }
  }

  /** notary: plugin-extensibility, "verify-signature". */
  #request({ attributes, unprocessed, chain, identities, capabilities }: PluginQuestion): JsonObject {
    const { scheme, signingTime, expiry, verificationPlugin } = attributes
    return {
      contractVersion: CONTRACT_VERSION,
      signature: {
        criticalAttributes: {
          contentType: PAYLOAD_TYPE,
          signingScheme: scheme,
          ...(expiry === undefined ? {} : { expiry: formatTimestamp(expiry) }),
          ...(scheme === 'notary.x509.signingAuthority' ? { authenticSigningTime: formatTimestamp(signingTime) } : {}),
          ...(verificationPlugin === undefined ? {} : { verificationPlugin: verificationPlugin.name }),
          ...(verificationPlugin?.minVersion === undefined
            ? {}
            : { verificationPluginMinVersion: verificationPlugin.minVersion }),
          extendedAttributes: this.#extended(unprocessed),
        },
        unprocessedAttributes: unprocessed.map(({ key }) => String(key)),
        certificateChain: chain.map(({ der }) => encodeBase64(der)),
      },
      trustPolicy: { trustedIdentities: [...identities], signatureVerification: [...capabilities] },
    }
  }

  /** The contract has texts as names and primitives as values; what does not fit cannot be asked, and so fails. */
  #extended(attributes: PluginQuestion['unprocessed']): Readonly<Record<string, Json>> {
    const pairs = attributes.map(({ key, value }) => {
      if (typeof key === 'string' && (typeof value !== 'object' || value === null)) return [key, value] as const
      throw pluginFailed(
        this.name,
        `cannot be asked about the attribute ${printable(String(key), 80)} of the signature`,
      )
    })
    return Object.fromEntries(pairs)
  }

  /** Exactly the answers that were asked for: one too few is a check that nobody made. */
  #results(object: JsonObject, asked: readonly VerifierCapability[]): PluginAnswer['results'] {
    const names = Object.keys(object)
    if (names.length !== asked.length || !asked.every((capability) => names.includes(capability))) {
      throw pluginFailed(this.name, 'answers other checks than it was asked for')
    }
    return Object.fromEntries(asked.map((capability) => [capability, this.#result(object, capability)]))
  }

  #result(object: JsonObject, capability: VerifierCapability) {
    const fields = new AnswerFields(this.name, object).object(capability)
    const { success, reason } = fields
    if (typeof success !== 'boolean') throw pluginFailed(this.name, `does not say whether ${capability} succeeded`)
    return { success, ...(typeof reason === 'string' ? { reason: printable(reason, 500) } : {}) }
  }

  /** notary: plugin-extensibility: the signer may ask for a version, by the rules of Semantic Versioning. */
  #checkVersion({ verificationPlugin }: SignedAttributes): void {
    const wanted = verificationPlugin?.minVersion
    if (wanted === undefined) return
    if (!isVersion(wanted) || !isVersion(this.version) || !gte(this.version, wanted)) {
      throw pluginFailed(
        this.name,
        `is version ${printable(this.version, 60)}, and the signature wants ${printable(wanted, 60)} or newer`,
      )
    }
  }
}

/** Semantic Versioning 2.0.0 to the letter: the library would also take `v1.2.3` and spaces around it. */
function isVersion(text: string): boolean {
  const parsed = parse(text)
  if (parsed === null) return false
  return text === [parsed.version, ...(parsed.build.length === 0 ? [] : [parsed.build.join('.')])].join('+')
}
