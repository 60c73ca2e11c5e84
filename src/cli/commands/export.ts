import { archiveBytes } from '../../bundle/offsets.js'
import { refuseExisting } from '../../bundle/partial-file.js'
import { sealBundle } from '../../bundle/seal.js'
import { TransferError } from '../../errors.js'
import type { ExportPlan } from '../../export/plan.js'
import { parseSource } from '../../export/request.js'
import { type ExportOptions, planRequest, writePlan } from '../../export/run.js'
import { parsePlatform } from '../../oci/platform.js'
import { loadSigner, type Signer } from '../../trust/signer.js'
import { connect, readTextFile } from '../compose.js'
import type { CommandContext, ExitCode, NetworkOptions } from '../context.js'
import { CONCURRENCY } from '../defaults.js'
import { type EvidenceFlags, openEvidence } from '../evidence.js'
import { amount } from '../render/amount.js'
import { blobsOutput, claimsLines, claimsOutput } from '../render/claims.js'

export interface ExportCommandOptions extends NetworkOptions, EvidenceFlags {
  readonly output?: string
  readonly key?: string
  readonly cert?: string
  readonly unsigned?: boolean
  readonly platform?: readonly string[]
  readonly dryRun?: boolean
  readonly allowUnknownReferrers?: boolean
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
  }
  const output = options.dryRun === true ? undefined : requiredOutput(options)
  const signer = options.dryRun === true ? undefined : await signerOf(options, context)
  if (output !== undefined) await refuseExisting(output)
  const opened = await openEvidence(options, context)
  const connections = connect(options, context)
  try {
    const given: ExportOptions = {
      open: connections.openSource,
      emit: context.emit,
      signal: context.signal,
      concurrency: CONCURRENCY.ask,
      createdAt: context.createdAt(),
      generator: context.generator,
      evidence: opened.evidence,
      ...(signer === undefined ? {} : { signerChain: signer.chain }),
    }
    const plan = await planRequest(request, given)
    if (output === undefined) await printPlan(plan, given, context)
    else
      printSummary(plan, await writePlan(plan, output, { ...given, concurrency: CONCURRENCY.write, signer }), {
        signer,
        context,
      })
    return 0
  } finally {
    await connections.close()
    await opened.close()
  }
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

async function signerOf(options: ExportCommandOptions, context: CommandContext): Promise<Signer | undefined> {
  const { key, cert, unsigned } = options
  if (unsigned === true && key === undefined && cert === undefined) return undefined
  if (unsigned === true || key === undefined || cert === undefined) {
    throw new TransferError('ERR_USAGE', 'give --key FILE and --cert FILE to sign the bundle, or --unsigned', {
      side: 'operator',
    })
  }
  return loadSigner(await readTextFile(key), await readTextFile(cert), context.now())
}

async function printPlan(plan: ExportPlan, given: ExportOptions, context: CommandContext): Promise<void> {
  const { document, inventory } = plan.contents
  const sealed = await sealBundle(plan.contents, {
    signer: undefined,
    signingTime: given.createdAt,
    agent: given.generator,
  })
  const size = archiveBytes(sealed.endAt)
  context.print({ schema: 'waybill.plan.v1', ...claimsOutput(document), size, blobs: blobsOutput(inventory) }, [
    'The plan. Nothing has been written.',
    ...claimsLines(document),
    `the bundle will have ${amount(size)} (${size} bytes) and its signature`,
    ...inventory.map(({ digest, size: bytes, role }) => `  ${digest}  ${role.padEnd(8)}  ${amount(bytes)}`),
  ])
}

function printSummary(
  plan: ExportPlan,
  summary: Awaited<ReturnType<typeof writePlan>>,
  { signer, context }: { readonly signer: Signer | undefined; readonly context: CommandContext },
): void {
  const { document } = plan.contents
  context.print({ schema: 'waybill.export.v1', ...summary, signed: signer !== undefined, ...claimsOutput(document) }, [
    `wrote ${summary.path}: ${amount(summary.size)}`,
    `waybill ${summary.waybill}`,
    signer === undefined ? 'NOT SIGNED: no importer takes it by itself' : `signed by ${signer.chain[0]?.subject ?? ''}`,
    ...claimsLines(document),
  ])
}
