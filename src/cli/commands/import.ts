import type { Root } from '../../bundle/document.js'
import { decide } from '../../import/decide.js'
import { type LoadReport, load } from '../../import/load.js'
import { parseDestination, targetOf } from '../../import/names.js'
import { formatRepository } from '../../oci/reference.js'
import { connect } from '../compose.js'
import type { CommandContext, ExitCode, NetworkOptions } from '../context.js'
import { type CountersignWords, type NamedCountersignature, withCountersigning } from '../countersigning.js'
import { CONCURRENCY } from '../defaults.js'
import { artifactLines, artifactsOutput } from '../render/artifacts.js'
import { checkLines, checksOutput, verdictOf } from '../render/checks.js'
import type { TrustOptions } from '../trust.js'
import { withVerification } from './verify.js'

export interface ImportCommandOptions extends NetworkOptions, TrustOptions, CountersignWords {
  readonly evidence?: readonly string[]
  readonly to: string
}

const NOTHING = { copied: 0, present: 0, mounted: 0 }
const NOT_LOADED: LoadReport = { loaded: [], blobs: NOTHING, manifests: NOTHING }

/** `import FILE --to TARGET`: verifies everything, and only then asks the target for anything. */
export async function importBundle(
  path: string,
  options: ImportCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const destination = parseDestination(options.to)
  const targetName = (root: Root): string => formatRepository(targetOf(root, destination))
  return await withCountersigning(options, context, async (countersigning) => {
    return await withVerification(path, { options, context, targetOf: targetName }, async (verification, bundle) => {
      const { verdict, exit } = verdictOf(verification)
      const decision = decide(verification, destination)
      const given = { ...context, concurrency: CONCURRENCY.push }
      const report =
        exit === 0
          ? await connected(options, context, (open) =>
              load(decision, { ...given, open, ...countersigning.during(open) }),
            )
          : NOT_LOADED
      const { made } = countersigning
      context.print(
        {
          schema: 'waybill.import.v1',
          path,
          waybill: bundle.waybill.descriptor.digest,
          verdict,
          ...checksOutput(verification),
          artifacts: artifactsOutput(verification.artifacts),
          loaded: report.loaded.map((one) => ({ ...one })),
          ...(made.length === 0 ? {} : { countersignatures: made.map((one) => ({ ...one })) }),
          blobs: { ...report.blobs },
          manifests: { ...report.manifests },
        },
        [
          ...checkLines(verification),
          ...artifactLines(verification.artifacts),
          ...made.map(countersignedLine),
          ...(exit === 0 ? loadLines(report) : [`NOT LOADED (${verdict}): nothing has been written anywhere`]),
        ],
      )
      return exit
    })
  })
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
