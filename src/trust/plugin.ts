import type { Certificate } from './certificate/certificate.js'
import type { ExtendedAttribute, SignedAttributes } from './envelope/envelope.js'

/** What a plugin says it does in place of the program itself (plugin-extensibility). */
export type VerifierCapability = 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY' | 'SIGNATURE_VERIFIER.REVOCATION_CHECK'

export interface PluginQuestion {
  readonly attributes: SignedAttributes
  readonly unprocessed: readonly ExtendedAttribute[]
  readonly chain: readonly Certificate[]
  readonly identities: readonly string[]
  readonly capabilities: readonly VerifierCapability[]
}

export interface PluginAnswer {
  readonly results: Readonly<
    Partial<Record<VerifierCapability, { readonly success: boolean; readonly reason?: string }>>
  >
  /** the keys of the attributes that the plugin understood */
  readonly processed: readonly string[]
}

/** Another program that verifies a part. Whoever puts the program together hands these in; nothing here starts one. */
export interface VerificationPlugin {
  readonly name: string
  readonly version: string
  readonly capabilities: readonly VerifierCapability[]
  /** @throws ERR_PLUGIN_FAILED */
  verify(question: PluginQuestion, call: { readonly signal: AbortSignal }): Promise<PluginAnswer>
}

/** Finds an installed plugin; undefined where there is none of this name. */
export type FindPlugin = (
  name: string,
  call: { readonly signal: AbortSignal },
) => Promise<VerificationPlugin | undefined>
