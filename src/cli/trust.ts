import { TransferError } from '../errors.js'
import { exporterStatement, type ImporterTrust } from '../import/trust.js'
import type { TrustFolder, TrustStatement } from '../trust/policy/trust-policy.js'
import type { CommandContext } from './context.js'
import { DEFAULT_STORE } from './defaults.js'

/** Options of every command that judges signatures. */
export interface TrustOptions {
  /** the stores of those who may sign bundles, where the trust policy says nothing about them */
  readonly store?: readonly string[]
  /** a folder in notation's own form; the configuration folder where it is absent */
  readonly trust?: string
}

/**
 * The importer's trust as its folder has it. The folder is read now; the stores when a signature asks for them.
 * @throws ERR_TRUST_POLICY_INVALID, ERR_USAGE where the policy and `--store` both say who may sign bundles
 */
export async function importerTrust(options: TrustOptions, context: CommandContext): Promise<ImporterTrust> {
  const folder = await trustFolder(options, context)
  return {
    waybill: await waybillStatement(folder, options),
    ...(folder.oci === undefined ? {} : { artifacts: folder.oci }),
    store: (store) => folder.store(store),
    exporterStore: await exporterStores(folder, context),
    findPlugin: context.findPlugin(folder.dir),
  }
}

export async function trustFolder(options: TrustOptions, context: CommandContext): Promise<TrustFolder> {
  if (options.trust === '') throw new TransferError('ERR_USAGE', '--trust names no folder', { side: 'operator' })
  const { openTrustFolder } = await import('../trust/store/trust-folder.js')
  const folder = await openTrustFolder(options.trust ?? context.configDir)
  const warnings = [...(folder.oci?.warnings ?? []), ...(folder.blob?.warnings ?? [])]
  if (options.trust !== undefined && folder.oci === undefined && folder.blob === undefined)
    warnings.push(`${options.trust} has no trust policy (trustpolicy.oci.json, trustpolicy.json)`)
  for (const message of warnings) {
    context.emit({ type: 'warning', code: 'trust-policy', message })
  }
  return folder
}

/**
 * Where to look for those who may sign bundles: in the trust folder, and, where that has a policy without a statement about
 * bundles and no such store, in the configuration folder, to which `trust add` writes. So notation's folder can be used as
 * it is; a folder whose name is misspelt has no policy, and must not come to one that asks nothing of artifacts.
 */
async function exporterStores(folder: TrustFolder, context: CommandContext): Promise<TrustFolder['store']> {
  const { openTrustFolder } = await import('../trust/store/trust-folder.js')
  const { hasTrustStore } = await import('../trust/store/trust-store.js')
  const { selectWaybillStatement } = await import('../trust/policy/select.js')
  const stated = folder.oci && selectWaybillStatement(folder.oci)
  if (folder.oci === undefined || stated !== undefined || folder.dir === context.configDir) return folder.store
  return async (store) => {
    if (await hasTrustStore(folder.dir, store)) return await folder.store(store)
    return await (await openTrustFolder(context.configDir)).store(store)
  }
}

async function waybillStatement(folder: TrustFolder, { store }: TrustOptions): Promise<TrustStatement> {
  const { selectWaybillStatement } = await import('../trust/policy/select.js')
  const stated = folder.oci && selectWaybillStatement(folder.oci)
  if (stated === undefined) return exporterStatement(store ?? [DEFAULT_STORE])
  if (store !== undefined) {
    const message = `--store cannot be used: the statement ${stated.name} of ${folder.oci?.path ?? ''} says who may sign bundles`
    throw new TransferError('ERR_USAGE', message, { side: 'operator' })
  }
  // A level that only records would let anybody's bundle in; a bundle nobody answers for is another decision.
  if (stated.level.actions.authenticity === 'enforce' && stated.level.actions.integrity === 'enforce') return stated
  throw new TransferError(
    'ERR_TRUST_POLICY_INVALID',
    `the trust policy ${folder.oci?.path ?? ''}, statement ${JSON.stringify(stated.name)}: it is for the signatures of bundles, and its level ${stated.level.name} does not enforce who made them; write strict or permissive`,
    { side: 'operator', subject: folder.oci?.path ?? folder.dir },
  )
}
