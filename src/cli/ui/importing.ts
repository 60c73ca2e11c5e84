import type { Means } from '../../tui/means.js'
import type { CommandContext } from '../context.js'

/** An import with a person in it: the same composition as the command's. */
export function importFor(_context: CommandContext): Means['importBundle'] {
  return async () => {
    throw new Error('to be written')
  }
}
