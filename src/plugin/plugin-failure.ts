import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'

/** @param why goes on from "the plugin NAME" */
export function pluginFailed(name: string, why: string): TransferError {
  return new TransferError('ERR_PLUGIN_FAILED', `the plugin ${printable(name, 100)} ${why}`, { subject: name })
}
