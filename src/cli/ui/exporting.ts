import type { Exporting } from '../../tui/means.js'
import type { CommandContext } from '../context.js'

/** What the screens of exports can have done. */
export function exportingMeans(_context: CommandContext): Exporting {
  const later = async () => {
    throw new Error('to be written')
  }
  return { repositories: later, tags: later, estimate: later, exportBundle: later }
}
