import type { Root } from '../../bundle/document.js'
import { placeOf } from '../../bundle/stream.js'
import { decide } from '../../import/decide.js'
import { type LoadReport, load } from '../../import/load.js'
import { parseDestination, targetOf } from '../../import/names.js'
import { goneBack, openMemory } from '../../import/remember.js'
import type { Verification } from '../../import/verification.js'
import { formatRepository } from '../../oci/reference.js'
import { connect } from '../compose.js'
import type { CommandContext, ExitCode, NetworkOptions } from '../context.js'
import { type CountersignWords, type NamedCountersignature, withCountersigning } from '../countersigning.js'
import { CONCURRENCY } from '../defaults.js'
import { type MemoryWords, recall, stateFolder } from '../memory.js'
import { artifactLines, artifactsOutput } from '../render/artifacts.js'
import { checkLines, checksOutput, verdictOf } from '../render/checks.js'
import type { TrustOptions } from '../trust.js'
import { withVerification } from './verify.js'

export interface ImportCommandOptions extends NetworkOptions, TrustOptions, CountersignWords, MemoryWords {
  readonly evidence?: readonly string[]
  readonly to: string
}

const NOTHING = { copied: 0, present: 0, mounted: 0 }
const NOT_LOADED: Loaded = { report: { loaded: [], blobs: NOTHING, manifests: NOTHING } }

/** `import FILE --to TARGET`: verifies everything, and only then asks the target for anything. */
export async function importBundle(
  path: string,
  options: ImportCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const destination = parseDestination(options.to)
  const targetName = (root: Root): string => formatRepository(targetOf(root, destination))
  const folder = stateFolder(options, context)
  const rollback = await recall(options, folder)
  return await withCountersigning(options, context, async (countersigning) => {
    const asked = { options, context, targetOf: targetName, rollback }
    return await withVerification(path, asked, async (verification) => {
      const { exit } = verdictOf(verification)
      const decision = decide(verification, destination)
      const given = { ...context, concurrency: CONCURRENCY.push }
      const work = () =>
        connected(options, context, (open) => load(decision, { ...given, open, ...countersigning.during(open) }))
      const loaded =
        exit === 0 ? await remembered(verification, { folder, rollback, now: context.now }, work) : NOT_LOADED
      const goneBackFor = goneBack(verification) ? rollback.allow : undefined
      printResult({ path, verification, loaded, made: countersigning.made, goneBackFor }, context)
      return exit
    })
  })
}

interface ImportResult {
  readonly path: string
  readonly verification: Verification
  readonly loaded: Loaded
  readonly made: readonly NamedCountersignature[]
  readonly goneBackFor: string | undefined
}

function printResult(result: ImportResult, context: CommandContext): void {
  const { path, verification, made, goneBackFor } = result
  const { report, state } = result.loaded
  const { verdict } = verdictOf(verification)
  context.print(
    {
      schema: 'waybill.import.v1',
      path,
      waybill: verification.bundle.waybill.descriptor.digest,
      verdict,
      ...checksOutput(verification),
      artifacts: artifactsOutput(verification.artifacts),
      ...(state === undefined ? {} : { state }),
      ...(goneBackFor === undefined ? {} : { allowedRollback: goneBackFor }),
      loaded: report.loaded.map((one) => ({ ...one })),
      ...(made.length === 0 ? {} : { countersignatures: made.map((one) => ({ ...one })) }),
      blobs: { ...report.blobs },
      manifests: { ...report.manifests },
    },
    [
      ...checkLines(verification),
      ...artifactLines(verification.artifacts),
      ...made.map(countersignedLine),
      ...(state === undefined ? [] : [stateLine(state)]),
      ...(verification.verified === undefined
        ? [`NOT LOADED (${verdict}): nothing has been written anywhere`]
        : loadLines(report)),
    ],
  )
}

/** What a load came to, and what is remembered of it. */
interface Loaded {
  readonly report: LoadReport
  readonly state?: KeptState
}

interface KeptState {
  readonly stream: string
  readonly sequence: number
  readonly added: boolean
}

/** Loads while the stream's state is ours, and writes it when everything is loaded: a crash in between is repeated. */
async function remembered(
  verification: Verification,
  given: Parameters<typeof openMemory>[1],
  work: () => Promise<LoadReport>,
): Promise<Loaded> {
  const place = placeOf(verification.bundle.document)
  const memory = await openMemory(verification, given)
  try {
    const report = await work()
    if (memory === undefined || place === undefined) return { report }
    const { stream, sequence } = place
    return { report, state: { stream, sequence, added: await memory.record() } }
  } finally {
    await memory?.close()
  }
}

function stateLine({ stream, sequence, added }: KeptState): string {
  return `number ${sequence} of ${stream} ${added ? 'is remembered' : 'was remembered before'}`
}

function countersignedLine({ target, subject, signature, added }: NamedCountersignature): string {
  return `${target}@${subject} ${added ? 'countersigned' : 'countersigned before'}: ${signature}`
}

async function connected(
  options: NetworkOptions,
  context: CommandContext,
  use: (open: ReturnType<typeof connect>['openSink']) => Promise<LoadReport>,
): Promise<LoadReport> {
  const connections = connect(options, context)
  try {
    return await use(connections.openSink)
  } finally {
    await connections.close()
  }
}

function loadLines({ loaded, blobs, manifests }: LoadReport): string[] {
  const line = (what: string, { copied, present, mounted }: LoadReport['blobs']): string =>
    `${what}: ${copied} copied, ${present} there already, ${mounted} mounted`
  return [
    ...loaded.map(({ source, target }) => `${source} -> ${target}`),
    line('blobs', blobs),
    line('manifests', manifests),
    'LOADED',
  ]
}
