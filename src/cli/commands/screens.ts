import { TransferError } from '../../errors.js'
import type { Means } from '../../tui/means.js'
import type { Fault } from '../../tui/open.js'
import type { ScreenName } from '../../tui/state.js'
import type { Work } from '../../tui/work.js'
import type { CommandContext, ExitCode, Screens } from '../context.js'
import { firstSteps } from '../ui/first-steps.js'
import { screenMeans } from '../ui/means.js'

/** What a command line has said already when it opens the screens. */
export interface Begun {
  /** in place of what is composed without any options */
  readonly means?: Partial<Means>
  readonly begin?: (work: Work) => void
}

/** The terminal that `--ui` asks for. @throws ERR_USAGE where nobody could look at it: a job must not wait for a person */
export function requireScreens({ screens }: CommandContext): Screens {
  if (screens !== undefined) return screens
  const message =
    '--ui needs a terminal, and neither --json nor --events; without it there are plain lines, and --events ndjson for programs'
  throw new TransferError('ERR_USAGE', message, { side: 'operator' })
}

/** @throws ERR_USAGE where a dry run is wanted beside the screens */
export function refuseDryRun({ dryRun }: { readonly dryRun?: boolean }): void {
  if (dryRun !== true) return
  const message = '--ui and --dry-run exclude each other: on the screen nothing is written before somebody says so'
  throw new TransferError('ERR_USAGE', message, { side: 'operator' })
}

/** Opens the screens at one of them, and prints afterwards what the last work has to say: it stays in the terminal. */
export async function openAt(
  start: ScreenName,
  context: CommandContext & { readonly screens: Screens },
  { means: given = {}, begin }: Begun = {},
): Promise<ExitCode> {
  const { screens } = context
  screens.beforeLoading()
  const { openScreens } = await import('../../tui/open.js')
  const steps = firstSteps(context)
  const means = { ...screenMeans(context, steps), ...given }
  const opened = openScreens({ ...screens, means, start, begin, signal: context.signal })
  // A registry that listens would keep the program from ending.
  const { exit, lines, fault } = await opened.finally(steps.close)
  screens.write(lines)
  if (fault !== undefined) throw bug(fault)
  return exit
}

function bug({ cause, stopped }: Fault): TransferError {
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  const next = stopped ? '\nWhat was running has been stopped: the same command again goes on where it ended.' : ''
  return new TransferError('ERR_BUG', `${stack}${next}`, { cause })
}
