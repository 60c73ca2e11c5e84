import type { ImportPolicy } from '../../policy/import-policy.js'
import type { CommandContext, NetworkOptions } from '../context.js'
import { moduleLastWord } from './module.js'
import type { OpenedLastWord } from './opened.js'
import { type OpaWords, opaRule } from './words.js'

/**
 * Finds out who has the last word. What can be wrong with the asking is said now, before a bundle is read.
 * @throws ERR_USAGE, ERR_OPA_FAILED, ERR_CONFIG_INVALID, ERR_MEDIUM
 */
export async function openLastWord(
  words: OpaWords & NetworkOptions,
  policy: Pick<ImportPolicy, 'path' | 'opa'> | undefined,
  context: CommandContext,
): Promise<OpenedLastWord> {
  const rule = opaRule(words, policy)
  const close = async (): Promise<void> => undefined
  if (rule === undefined) return { asked: {}, close }
  if (rule.by === 'wasm') return { asked: { lastWord: await moduleLastWord(rule, context) }, close }
  const { serverLastWord } = await import('./server.js')
  return await serverLastWord(rule, words, context)
}
