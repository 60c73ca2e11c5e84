import type { ScreenName } from '../../tui/state.js'
import type { CommandContext, ExitCode, Screens } from '../context.js'
import { screenMeans } from '../ui/means.js'

/** Opens the screens at one of them, and prints afterwards what the last work has to say: it stays in the terminal. */
export async function openAt(start: ScreenName, screens: Screens, context: CommandContext): Promise<ExitCode> {
  screens.beforeLoading()
  const { openScreens } = await import('../../tui/open.js')
  const means = screenMeans(screens, context)
  const { exit, lines } = await openScreens({ ...screens, means, start, signal: context.signal })
  screens.write(lines)
  return exit
}
