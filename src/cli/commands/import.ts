import { type Root, rootName } from '../../bundle/document.js'
import { printable } from '../../encoding/printable.js'
import { folderMemory } from '../../import/folder-memory.js'
import { folderJournals } from '../../import/journal/journal.js'
import type { LoadReport } from '../../import/load.js'
import { parseDestination, targetOf } from '../../import/names.js'
import { type IssuedReceipt, issueReceipt } from '../../import/receipt/issue-receipt.js'
import { recordsRepository } from '../../import/records.js'
import type { RememberedPlace } from '../../import/remember.js'
import { type ImportResult, type OpenTarget, runImport } from '../../import/run.js'
import { formatRepository } from '../../oci/reference.js'
import { connect } from '../compose.js'
import type { CommandContext, ExitCode, NetworkOptions } from '../context.js'
import { countersigningWith, type NamedCountersignature } from '../countersigning.js'
import { CONCURRENCY } from '../defaults.js'
import { type ImporterKeyWords, withImporterKey } from '../importer-key.js'
import { journalFolder, type MemoryWords, recall, stateFolder } from '../memory.js'
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
    MemoryWords,
    OpaWords,
    PolicyWords {
  readonly evidence?: readonly string[]
  readonly to: string
  readonly recheck?: boolean
  readonly dryRun?: boolean
  readonly records?: string
  readonly receipt?: string
  readonly qr?: boolean
}

const NOTHING: LoadReport['blobs'] = { copied: 0, present: 0, mounted: 0 }
const NOT_LOADED: LoadReport = { loaded: [], blobs: NOTHING, manifests: NOTHING }

/** `import FILE --to TARGET`: verifies everything, and only then asks the target for anything. */
export async function importBundle(
  path: string,
  options: ImportCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const destination = parseDestination(options.to)
  const policy = await importPolicy(options, context)
  const placing = { destination, names: policy?.names, records: recordsRepository(destination, options.records) }
  const targetName = (root: Root): string | undefined => {
    const target = targetOf(root, placing)
    return target && formatRepository(target)
  }
  const memory = folderMemory(stateFolder(options, context))
  const rollback = await recall(options, memory, context)
  const last = await openLastWord(options, policy, context)
  return await withImporterKey(options, context, async (signing) => {
    await checkReceiptWords(options, signing)
    const countersigning = countersigningWith(signing, options)
    const asked = { options, context, targetOf: targetName, rollback, policy }
    return await withVerification(path, asked, async (verification) => {
      const journals = folderJournals(journalFolder(options, context))
      const { recheck = false, dryRun = false } = options
      const asked = { recheck, dryRun, immutableTags: immutableTagsOf(policy) }
      const given = { ...context, ...asked, ...placing, memory, journals, rollback, concurrency: CONCURRENCY.push }
      const verifiedAt = context.now()
      const result = await connected(options, context, async (open) => {
        const found = await runImport(verification, { ...given, open, ...last.asked, ...countersigning.during(open) })
        if (signing === undefined || dryRun) return found
        const { made: countersignatures } = countersigning
        const facts = { ...placing, policy: policy?.digest, verifiedAt, state: rollback.state, countersignatures }
        const issued = { ...facts, signing, open, finishedAt: context.now(), generator: context.generator }
        return { ...found, issued: await issueReceipt(found, issued) }
      }).finally(last.close)
      await writeReceipt(result.issued, options)
      printResult(path, { ...result, made: countersigning.made, dryRun, words: options }, context)
      return verdictOf(result.verification, result.decision.rulings).exit
    })
  })
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
  use: (open: OpenTarget) => Promise<ImportWithReceipt>,
): Promise<ImportWithReceipt> {
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
