import type { LastWord } from '../../import/last-word/last-word.js'
import type { OpaRule } from '../../policy/import-policy.js'
import type { CommandContext } from '../context.js'

/**
 * A policy in a file, as the one who has the last word. It is read now, so that what is wrong with it is said before a
 * bundle is verified; it is run when the word is asked for.
 * @throws ERR_OPA_FAILED, ERR_MEDIUM, ERR_LIMIT_EXCEEDED
 */
export async function moduleLastWord(
  { path, entrypoint }: Pick<Extract<OpaRule, { by: 'wasm' }>, 'path' | 'entrypoint'>,
  { readFile }: Pick<CommandContext, 'readFile'>,
): Promise<LastWord> {
  const { readPolicyFile } = await import('../../opa/policy-file.js')
  const { askModule, MODULE_BOUNDS } = await import('../../opa/ask-module.js')
  const policy = readPolicyFile(await readFile(path), path)
  return (input, { signal }) => askModule(policy, input, { entrypoint, bounds: MODULE_BOUNDS, signal })
}
