import type { Root } from '../../bundle/document.js'
import { printable } from '../../encoding/printable.js'
import { shellWords } from '../../encoding/shell-words.js'
import { ERRORS, type ErrorCode } from '../../errors.js'
import type { AskPerson } from '../../import/review/ask-person.js'
import { reviewOf } from '../../import/review/review-of.js'
import type { ImportGiven, Means, WorkEnd } from '../../tui/means.js'
import { endOfFault } from '../../tui/work.js'
import type { CommandContext } from '../context.js'
import { type Imported, type ImportWords, performImport } from '../importing.js'
import { verdictOf } from '../render/checks.js'
import { importLines, outcomeLines, refusedLines } from '../render/import.js'
import { bundleDocuments } from './bundle-documents.js'
import { importCommand } from './import-words.js'
import { machineOf } from './machine.js'

/**
 * An import with a person in it: the composition of the command, with somebody who reads the review and may hold the load.
 * @param words what the command line said beside what is chosen on the screen
 */
export function importFor(context: CommandContext, words: Partial<ImportWords> = {}): Means['importBundle'] {
  return async (choice, { emit, signal, ready, review }) => {
    const machine = await machineOf(context)
    const { path, to, receipt, countersign = false } = choice
    const signs = receipt !== undefined || countersign
    const { keys } = machine
    const own = signs && words.key === undefined && keys !== undefined ? { key: keys.key, cert: keys.chain } : {}
    const all: ImportWords = {
      ...words,
      ...own,
      to,
      ...(receipt === undefined ? {} : { receipt }),
      ...(countersign ? { countersign } : {}),
    }
    const given = { context: { ...context, emit, signal }, hooks: { ready, review: askingWith(review, context) } }
    const command = importCommand(context, words)(choice, machine)
    return await performImport(path, all, given).then(
      (imported) => importEnd(imported, { context, command }),
      (cause: unknown) => ({ ...endOfFault(cause), command }),
    )
  }
}

/** A person sees numbers of roots; the use case speaks of roots. */
function askingWith(ask: ImportGiven['review'], context: CommandContext): AskPerson {
  return async (seen) => {
    const review = reviewOf(seen)
    const refusals = await ask(review, bundleDocuments(seen.verification, { review, context }))
    const { roots } = seen.verification.bundle.document
    return new Map(
      [...refusals].flatMap(([at, reason]): [Root, string][] => {
        const root = roots[at]
        return root === undefined ? [] : [[root, reason]]
      }),
    )
  }
}

/** The facts that the command prints, as the end of a piece of work. */
function importEnd(
  imported: Imported,
  { context, command }: { readonly context: CommandContext; readonly command: string },
): WorkEnd {
  const lines = importLines(imported, context)
  const { exit } = verdictOf(imported.verification, imported.decision.rulings)
  return {
    exit,
    headline: lines.at(-1) ?? '',
    good: exit === 0,
    // A QR code and texts for people may have line ends of their own.
    outcome: outcomeOf(imported, context),
    lines: lines.flatMap((line) => line.split('\n')),
    next: nextSteps(imported),
    // No command refuses what a person has refused.
    command: isByPerson(imported) ? '' : command,
  }
}

function isByPerson({ decision }: Imported): boolean {
  return decision.rulings.some(
    (ruling) => ruling.kind === 'refuse' && ruling.because.some(({ code }) => code === 'ERR_REFUSED_BY_PERSON'),
  )
}

/** What was done, and of what was not, why; the last line is the headline. */
function outcomeOf(imported: Imported, context: CommandContext): readonly string[] {
  const lines = outcomeLines(imported, context)
    .slice(0, -1)
    .flatMap((line) => line.split('\n'))
  if (imported.report !== undefined) return lines
  return [...lines, ...refusedLines(imported.decision.rulings)]
}

/** What to do now: about each thing that was refused, and with the receipt. */
function nextSteps({ verification, decision, issued, words, report }: Imported): readonly string[] {
  const failed = verification.checks.flatMap(({ result, code }) =>
    result === 'fail' && code !== undefined ? [code] : [],
  )
  const refused = decision.rulings.flatMap((ruling) => (ruling.kind === 'refuse' ? [ruling.because[0]?.code] : []))
  const codes = new Set<ErrorCode>([...failed, ...refused.filter((code) => code !== undefined)])
  const { receipt } = words
  return [
    ...[...codes].map((code) => `${code}: ${ERRORS[code].hint}`),
    ...(report === undefined
      ? []
      : [`what was loaded (${report.loaded.length}) can be pulled from the target under its names`]),
    ...(issued === undefined || receipt === undefined
      ? []
      : [
          report === undefined
            ? `carry ${printable(receipt, 500)} back to the exporter: it says what was refused, and why`
            : `carry ${printable(receipt, 500)} back to the exporter: it says what arrived, and is the base of incremental bundles`,
          `${shellWords(['waybill', 'receipt', 'show', receipt])} shows it`,
        ]),
  ]
}
