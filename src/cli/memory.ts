import { join, resolve } from 'node:path'
import type { CallOptions } from '../content/store.js'
import { TransferError } from '../errors.js'
import type { RollbackOptions } from '../import/checks/rollback.js'
import type { ImporterMemory } from '../import/memory/memory.js'
import { LIMITS } from '../limits.js'
import type { CommandContext } from './context.js'

/** What the command line says about what the importer remembers. */
export interface MemoryWords {
  readonly state?: string
  readonly requireChain?: boolean
  readonly allowRollback?: string
  readonly journal?: string
}

/** The folder of the state. @throws ERR_USAGE */
export function stateFolder({ state }: MemoryWords, { configDir }: Pick<CommandContext, 'configDir'>): string {
  if (state === '') throw usage('--state names no folder')
  if (state === 'registry') throw usage('only an import can ask a registry for state; ./registry is a folder')
  return state === undefined ? join(configDir, 'state') : resolve(state)
}

/** The folder of the journals of imports: beside what is remembered, where no other is named. @throws ERR_USAGE */
export function journalFolder(words: MemoryWords, context: Pick<CommandContext, 'configDir'>): string {
  if (words.journal === '') throw usage('--journal names no folder')
  if (words.journal !== undefined) return resolve(words.journal)
  return words.state === 'registry' ? join(context.configDir, 'journal') : join(stateFolder(words, context), 'journal')
}

/**
 * What the importer remembers, and how strict it is about it; nothing is written.
 * @throws ERR_USAGE, ERR_STATE_DAMAGED, ERR_MEDIUM
 */
export async function recall(
  words: MemoryWords,
  memory: Pick<ImporterMemory, 'recall'>,
  call: CallOptions,
): Promise<RollbackOptions> {
  const reason = words.allowRollback?.trim()
  if (reason === '') throw usage('--allow-rollback needs a reason: it is kept, for those who ask later')
  if (reason !== undefined && (reason.length > LIMITS.rollbackReasonLength || !reason.isWellFormed()))
    throw usage(`the reason of --allow-rollback is no text of at most ${LIMITS.rollbackReasonLength} characters`)
  return {
    state: await memory.recall(call),
    requireChain: words.requireChain === true,
    ...(reason === undefined ? {} : { allow: reason }),
  }
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
