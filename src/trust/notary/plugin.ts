// By their files: the package's index brings ranges and their parser, which nothing here needs.
import gte from 'semver/functions/gte.js'
import valid from 'semver/functions/valid.js'
import { printable } from '../../encoding/printable.js'
import { hasCode } from '../../errors.js'
import type { OpenedEnvelope } from '../envelope/envelope.js'
import type { PluginAnswer, VerificationPlugin, VerifierCapability } from '../plugin.js'
import type { VerificationContext } from './context.js'
import { fail, type Judged, pass } from './judged.js'

const CODE = 'ERR_PLUGIN_FAILED'

export type PluginFinding =
  | { readonly kind: 'none' }
  /** the signature is refused without it */
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'found'; readonly plugin: VerificationPlugin }
  | { readonly kind: 'refused'; readonly judged: Judged }

/**
 * The plugin that a signature names. Absent, too old or unable to verify, it fails the signature, whatever the level: the
 * signer said that without it the signature must not be accepted (plugin-extensibility).
 */
export async function findVerificationPlugin(
  { attributes }: OpenedEnvelope,
  { findPlugin, signal }: VerificationContext,
): Promise<PluginFinding> {
  const named = attributes.verificationPlugin
  if (named === undefined) return { kind: 'none' }
  const refused = (why: string): PluginFinding => ({ kind: 'refused', judged: fail(CODE, why) })
  const name = printable(named.name, 100)
  try {
    const plugin = await findPlugin?.(named.name, { signal })
    if (plugin === undefined) return refused(`the signature names the plugin ${name}, which is not installed here`)
    if (plugin.capabilities.length === 0) return refused(`the plugin ${name} cannot verify anything`)
    const { minVersion } = named
    if (minVersion === undefined) return { kind: 'found', plugin }
    if (valid(minVersion) === null)
      return refused(`the version that it wants of ${name}, ${printable(minVersion, 60)}, is none`)
    if (valid(plugin.version) === null || !gte(plugin.version, minVersion)) {
      return refused(
        `the plugin ${name} is ${printable(plugin.version, 60)}, and the signature wants ${minVersion} or newer`,
      )
    }
    return { kind: 'found', plugin }
  } catch (cause) {
    if (!hasCode(cause, CODE)) throw cause
    return refused(cause.message)
  }
}

export interface PluginVerdict {
  readonly judged: Judged
  readonly answer?: PluginAnswer
}

/** Asks the plugin. Every capability that was asked must be answered, and every attribute that nobody else understands. */
export async function askPlugin(
  { attributes, chain }: OpenedEnvelope,
  given: { readonly plugin: VerificationPlugin; readonly capabilities: readonly VerifierCapability[] },
  { statement, signal }: VerificationContext,
): Promise<PluginVerdict> {
  const { plugin, capabilities } = given
  const unprocessed = attributes.extended.filter(({ critical }) => critical)
  try {
    const answer = await plugin.verify(
      { attributes, unprocessed, chain, identities: statement.identities, capabilities },
      { signal },
    )
    const left = unprocessed.find(({ key }) => !answer.processed.includes(String(key)))
    if (left !== undefined) {
      return {
        judged: fail(
          CODE,
          `the plugin ${plugin.name} did not process the attribute ${printable(String(left.key), 100)}`,
        ),
      }
    }
    const unanswered = capabilities.find((capability) => answer.results[capability] === undefined)
    if (unanswered !== undefined)
      return { judged: fail(CODE, `the plugin ${plugin.name} did not answer ${unanswered}`) }
    return { judged: pass(`the plugin ${plugin.name} ${plugin.version} processed every attribute`), answer }
  } catch (cause) {
    if (!hasCode(cause, CODE)) throw cause
    return { judged: fail(CODE, cause.message) }
  }
}

/** What a plugin said in the place of a native validation. */
export function capabilityJudged(answer: PluginAnswer, capability: VerifierCapability, plugin: string): Judged {
  const result = answer.results[capability]
  if (result?.success === true) return pass(`the plugin ${plugin} says so${because(result.reason)}`)
  const code =
    capability === 'SIGNATURE_VERIFIER.REVOCATION_CHECK' ? 'ERR_CERTIFICATE_REVOKED' : 'ERR_IDENTITY_UNTRUSTED'
  return fail(code, `the plugin ${plugin} refuses it${because(result?.reason)}`)
}

function because(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : `: ${printable(reason, 300)}`
}
