import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileFault } from '../../content/file-bytes.js'
import { TransferError } from '../../errors.js'
import { COMPACT_PREFIX } from '../../receipt/compact.js'
import type { Means } from '../../tui/means.js'
import { clockOf } from '../commands/verify.js'
import type { VerifyCommandOptions } from '../commands/verify-options.js'
import type { CommandContext } from '../context.js'
import { auditBundle } from './audit-bundle.js'
import { auditCompact, auditReceipt } from './audit-receipt.js'

/**
 * Opens a bundle or a receipt for reading: offline, without a target, with the importer's own trust, memory and policy.
 * @param options what the command line said, as for `verify`
 */
export function openAudit(context: CommandContext, options: VerifyCommandOptions = {}): Means['openAudit'] {
  return async (path, { emit, signal }) => {
    const given = { ...context, emit, signal, now: clockOf(options, context) }
    switch (await kindOf(path)) {
      case 'receipt':
        return await auditReceipt(path, options, given)
      case 'compact':
        return await auditCompact(path, options, given)
      default:
        return await auditBundle(path, options, given)
    }
  }
}

/** What it is by its first bytes: a name says nothing. What is neither is told by the reader of bundles. */
async function kindOf(path: string): Promise<'bundle' | 'receipt' | 'compact'> {
  const fault = (cause: unknown): never => {
    throw fileFault(`cannot open ${path}`, path, cause)
  }
  // Without O_NONBLOCK the opening of a named pipe would wait for somebody to write to it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(fault)
  try {
    const facts = await file.stat().catch(fault)
    if (facts.isDirectory()) {
      const message = `${path} is a folder, and neither a bundle nor a receipt`
      throw new TransferError('ERR_BUNDLE_FORMAT', message, { side: 'medium', subject: path })
    }
    if (!facts.isFile())
      throw new TransferError('ERR_MEDIUM', `${path} is not a file`, { side: 'medium', subject: path })
    const { buffer, bytesRead } = await file.read(Buffer.alloc(COMPACT_PREFIX.length), 0).catch(fault)
    const start = buffer.subarray(0, bytesRead).toString('latin1')
    if (start === COMPACT_PREFIX) return 'compact'
    return start.startsWith('{') ? 'receipt' : 'bundle'
  } finally {
    await file.close()
  }
}
