import { render } from 'ink'
import { App } from './app.js'
import { FaultBoundary } from './components/fault-boundary.js'
import { Keyboard } from './components/keyboard.js'
import type { Host } from './host.js'
import type { Means } from './means.js'
import { ScreenOutput } from './screen-output.js'
import { createSession } from './session.js'
import { isRunning, type ScreenName, startState } from './state.js'
import { createWork, type Work } from './work.js'

export interface OpenOptions {
  readonly means: Means
  readonly start: ScreenName
  /** starts what a command line has asked for already */
  readonly begin?: ((work: Work) => void) | undefined
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly host: Host
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
  readonly fault?: Fault
}

/** What threw, in a component or anywhere, and whether work was stopped for it. */
export interface Fault {
  readonly cause: unknown
  readonly stopped: boolean
}

/**
 * Opens the screens, and gives the terminal back as it was, however they end. Work is stopped and awaited before: what it
 * leaves can be gone on with.
 */
export async function openScreens(options: OpenOptions): Promise<Left> {
  const { means, start, begin, stdin, stdout, stderr, host, signal, screenReader } = options
  const session = createSession(startState(start), { now: means.now })
  const work = createWork({ means, session })
  const output = new ScreenOutput({ stdout, screenReader, now: means.now })
  let left = (): void => {}
  const leaving = new Promise<void>((resolve) => {
    left = resolve
  })
  let fault: Fault | undefined
  const fail = (cause: unknown): void => {
    fault ??= { cause, stopped: isRunning(session.shown().work) }
    left()
  }
  const interrupted = (): void => {
    work.stop()
    void work.ended().then(left)
  }
  const terminal = { stdin, output, host }
  const forget = [host.onFault(fail), host.onExit(() => output.leave()), keepTerminal(terminal)]
  // Before anything is shown: what is typed then would be shown as well.
  stdin.setRawMode(true)
  output.enter()
  try {
    const screens = render(
      <FaultBoundary onFault={fail}>
        <Keyboard onAnyKey={() => output.hurry()} onInterrupt={host.interrupt} onSuspend={() => suspend(terminal)} />
        <App {...{ session, work, means, onQuit: left }} />
      </FaultBoundary>,
      {
        stdout: output.stream,
        stdin,
        stderr,
        exitOnCtrlC: false,
        // Whole frames, and nothing but frames: they are painted here.
        debug: true,
        isScreenReaderEnabled: screenReader,
      },
    )
    begin?.(work)
    if (signal.aborted) interrupted()
    signal.addEventListener('abort', interrupted, { once: true })
    await leaving
    output.leave()
    screens.unmount()
    await screens.waitUntilExit()
  } finally {
    output.leave()
    stdin.setRawMode(false)
    if (isRunning(session.shown().work)) stderr.write('waybill: stopping what runs; Ctrl+C leaves at once\n')
    work.stop()
    await work.ended()
    session.close()
    for (const done of forget) done()
  }
  const shown = session.shown()
  const end = shown.work.end ?? shown.left
  const lines = end?.lines ?? []
  if (fault !== undefined) return { exit: 1, lines, fault }
  return { exit: signal.aborted ? 130 : (end?.exit ?? 0), lines }
}

interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly output: ScreenOutput
  readonly host: Host
}

/** The terminal is given back for as long as the program is stopped; where nobody can continue it, it is not stopped. */
function suspend({ stdin, output, host }: Terminal): void {
  output.leave()
  stdin.setRawMode(false)
  const again = host.onContinue(() => resumed())
  const resumed = (): void => {
    again()
    stdin.setRawMode(true)
    output.enter()
  }
  host.suspend()
}

/** A shell that had the terminal in the meantime has set it for itself. */
function keepTerminal(terminal: Terminal): () => void {
  const { stdin, output, host } = terminal
  const asked = host.onSuspend(() => suspend(terminal))
  const continued = host.onContinue(() => {
    stdin.setRawMode(false)
    stdin.setRawMode(true)
    output.repaint()
  })
  return () => {
    asked()
    continued()
  }
}
