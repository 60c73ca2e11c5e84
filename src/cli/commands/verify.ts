import { type OpenedBundle, openBundle } from '../../bundle/reader.js'
import { hashThreads } from '../../content/hash-pool.js'
import type { Verification } from '../../import/verification.js'
import { verify } from '../../import/verify.js'
import type { Certificate } from '../../trust/certificate.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { CommandContext, ExitCode } from '../context.js'
import { DEFAULT_STORE } from '../defaults.js'
import { checkLines, checksOutput, verdictOf } from '../render/checks.js'
import { rootsOutput } from '../render/claims.js'

export interface TrustOptions {
  /** The stores of those who may sign bundles. */
  readonly store?: readonly string[]
}

/** `verify FILE`: every check that an import makes, without a network and without a target. */
export async function verifyBundle(path: string, options: TrustOptions, context: CommandContext): Promise<ExitCode> {
  return await withVerification(path, { options, context }, async (verification, bundle) => {
    const { verdict, exit } = verdictOf(verification)
    context.print(
      {
        schema: 'waybill.verify.v1',
        path,
        waybill: bundle.waybill.descriptor.digest,
        verdict,
        verifiedAt: formatTimestamp(context.now()),
        ...checksOutput(verification),
        roots: rootsOutput(bundle.document),
      },
      [...checkLines(verification), verdict === 'verified' ? `VERIFIED ${path}` : `NOT VERIFIED (${verdict}) ${path}`],
    )
    return exit
  })
}

/** Opens and verifies a bundle, and closes it after `use`. */
export async function withVerification(
  path: string,
  given: { readonly options: TrustOptions; readonly context: CommandContext },
  use: (verification: Verification, bundle: OpenedBundle) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { options, context } = given
  context.emit({ type: 'stage-started', stage: 'open' })
  hashThreads() // they start up while the bundle is opened
  const bundle = await openBundle(path)
  try {
    context.emit({ type: 'stage-ended', stage: 'open' })
    const anchors = bundle.signatures.length === 0 ? Promise.resolve([]) : readAnchors(options, context)
    anchors.catch(() => undefined) // thrown where it is awaited
    const { signal, emit } = context
    return await use(await verify(bundle, { anchors, now: context.now(), signal, emit }), bundle)
  } finally {
    await bundle.close()
  }
}

async function readAnchors(options: TrustOptions, context: CommandContext): Promise<readonly Certificate[]> {
  const { readTrustStore } = await import('../../trust/trust-store.js')
  const anchors: Certificate[] = []
  for (const name of options.store ?? [DEFAULT_STORE]) {
    anchors.push(...(await readTrustStore(context.configDir, { type: 'ca', name })))
  }
  return anchors
}
