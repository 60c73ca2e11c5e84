import type { Command } from 'commander'
import { TransferError } from '../../errors.js'
import type { Start } from './options.js'

/** `waybill` alone: the screens, where there is a terminal to show them on. */
export function addScreens(program: Command, start: Start): void {
  program.action(() =>
    start(async (context) => {
      const { screens } = context
      if (screens === undefined) throw new TransferError('ERR_USAGE', 'no command is given', { side: 'operator' })
      return await (await import('../commands/screens.js')).openAt('home', { ...context, screens })
    }),
  )
}
