import { type Root, rootName } from '../../bundle/document.js'
import { printable } from '../../encoding/printable.js'
import { folderJournals } from '../../import/journal/journal.js'
import type { RememberedPlace } from '../../import/memory/remember.js'
import { parseDestination, targetOf } from '../../import/names/names.js'
import { type IssuedReceipt, issueReceipt } from '../../import/receipt/issue-receipt.js'
import { recordsRepository } from '../../import/records.js'
import { type ImportResult, runImport } from '../../import/run.js'
import type { LoadReport } from '../../import/target/load.js'
import { formatRepository } from '../../oci/reference.js'
import type { SigningOptions } from '../../sign/signing-options.js'
import { type Connections, connect } from '../compose.js'
import type { CommandContext, ExitCode, NetworkOptions } from '../context.js'
import { countersigningWith, type NamedCountersignature } from '../countersigning.js'
import { CONCURRENCY } from '../defaults.js'
import { type ImporterKeyWords, withImporterKey } from '../importer-key.js'
import { importerMemory, type RecordsWords } from '../importer-memory.js'
import { journalFolder, recall } from '../memory.js'
import { openLastWord } from '../opa/last-word.js'
import type { OpaWords } from '../opa/words.js'
import { immutableTagsOf, importPolicy, type PolicyWords } from '../policy.js'
import { checkReceiptWords, issuedLines, type ReceiptWords, receiptOutput, writeReceipt } from '../receipts.js'
import { artifactLines, artifactsOutput } from '../render/artifacts.js'
import { checkLines, checksOutput, verdictOf } from '../render/checks.js'
import { outlookLines, outlookOutput } from '../render/outlook.js'
import { policyOutput, refusedOutput } from '../render/policy.js'
import type { TrustOptions } from '../trust.js'
import { withVerification } from './verify.js'

export interface ImportCommandOptions
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

const NOTHING: LoadReport['blobs'] = { copied: 0, present: 0, mounted: 0 }
const NOT_LOADED: LoadReport = { loaded: [], blobs: NOTHING, manifests: NOTHING }

/** `import FILE --to TARGET`: verifies everything, and only then writes anything. */
export async function importBundle(
  path: string,
  options: ImportCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  parseDestination(options.to)
  const policy = await importPolicy(options, context)
  return await connected(options, context, async (open) => {
    return await withImporterKey(options, context, async (signing) => {
      return await importWith(path, options, { context, policy, open, signing })
    })
  })
}

interface ImportMeans {
  readonly context: CommandContext
  readonly policy: Awaited<ReturnType<typeof importPolicy>>
  readonly open: Connections['openSink']
  /** the importer's key, where there is one */
  readonly signing: SigningOptions | undefined
}

async function importWith(path: string, options: ImportCommandOptions, means: ImportMeans): Promise<ExitCode> {
  const { context, policy, open, signing } = means
  await checkReceiptWords(options, signing)
  const destination = parseDestination(options.to)
  const placing = { destination, names: policy?.names, records: recordsRepository(destination, options.records) }
  const targetName = (root: Root): string | undefined => {
    const target = targetOf(root, placing)
    return target && formatRepository(target)
  }
  const memory = await importerMemory(options, { context, destination, open, signing })
  const rollback = await recall(options, memory, context)
  const last = await openLastWord(options, policy, context)
  const countersigning = countersigningWith(signing, options)
  const asked = { options, context, targetOf: targetName, rollback, policy }
  return await withVerification(path, asked, async (verification) => {
    const verifiedAt = context.now()
    const journals = folderJournals(journalFolder(options, context))
    const { recheck = false, dryRun = false } = options
    const asked = { recheck, dryRun, immutableTags: immutableTagsOf(policy), concurrency: CONCURRENCY.push }
    const given = { ...context, ...asked, ...placing, memory, journals, rollback, open, ...last.asked }
    const found = await runImport(verification, { ...given, ...countersigning.during(open) })
    const { made } = countersigning
    const facts = { ...placing, policy: policy?.digest, verifiedAt, state: rollback.state, countersignatures: made }
    const issued = await receiptOf(found, { facts, means, dryRun })
    await writeReceipt(issued, options)
    printResult(path, { ...found, ...(issued === undefined ? {} : { issued }), made, dryRun, words: options }, context)
    return verdictOf(found.verification, found.decision.rulings).exit
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

interface ImportWithReceipt extends ImportResult {
  readonly issued?: IssuedReceipt
}

interface Printed extends ImportWithReceipt {
  readonly made: readonly NamedCountersignature[]
  readonly dryRun: boolean
  readonly words: ReceiptWords
}

function printResult(path: string, result: Printed, context: CommandContext): void {
  const { verification, report = NOT_LOADED, place, made, goneBackFor, dryRun, issued, words } = result
  const { rulings } = result.decision
  const { verdict } = verdictOf(verification, rulings)
  context.print(
    {
      schema: 'waybill.import.v1',
      path,
      waybill: verification.bundle.waybill.descriptor.digest,
      verdict,
      ...checksOutput(verification),
      artifacts: artifactsOutput(verification.artifacts),
      ...policyOutput(verification.policy),
      refused: refusedOutput(rulings),
      ...(place === undefined ? {} : { state: { ...place } }),
      ...(goneBackFor === undefined ? {} : { allowedRollback: goneBackFor }),
      ...outlookOutput(result),
      ...(dryRun ? { dryRun } : {}),
      loaded: report.loaded.map((one) => ({ ...one })),
      ...(made.length === 0 ? {} : { countersignatures: made.map((one) => ({ ...one })) }),
      ...receiptOutput(issued, words),
      blobs: { ...report.blobs },
      manifests: { ...report.manifests },
    },
    [
      ...checkLines(verification),
      ...artifactLines(verification.artifacts),
      ...made.map(countersignedLine),
      ...(place === undefined ? [] : [placeLine(place)]),
      ...outlookLines(result),
      ...issuedLines(issued, words, context),
      ...(result.report === undefined ? notLoadedLines(result, verdict) : loadLines(report, result)),
    ],
  )
}

function placeLine({ stream, sequence, added }: RememberedPlace): string {
  return `number ${sequence} of ${stream} ${added ? 'is remembered' : 'was remembered before'}`
}

function countersignedLine({ target, subject, signature, added }: NamedCountersignature): string {
  return `${target}@${subject} ${added ? 'countersigned' : 'countersigned before'}: ${signature}`
}

async function connected(
  options: NetworkOptions,
  context: CommandContext,
  use: (open: Connections['openSink']) => Promise<ExitCode>,
): Promise<ExitCode> {
  const connections = connect(options, context)
  try {
    return await use(connections.openSink)
  } finally {
    await connections.close()
  }
}

function notLoadedLines({ decision, outlook }: ImportResult, verdict: string): string[] {
  const admitted = decision.rulings.some(({ kind }) => kind === 'admit')
  if (!admitted || outlook === undefined) return [`NOT LOADED (${verdict}): nothing has been written anywhere`]
  const { nothingToDo, look } = outlook
  return [
    ...look.roots.map(({ root, target, change }) => `${rootName(root)} -> ${target} (${change})`),
    nothingToDo ? 'DRY RUN: nothing to do' : 'DRY RUN: this would be loaded; nothing has been written anywhere',
  ]
}

function loadLines({ loaded, blobs, manifests }: LoadReport, { outlook, decision }: ImportResult): string[] {
  const line = (what: string, { copied, present, mounted }: LoadReport['blobs']): string =>
    `${what}: ${copied} copied, ${present} there already, ${mounted} mounted`
  return [
    ...loaded.map(({ source, target }) => `${source} -> ${target}`),
    ...(outlook?.nothingToDo === true
      ? ['nothing to do: all of it was loaded before, and every name is in place']
      : []),
    line('blobs', blobs),
    line('manifests', manifests),
    ...refusedOutput(decision.rulings).map(
      ({ source, detail }) => `${source} is NOT LOADED: ${printable(detail, 1000)}`,
    ),
    decision.rulings.every(({ kind }) => kind === 'admit') ? 'LOADED' : 'LOADED IN PART',
  ]
}
