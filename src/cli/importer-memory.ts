import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContentSink, ContentSource, TagList } from '../content/store.js'
import { TransferError } from '../errors.js'
import { folderMemory } from '../import/memory/folder-memory.js'
import type { ImporterMemory } from '../import/memory/memory.js'
import type { Destination } from '../import/names/names.js'
import { recordsRepository } from '../import/records.js'
import type { Repository } from '../oci/reference.js'
import type { SigningOptions } from '../sign/signing-options.js'
import type { CommandContext } from './context.js'
import { type ImportersWords, importersContext } from './importers.js'
import { type MemoryWords, stateFolder } from './memory.js'

/** What the command line says about the repository with the importer's records. */
export interface RecordsWords extends MemoryWords {
  readonly records?: string
  readonly requireState?: boolean
  readonly newState?: string
}

export interface MemoryAccess {
  readonly context: CommandContext
  readonly destination: Destination
  readonly open: (repository: Repository) => Promise<ContentSource & ContentSink & TagList>
  /** the importer's key, where there is one */
  readonly signing: SigningOptions | undefined
}

/**
 * Where this importer remembers: a folder, or with `--state registry` the repository with its records at the target.
 * @throws ERR_USAGE, ERR_REFERENCE_INVALID
 */
export async function importerMemory(
  words: RecordsWords & ImportersWords & { readonly dryRun?: boolean },
  { context, destination, open, signing }: MemoryAccess,
): Promise<ImporterMemory> {
  const { requireState = false, newState } = words
  if (words.state !== 'registry') {
    if (requireState || newState !== undefined) throw usage('--require-state and --new-state are for --state registry')
    return folderMemory(stateFolder(words, context))
  }
  const reason = newState?.trim()
  if (reason === '') throw usage('--new-state needs a reason: it is kept, for those who ask later')
  // Said before anything is asked: an import that cannot write its state must not find out after hours of loading.
  if (signing === undefined && words.dryRun !== true)
    throw usage('--state registry needs the importer’s key, which signs the state: --key, and --cert')
  const { registryMemory } = await import('../import/memory/registry/registry-memory.js')
  const { STATE_STATEMENT } = await import('../import/memory/registry/statement.js')
  const repository = recordsRepository(destination, words.records)
  return registryMemory({
    repository,
    open: () => open(repository),
    verification: async () => ({ ...(await importersContext(words, context)), statement: STATE_STATEMENT }),
    signing,
    run: randomBytes(16).toString('hex'),
    now: context.now,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    requireState,
    ...(reason === undefined ? {} : { newState: reason }),
  })
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
