import { archiveBytes } from '../../bundle/offsets.js'
import { refuseExisting } from '../../bundle/partial-file.js'
import { sealBundle } from '../../bundle/seal.js'
import { amount } from '../../encoding/amount.js'
import { TransferError } from '../../errors.js'
import { parseSource } from '../../export/request.js'
import {
  type ExportOptions,
  type ExportRequest,
  type Numbering,
  planRequest,
  type RequestedPlan,
  writePlan,
} from '../../export/run.js'
import { waybillSigner } from '../../export/sign-waybill.js'
import { parsePlatform } from '../../oci/platform.js'
import type { MadeSignature, SigningOptions } from '../../sign/signing-options.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import { connect } from '../compose.js'
import type { CommandContext, ExitCode, NetworkOptions } from '../context.js'
import { CONCURRENCY } from '../defaults.js'
import { type EvidenceFlags, openEvidence } from '../evidence.js'
import { type BaseWords, heldAtFarSide } from '../export-base.js'
import { type ExportSigning, type ExportSigningWords, withExportSigning } from '../export-signing.js'
import { type ExportStream, parseStreamWords, type StreamWords, withStream } from '../export-stream.js'
import { blobsOutput, claimsLines, claimsOutput } from '../render/claims.js'
import { keepCopy } from '../waybill-copies.js'

export interface ExportCommandOptions
  extends NetworkOptions,
    EvidenceFlags,
    ExportSigningWords,
    StreamWords,
    BaseWords {
  readonly output?: string
  readonly platform?: readonly string[]
  readonly allowUnknownReferrers?: boolean
  readonly nv2?: readonly string[]
}

/** `export SOURCE...`: one bundle of everything below and about the sources. */
export async function exportBundle(
  sources: readonly string[],
  options: ExportCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const request = {
    sources: sources.map(parseSource),
    allowUnknownReferrers: options.allowUnknownReferrers === true,
    ...(options.platform === undefined ? {} : { platforms: options.platform.map(parsePlatform) }),
    ...(options.nv2 === undefined ? {} : { nv2: options.nv2.map(parseSource) }),
  }
  const output = options.dryRun === true ? undefined : requiredOutput(options)
  const words = { ...parseStreamWords(options), dryRun: output === undefined }
  const held = await heldAtFarSide(options, context)
  await withExportSigning(options, context, async (signed) => {
    if (output !== undefined) await refuseExisting(output)
    await withStream(words, context, (stream) =>
      exportTo(output, { request, options, context, given: { ...signed, ...stream, held } }),
    )
  })
  return 0
}

interface ExportWork {
  readonly request: ExportRequest
  readonly options: ExportCommandOptions
  readonly context: CommandContext
  readonly given: ExportSigning & ExportStream & Pick<ExportOptions, 'held'>
}

async function exportTo(
  output: string | undefined,
  { request, options, context, given: { signing, numbering, ...claims } }: ExportWork,
): Promise<void> {
  const opened = await openEvidence(options, context)
  const connections = connect(options, context)
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
    }
    const plan = await planRequest(request, given)
    if (output === undefined) return await printPlan(plan, context)
    const kept = numbering === undefined ? {} : { numbering: keeping(numbering, plan, context) }
    await writeSigned(plan, output, { ...given, signing, context, ...kept })
  } finally {
    await connections.close()
    await opened.close()
  }
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
  given: ExportOptions & {
    readonly signing: SigningOptions | undefined
    readonly numbering?: Numbering
    readonly context: CommandContext
  },
): Promise<void> {
  const { signing } = given
  const signatures: MadeSignature[] = []
  const sign = signing && waybillSigner(signing, (made) => signatures.push(made))
  const summary = await writePlan(plan, output, { ...given, concurrency: CONCURRENCY.write, sign })
  printSummary(plan, summary, { signature: signatures[0], context: given.context })
}

function requiredOutput(options: ExportCommandOptions): string {
  const { output } = options
  if (output === undefined) {
    throw new TransferError('ERR_USAGE', 'no --output FILE is given; --dry-run prints the plan without writing', {
      side: 'operator',
    })
  }
  // Refused now: renaming to it would fail when everything has been fetched.
  if (output !== '' && !output.endsWith('/')) return output
  throw new TransferError('ERR_USAGE', `--output names no file: ${JSON.stringify(output)}`, { side: 'operator' })
}

async function printPlan(plan: RequestedPlan, context: CommandContext): Promise<void> {
  const { document, inventory } = plan.contents
  const sealed = await sealBundle(plan.contents, { sign: undefined })
  const size = archiveBytes(sealed.endAt)
  context.print({ schema: 'waybill.plan.v1', ...claimsOutput(document), size, blobs: blobsOutput(inventory) }, [
    'The plan. Nothing has been written.',
    ...claimsLines(document),
    `the bundle will have ${amount(size)} (${size} bytes) and its signature`,
    ...inventory.map(
      ({ digest, size: bytes, role, base }) =>
        `  ${digest}  ${role.padEnd(8)}  ${amount(bytes)}${base === undefined ? '' : '  not carried'}`,
    ),
  ])
}

function printSummary(
  plan: RequestedPlan,
  summary: Awaited<ReturnType<typeof writePlan>>,
  { signature, context }: { readonly signature: MadeSignature | undefined; readonly context: CommandContext },
): void {
  const { document } = plan.contents
  const { chain, attributes } = signature?.opened ?? {}
  const expiry = attributes?.expiry && formatTimestamp(attributes.expiry)
  const until = expiry === undefined ? '' : `, until ${expiry}`
  const roots = plan.signedRoots.map((one) => ({ ...one }))
  const about = {
    signed: signature !== undefined,
    ...(expiry === undefined ? {} : { expiry }),
    ...(roots.length === 0 ? {} : { signedRoots: roots }),
  }
  context.print({ schema: 'waybill.export.v1', ...summary, ...about, ...claimsOutput(document) }, [
    `wrote ${summary.path}: ${amount(summary.size)}`,
    `waybill ${summary.waybill}`,
    signature === undefined
      ? 'NOT SIGNED: no importer takes it by itself'
      : `signed by ${chain?.[0]?.subject ?? ''}${until}`,
    ...roots.map(({ subject, signature: digest }) => `signed ${subject}: ${digest}`),
    ...claimsLines(document),
  ])
}
