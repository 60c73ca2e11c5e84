import type { Means } from '../../tui/means.js'
import type { CommandContext } from '../context.js'

/** Opens a bundle or a receipt for reading. */
export function openAudit(_context: CommandContext): Means['openAudit'] {
  return async () => {
    throw new Error('to be written')
  }
}
