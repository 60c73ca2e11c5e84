import { lstat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Root } from '../bundle/document.js'
import { errnoOf, fileFault } from '../content/file-bytes.js'
import { TransferError } from '../errors.js'
import type { ImportPolicy, OpaRule } from '../policy/import-policy.js'
import { matchesName } from '../policy/patterns.js'
import type { CommandContext } from './context.js'

/** What the command line says about the import policy. */
export interface PolicyWords {
  readonly policy?: string
}

export const POLICY_FILE = 'import-policy.yaml'
/** Names by which somebody may have meant the file; nobody reads them, and that must not go unnoticed. */
const NEAR_FILES = ['import-policy.yml', 'import-policy.json', 'import-policy']

/**
 * The importer's own policy: the file of `--policy`, else `import-policy.yaml` in the configuration folder; undefined where
 * neither is. Read only here, and before anything is done.
 * @throws ERR_POLICY_INVALID, ERR_MEDIUM, ERR_USAGE
 */
export async function importPolicy(
  { policy: named }: PolicyWords,
  context: Pick<CommandContext, 'configDir' | 'readFile'>,
): Promise<ImportPolicy | undefined> {
  if (named === '') throw new TransferError('ERR_USAGE', '--policy names no file', { side: 'operator' })
  const path = named ?? (await configuredPolicy(context.configDir))
  if (path === undefined) return undefined
  const bytes = await context.readFile(path)
  const { readImportPolicy } = await import('../policy/read-policy.js')
  const policy = readImportPolicy(bytes, path)
  return policy.opa === undefined ? policy : { ...policy, opa: inFolder(policy.opa, dirname(path)) }
}

/** Named from where the policy is, so that both can be carried about together. */
function inFolder(rule: OpaRule, folder: string): OpaRule {
  if (rule.by === 'wasm') return { ...rule, path: resolve(folder, rule.path) }
  return rule.tokenFile === undefined ? rule : { ...rule, tokenFile: resolve(folder, rule.tokenFile) }
}

/** The tags of what comes from a source that never move at the target. */
export function immutableTagsOf(policy: ImportPolicy | undefined): (root: Root) => readonly string[] {
  return ({ repository }) => {
    const rule = policy?.artifacts.find(({ sources }) => sources.some((one) => matchesName(one, repository)))
    return rule?.immutableTags ?? []
  }
}

async function configuredPolicy(configDir: string): Promise<string | undefined> {
  const path = join(configDir, POLICY_FILE)
  if (await isThere(path)) return path
  for (const name of NEAR_FILES) {
    if (!(await isThere(join(configDir, name)))) continue
    const message = `${join(configDir, name)} is there, and only ${POLICY_FILE} is read: rename it, or move it away`
    throw new TransferError('ERR_POLICY_INVALID', message, { side: 'operator', subject: join(configDir, name) })
  }
  return undefined
}

/** A link that leads nowhere is there: somebody wanted a policy. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return false
    throw fileFault(`cannot look for ${path}`, path, cause)
  }
}
