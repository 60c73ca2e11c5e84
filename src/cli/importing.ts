import type { Root } from '../bundle/document.js'
import { folderJournals } from '../import/journal/journal.js'
import { parseDestination, targetOf } from '../import/names/names.js'
import { type IssuedReceipt, issueReceipt } from '../import/receipt/issue-receipt.js'
import { recordsRepository } from '../import/records.js'
import { type ImportOptions, type ImportResult, runImport } from '../import/run.js'
import { formatRepository } from '../oci/reference.js'
import type { SigningOptions } from '../sign/signing-options.js'
import { withVerification } from './commands/verify.js'
import { type Connections, connect } from './compose.js'
import type { CommandContext, NetworkOptions } from './context.js'
import { countersigningWith, type NamedCountersignature } from './countersigning.js'
import { CONCURRENCY } from './defaults.js'
import { type ImporterKeyWords, withImporterKey } from './importer-key.js'
import { importerMemory, type RecordsWords } from './importer-memory.js'
import { journalFolder, recall } from './memory.js'
import { openLastWord } from './opa/last-word.js'
import type { OpaWords } from './opa/words.js'
import { immutableTagsOf, importPolicy, type PolicyWords } from './policy.js'
import { checkReceiptWords, type ReceiptWords, writeReceipt } from './receipts.js'
import type { TrustOptions } from './trust.js'

/** What is said about an import, on the command line and on the screens. */
export interface ImportWords
  extends NetworkOptions,
    TrustOptions,
    ImporterKeyWords,
    RecordsWords,
    OpaWords,
    PolicyWords {
  readonly evidence?: readonly string[]
  readonly to: string
  readonly recheck?: boolean
  readonly dryRun?: boolean
  readonly receipt?: string
  readonly qr?: boolean
}

/** Whoever is at a screen: what nobody is where a command runs. */
export type ImportHooks = Pick<ImportOptions, 'review' | 'ready'>

/** What an import came to, for whichever face shows it. */
export interface Imported extends ImportResult {
  readonly path: string
  /** absent without a key, and where nothing was to be done */
  readonly issued?: IssuedReceipt
  readonly made: readonly NamedCountersignature[]
  readonly dryRun: boolean
  readonly words: ReceiptWords
}

/**
 * Verifies everything, and only then writes anything: one composition for the command and for the screens.
 * @throws what the use cases throw
 */
export async function performImport(
  path: string,
  words: ImportWords,
  { context, hooks = {} }: { readonly context: CommandContext; readonly hooks?: ImportHooks },
): Promise<Imported> {
  parseDestination(words.to)
  const policy = await importPolicy(words, context)
  return await connected(words, context, async (open) => {
    return await withImporterKey(words, context, async (signing) => {
      return await importWith(path, words, { context, hooks, policy, open, signing })
    })
  })
}

interface ImportMeans {
  readonly context: CommandContext
  readonly hooks: ImportHooks
  readonly policy: Awaited<ReturnType<typeof importPolicy>>
  readonly open: Connections['openSink']
  /** the importer's key, where there is one */
  readonly signing: SigningOptions | undefined
}

async function importWith(path: string, words: ImportWords, means: ImportMeans): Promise<Imported> {
  const { context, hooks, policy, open, signing } = means
  await checkReceiptWords(words, signing)
  const destination = parseDestination(words.to)
  const placing = { destination, names: policy?.names, records: recordsRepository(destination, words.records) }
  const targetName = (root: Root): string | undefined => {
    const target = targetOf(root, placing)
    return target && formatRepository(target)
  }
  const memory = await importerMemory(words, { context, destination, open, signing })
  const rollback = await recall(words, memory, context)
  const last = await openLastWord(words, policy, context)
  const countersigning = countersigningWith(signing, words)
  const asked = { options: words, context, targetOf: targetName, rollback, policy }
  return await withVerification(path, asked, async (verification) => {
    const verifiedAt = context.now()
    const journals = folderJournals(journalFolder(words, context))
    const { recheck = false, dryRun = false } = words
    const asked = { recheck, dryRun, immutableTags: immutableTagsOf(policy), concurrency: CONCURRENCY.push }
    const given = { ...context, ...asked, ...hooks, ...placing, memory, journals, rollback, open, ...last.asked }
    const found = await runImport(verification, { ...given, ...countersigning.during(open) })
    const { made } = countersigning
    const facts = { ...placing, policy: policy?.digest, verifiedAt, state: rollback.state, countersignatures: made }
    const issued = await receiptOf(found, { facts, means, dryRun })
    await writeReceipt(issued, words)
    return { ...found, ...(issued === undefined ? {} : { issued }), path, made, dryRun, words }
  }).finally(last.close)
}

type ReceiptFacts = Omit<Parameters<typeof issueReceipt>[1], 'signing' | 'open' | 'finishedAt' | 'generator'>

/** The receipt of what was done; none without a key, nor where nothing was to be done. */
async function receiptOf(
  found: ImportResult,
  { facts, means, dryRun }: { readonly facts: ReceiptFacts; readonly means: ImportMeans; readonly dryRun: boolean },
): Promise<IssuedReceipt | undefined> {
  const { context, open, signing } = means
  if (signing === undefined || dryRun) return undefined
  const { now, generator } = context
  return await issueReceipt(found, { ...facts, signing, open, finishedAt: now(), generator })
}

async function connected<T>(
  options: NetworkOptions,
  context: CommandContext,
  use: (open: Connections['openSink']) => Promise<T>,
): Promise<T> {
  const connections = connect(options, context)
  try {
    return await use(connections.openSink)
  } finally {
    await connections.close()
  }
}
