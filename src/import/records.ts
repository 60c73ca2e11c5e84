import { TransferError } from '../errors.js'
import { isRepositoryName, type Repository } from '../oci/reference.js'
import type { Destination } from './names/names.js'

const DEFAULT_NAME = 'waybill'

/**
 * The repository at the target where the importer keeps its own records, state and receipts: `[PREFIX/]waybill`, or the
 * one that is named, a whole name at the registry. One for all bundles of a target, so that whoever comes later finds it.
 * @throws ERR_REFERENCE_INVALID
 */
export function recordsRepository({ registry, prefix }: Destination, name?: string): Repository {
  const records = name ?? (prefix === undefined ? DEFAULT_NAME : `${prefix}/${DEFAULT_NAME}`)
  if (isRepositoryName(records)) return { registry, name: records }
  const message = `${JSON.stringify(records.slice(0, 300))} is no repository for the importer’s records at ${registry}`
  throw new TransferError('ERR_REFERENCE_INVALID', message, { side: 'operator', subject: records })
}
