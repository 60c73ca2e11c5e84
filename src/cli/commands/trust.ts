import { basename } from 'node:path'
import { printable } from '../../encoding/printable.js'
import type { TrustStoreType } from '../../trust/policy/trust-policy.js'
import { requireFingerprint } from '../../trust/store/fingerprint.js'
import { type AddedToTrustStore, addToTrustStore } from '../../trust/store/trust-store.js'
import { readNamedFile } from '../compose.js'
import type { CommandContext, ExitCode } from '../context.js'
import { DEFAULT_STORE } from '../defaults.js'

export interface TrustAddOptions {
  readonly store: string
  readonly type: TrustStoreType
  /** what somebody was told by another way: the certificate is added only if it agrees */
  readonly fingerprint?: string
}

/** `trust add CERT`: from then on, what this root answers for is authentic where a statement names the store. */
export async function trustAdd(path: string, options: TrustAddOptions, context: CommandContext): Promise<ExitCode> {
  const added = await addTrusted(path, options, context)
  const certificates = added.certificates.map(({ subject, thumbprint }) => ({ subject, thumbprint }))
  context.print(
    {
      schema: 'waybill.trust.v1',
      type: options.type,
      store: options.store,
      ...(added.path === undefined ? {} : { path: added.path }),
      certificates,
    },
    trustedLines(added, options),
  )
  return 0
}

/**
 * Adds what a file has to a trust store. The bytes that are compared are the bytes that are added.
 * @throws ERR_FINGERPRINT_MISMATCH, ERR_USAGE, ERR_CONFIG_INVALID, ERR_TRUST_STORE_INVALID, ERR_MEDIUM
 */
export async function addTrusted(
  path: string,
  options: TrustAddOptions,
  { configDir }: Pick<CommandContext, 'configDir'>,
): Promise<AddedToTrustStore> {
  const bytes = await readNamedFile(path)
  if (options.fingerprint !== undefined) requireFingerprint(bytes, options.fingerprint, path)
  const store = { type: options.type, name: options.store }
  return await addToTrustStore(configDir, bytes, { store, fileName: basename(path) })
}

/** What has been added, printable. */
export function trustedLines(added: AddedToTrustStore, options: TrustAddOptions): readonly string[] {
  const { path, certificates } = added
  return [
    path === undefined
      ? `the store ${options.type}:${options.store} has this already`
      : `wrote ${printable(path, 2000)}`,
    ...certificates.map(({ subject, thumbprint }) => `  ${printable(subject)}  SHA-256 ${thumbprint}`),
    ...next(options),
  ]
}

function next({ type, store }: TrustAddOptions): readonly string[] {
  if (type !== 'ca') return [`It counts where a statement of the trust policy names ${type}:${store}.`]
  if (store === DEFAULT_STORE) return []
  return [
    `Bundles are checked against the store ${DEFAULT_STORE}; use --store ${store} with verify and import,`,
    `or name ca:${store} in a statement of the trust policy.`,
  ]
}
