import { TransferError } from '../../errors.js'
import type { Fault } from '../../tui/open.js'
import type { ScreenName } from '../../tui/state.js'
import type { CommandContext, ExitCode, Screens } from '../context.js'
import { screenMeans } from '../ui/means.js'

/** Opens the screens at one of them, and prints afterwards what the last work has to say: it stays in the terminal. */
export async function openAt(start: ScreenName, screens: Screens, context: CommandContext): Promise<ExitCode> {
  screens.beforeLoading()
  const { openScreens } = await import('../../tui/open.js')
  const means = screenMeans(screens, context)
  const { exit, lines, fault } = await openScreens({ ...screens, means, start, signal: context.signal })
  screens.write(lines)
  if (fault !== undefined) throw bug(fault)
  return exit
}

function bug({ cause, stopped }: Fault): TransferError {
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  const next = stopped ? '\nWhat was running has been stopped: the same command again goes on where it ended.' : ''
  return new TransferError('ERR_BUG', `${stack}${next}`, { cause })
}
