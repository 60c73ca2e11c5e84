import { rootName } from '../../bundle/document.js'
import { printable } from '../../encoding/printable.js'
import type { RememberedPlace } from '../../import/memory/remember.js'
import type { ImportResult } from '../../import/run.js'
import type { LoadReport } from '../../import/target/load.js'
import type { CommandContext } from '../context.js'
import type { NamedCountersignature } from '../countersigning.js'
import type { Imported } from '../importing.js'
import type { Output } from '../output.js'
import { issuedLines, receiptOutput } from '../receipts.js'
import { artifactLines, artifactsOutput } from './artifacts.js'
import { checkLines, checksOutput, verdictOf } from './checks.js'
import { outlookLines, outlookOutput } from './outlook.js'
import { policyOutput, refusedOutput } from './policy.js'

const NOTHING: LoadReport['blobs'] = { copied: 0, present: 0, mounted: 0 }
const NOT_LOADED: LoadReport = { loaded: [], blobs: NOTHING, manifests: NOTHING }

/** What an import came to, for programs. */
export function importOutput(result: Imported): Output {
  const { path, verification, report = NOT_LOADED, place, made, goneBackFor, dryRun, issued, words } = result
  const { rulings } = result.decision
  return {
    schema: 'waybill.import.v1',
    path,
    waybill: verification.bundle.waybill.descriptor.digest,
    verdict: verdictOf(verification, rulings).verdict,
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
  }
}

/** The same in lines, for people: the last one says whether it is loaded. */
export function importLines(result: Imported, context: Pick<CommandContext, 'terminal'>): string[] {
  const { verification } = result
  return [...checkLines(verification), ...artifactLines(verification.artifacts), ...outcomeLines(result, context)]
}

/** Of these lines those about what was done, and what was not. */
export function outcomeLines(result: Imported, context: Pick<CommandContext, 'terminal'>): string[] {
  const { verification, report = NOT_LOADED, place, made, issued, words } = result
  const { verdict } = verdictOf(verification, result.decision.rulings)
  return [
    ...made.map(countersignedLine),
    ...(place === undefined ? [] : [placeLine(place)]),
    ...outlookLines(result),
    ...issuedLines(issued, words, context),
    ...(result.report === undefined ? notLoadedLines(result, verdict) : loadLines(report, result)),
  ]
}

function placeLine({ stream, sequence, added }: RememberedPlace): string {
  return `number ${sequence} of ${stream} ${added ? 'is remembered' : 'was remembered before'}`
}

function countersignedLine({ target, subject, signature, added }: NamedCountersignature): string {
  return `${target}@${subject} ${added ? 'countersigned' : 'countersigned before'}: ${signature}`
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
    ...refusedLines(decision.rulings),
    decision.rulings.every(({ kind }) => kind === 'admit') ? 'LOADED' : 'LOADED IN PART',
  ]
}

/** A line for each root that stays out, with the first reason. */
export function refusedLines(rulings: ImportResult['decision']['rulings']): string[] {
  return refusedOutput(rulings).map(({ source, detail }) => {
    // Many reasons begin with what they are about.
    const why = detail.startsWith(`${source}: `) ? detail.slice(source.length + 2) : detail
    return `${source} is NOT LOADED: ${printable(why, 1000)}`
  })
}
