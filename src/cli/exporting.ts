import { archiveBytes } from '../bundle/offsets.js'
import { refuseExisting } from '../bundle/partial-file.js'
import { sealBundle } from '../bundle/seal.js'
import type { BundleSummary } from '../bundle/writer.js'
import { TransferError } from '../errors.js'
import { parseSource } from '../export/request.js'
import {
  type ExportOptions,
  type ExportRequest,
  type Numbering,
  planRequest,
  type RequestedPlan,
  writePlan,
} from '../export/run.js'
import { waybillSigner } from '../export/sign-waybill.js'
import { parsePlatform } from '../oci/platform.js'
import type { MadeSignature, SigningOptions } from '../sign/signing-options.js'
import { connect } from './compose.js'
import type { CommandContext, NetworkOptions } from './context.js'
import { CONCURRENCY } from './defaults.js'
import { type EvidenceFlags, openEvidence } from './evidence.js'
import { type BaseWords, heldAtFarSide } from './export-base.js'
import { type ExportSigning, type ExportSigningWords, withExportSigning } from './export-signing.js'
import { type ExportStream, parseStreamWords, type StreamWords, withStream } from './export-stream.js'
import { keepCopy } from './waybill-copies.js'

/** What is said about an export, on the command line and on the screens. */
export interface ExportWords extends NetworkOptions, EvidenceFlags, ExportSigningWords, StreamWords, BaseWords {
  readonly output?: string
  readonly platform?: readonly string[]
  readonly allowUnknownReferrers?: boolean
  readonly nv2?: readonly string[]
}

/** Whoever is at a screen: what nobody is where a command runs. */
export interface ExportHooks extends Pick<ExportOptions, 'ready'> {
  /** False for an estimate: nobody is asked but the sources. */
  readonly asksAboutRevocation?: boolean
}

/** What an export came to, for whichever face shows it. */
export type Exported = PlannedExport | WrittenExport

/** A dry run: nothing has been written. */
export interface PlannedExport {
  readonly plan: RequestedPlan
  /** bytes that the bundle would have without its signature */
  readonly size: number
  readonly summary?: never
}

export interface WrittenExport {
  readonly plan: RequestedPlan
  readonly summary: BundleSummary
  /** of the waybill; absent where nobody signs */
  readonly signature?: MadeSignature
}

interface ExportMeans {
  readonly context: CommandContext
  readonly hooks?: ExportHooks
}

/**
 * One bundle of everything below and about the sources: one composition for the command and for the screens.
 * @throws what the use cases throw
 */
export async function performExport(
  sources: readonly string[],
  words: ExportWords,
  { context, hooks = {} }: ExportMeans,
): Promise<Exported> {
  const request = {
    sources: sources.map(parseSource),
    allowUnknownReferrers: words.allowUnknownReferrers === true,
    ...(words.platform === undefined ? {} : { platforms: words.platform.map(parsePlatform) }),
    ...(words.nv2 === undefined ? {} : { nv2: words.nv2.map(parseSource) }),
  }
  const output = words.dryRun === true ? undefined : requiredOutput(words)
  const streamed = { ...parseStreamWords(words), dryRun: output === undefined }
  const held = await heldAtFarSide(words, context)
  return await withExportSigning(words, context, async (signed) => {
    if (output !== undefined) await refuseExisting(output)
    return await withStream(streamed, context, (stream) =>
      exportTo(output, { request, words, context, given: { ...signed, ...stream, held }, hooks }),
    )
  })
}

interface ExportWork {
  readonly request: ExportRequest
  readonly words: ExportWords
  readonly context: CommandContext
  readonly given: ExportSigning & ExportStream & Pick<ExportOptions, 'held'>
  readonly hooks: ExportHooks
}

async function exportTo(
  output: string | undefined,
  { request, words, context, given: { signing, numbering, ...claims }, hooks }: ExportWork,
): Promise<Exported> {
  const { ready, asksAboutRevocation = true } = hooks
  const opened = await openEvidence(asksAboutRevocation ? words : { noEvidence: true }, context)
  const connections = connect(words, context)
  try {
    const given: ExportOptions = {
      open: connections.openSource,
      emit: context.emit,
      signal: context.signal,
      concurrency: CONCURRENCY.ask,
      createdAt: context.createdAt,
      generator: context.generator,
      evidence: opened.evidence,
      ...claims,
      ready,
    }
    const plan = await planRequest(request, given)
    if (output === undefined) return await planned(plan)
    const kept = numbering === undefined ? {} : { numbering: keeping(numbering, plan, context) }
    return await writeSigned(plan, output, { ...given, signing, ...kept })
  } finally {
    await connections.close()
    await opened.close()
  }
}

async function planned(plan: RequestedPlan): Promise<PlannedExport> {
  const sealed = await sealBundle(plan.contents, { sign: undefined })
  return { plan, size: archiveBytes(sealed.endAt) }
}

/** What a bundle of a stream lists is known here from the moment on at which it can be carried away. */
function keeping(numbering: Numbering, { contents }: RequestedPlan, context: CommandContext): Numbering {
  return {
    ...numbering,
    record: async (waybill, createdAt) => {
      await keepCopy(contents, context)
      await numbering.record(waybill, createdAt)
    },
  }
}

async function writeSigned(
  plan: RequestedPlan,
  output: string,
  given: ExportOptions & { readonly signing: SigningOptions | undefined; readonly numbering?: Numbering },
): Promise<WrittenExport> {
  const { signing } = given
  const signatures: MadeSignature[] = []
  const sign = signing && waybillSigner(signing, (made) => signatures.push(made))
  const summary = await writePlan(plan, output, { ...given, concurrency: CONCURRENCY.write, sign })
  const [signature] = signatures
  return { plan, summary, ...(signature === undefined ? {} : { signature }) }
}

function requiredOutput({ output }: ExportWords): string {
  if (output === undefined) throw usage('no --output FILE is given; --dry-run prints the plan without writing')
  requireBundleName(output)
  return output
}

/** Refused now: renaming to it would fail when everything has been fetched. @throws ERR_USAGE */
export function requireBundleName(output: string): void {
  if (output === '' || output.endsWith('/')) throw usage(`--output names no file: ${JSON.stringify(output)}`)
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
