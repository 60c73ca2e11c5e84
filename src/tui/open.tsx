import { render } from 'ink'
import { App } from './app.js'
import type { Means } from './means.js'
import { createSession } from './session.js'
import { type ScreenName, startState } from './state.js'
import { ENTER_SCREEN, LEAVE_SCREEN } from './terminal.js'
import { createWork } from './work.js'

export interface OpenOptions {
  readonly means: Means
  readonly start: ScreenName
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Ends the screens from outside: SIGTERM, Ctrl+C. */
  readonly signal: AbortSignal
  /** one line after the other, for programs that read the screen aloud */
  readonly screenReader: boolean
}

/** How the screens were left. */
export interface Left {
  /** of the last work; 0 where there was none */
  readonly exit: number
  /** what the last work would have printed */
  readonly lines: readonly string[]
}

/**
 * Opens the screens, and gives the terminal back as it was, however they end.
 * @throws what a component threw
 */
export async function openScreens(options: OpenOptions): Promise<Left> {
  const { means, start, stdin, stdout, stderr, signal, screenReader } = options
  const session = createSession(startState(start), { now: means.now })
  const work = createWork({ means, session })
  if (!screenReader) stdout.write(ENTER_SCREEN)
  try {
    const screens = render(<App {...{ session, work, means, onQuit: () => screens.unmount() }} />, {
      stdin,
      stdout,
      stderr,
      exitOnCtrlC: false,
      maxFps: 15,
      isScreenReaderEnabled: screenReader,
    })
    const stopped = (): void => screens.unmount()
    signal.addEventListener('abort', stopped, { once: true })
    await screens.waitUntilExit()
  } finally {
    work.stop()
    await work.ended()
    session.close()
    if (!screenReader) stdout.write(LEAVE_SCREEN)
  }
  const { end } = session.shown().work
  return { exit: end?.exit ?? 0, lines: end?.lines ?? [] }
}
