import { basename } from 'node:path'
import { printable } from '../../encoding/printable.js'
import type { TrustStoreType } from '../../trust/policy/trust-policy.js'
import { addToTrustStore } from '../../trust/store/trust-store.js'
import { readNamedFile } from '../compose.js'
import type { CommandContext, ExitCode } from '../context.js'
import { DEFAULT_STORE } from '../defaults.js'

export interface TrustAddOptions {
  readonly store: string
  readonly type: TrustStoreType
}

/** `trust add CERT`: from then on, what this root answers for is authentic where a statement names the store. */
export async function trustAdd(path: string, options: TrustAddOptions, context: CommandContext): Promise<ExitCode> {
  const bytes = await readNamedFile(path)
  const store = { type: options.type, name: options.store }
  const added = await addToTrustStore(context.configDir, bytes, { store, fileName: basename(path) })
  const certificates = added.certificates.map(({ subject, thumbprint }) => ({ subject, thumbprint }))
  context.print(
    {
      schema: 'waybill.trust.v1',
      type: options.type,
      store: options.store,
      ...(added.path === undefined ? {} : { path: added.path }),
      certificates,
    },
    [
      added.path === undefined ? `the store ${options.type}:${options.store} has this already` : `wrote ${added.path}`,
      ...certificates.map(({ subject, thumbprint }) => `  ${printable(subject)}  SHA-256 ${thumbprint}`),
      ...next(options),
    ],
  )
  return 0
}

function next({ type, store }: TrustAddOptions): readonly string[] {
  if (type !== 'ca') return [`It counts where a statement of the trust policy names ${type}:${store}.`]
  if (store === DEFAULT_STORE) return []
  return [
    `Bundles are checked against the store ${DEFAULT_STORE}; use --store ${store} with verify and import,`,
    `or name ca:${store} in a statement of the trust policy.`,
  ]
}
