import type { LastWord } from '../../import/last-word/last-word.js'
import type { Check, Verification } from '../../import/verification.js'
import type { ImportPolicy } from '../../policy/import-policy.js'
import type { CommandContext } from '../context.js'
import { moduleLastWord } from './module.js'
import { type OpaModuleWords, opaRule } from './words.js'

/** Whoever has the last word, as far as that can be known without asking anybody. */
export interface OfflineLastWord {
  readonly lastWord: LastWord | undefined
  /** A verification that says so where a server has the last word, and is not asked. */
  mentioned(verification: Verification): Verification
}

/**
 * The last word for a command that asks nobody: a policy in a file is run; of a server it is said that it was not asked.
 * @throws ERR_USAGE, ERR_OPA_FAILED, ERR_MEDIUM, ERR_LIMIT_EXCEEDED
 */
export async function offlineLastWord(
  words: OpaModuleWords,
  policy: Pick<ImportPolicy, 'path' | 'opa'>,
  context: CommandContext,
): Promise<OfflineLastWord> {
  const rule = opaRule(words, policy)
  const lastWord = rule?.by === 'wasm' ? await moduleLastWord(rule, context) : undefined
  const mentioned = (verification: Verification): Verification => {
    if (rule?.by !== 'server') return verification
    const detail = `the server ${rule.url} has the last word, and is not asked here: only an import does`
    const subject = verification.bundle.waybill.descriptor.digest
    const check: Check = { name: 'policy', subject, result: 'not-applicable', detail }
    return { ...verification, checks: [...verification.checks, check] }
  }
  return { lastWord, mentioned }
}
