import { basename } from 'node:path'
import { printable } from '../../encoding/printable.js'
import { addToTrustStore } from '../../trust/trust-store.js'
import { readNamedFile } from '../compose.js'
import type { CommandContext, ExitCode } from '../context.js'
import { DEFAULT_STORE } from '../defaults.js'

/** `trust add CERT`: from then on, bundles that this root answers for are authentic here. */
export async function trustAdd(
  path: string,
  options: { readonly store: string },
  context: CommandContext,
): Promise<ExitCode> {
  const bytes = await readNamedFile(path)
  const added = await addToTrustStore(context.configDir, bytes, { store: options.store, fileName: basename(path) })
  const certificates = added.certificates.map(({ subject, thumbprint }) => ({ subject, thumbprint }))
  context.print(
    {
      schema: 'waybill.trust.v1',
      store: options.store,
      ...(added.path === undefined ? {} : { path: added.path }),
      certificates,
    },
    [
      added.path === undefined ? `the store ${options.store} has this already` : `wrote ${added.path}`,
      ...certificates.map(({ subject, thumbprint }) => `  ${printable(subject)}  SHA-256 ${thumbprint}`),
      ...(options.store === DEFAULT_STORE
        ? []
        : [
            `Bundles are checked against the store ${DEFAULT_STORE}; use --store ${options.store} with verify and import.`,
          ]),
    ],
  )
  return 0
}
