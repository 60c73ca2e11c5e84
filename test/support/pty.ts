import { fileURLToPath } from 'node:url'
import { type IPty, spawn } from '@lydell/node-pty'
import { Terminal } from '@xterm/headless'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface PtyOptions {
  readonly columns?: number
  readonly rows?: number
  /** where it stands; its configuration is in the folder `config` below */
  readonly folder: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly nodeOptions?: readonly string[]
  /** a program to start instead, such as a shell: it finds the built program as `$WAYBILL` */
  readonly shell?: readonly string[]
}

/** The built program in a real pseudo-terminal, and a terminal that keeps its screen. */
export interface PtyProgram {
  readonly pty: IPty
  readonly terminal: Terminal
  /** everything it wrote, as it was */
  readonly raw: () => string
  /** the lines that a person sees now, without blanks at their ends */
  readonly screen: () => readonly string[]
  /** Waits until the screen shows this; the error has the screen. */
  readonly sees: (what: string | RegExp, timeoutMs?: number) => Promise<void>
  readonly gone: (what: string | RegExp, timeoutMs?: number) => Promise<void>
  /** Types a text, or one of `KEY`. */
  readonly press: (...keys: readonly string[]) => void
  readonly resize: (columns: number, rows: number) => void
  readonly end: Promise<{ readonly exit: number; readonly signal: number | undefined }>
}

export const KEY = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
  enter: '\r',
  escape: '\u001b',
  tab: '\t',
  backspace: '\u007f',
  interrupt: '\u0003',
  suspend: '\u001a',
} as const

/** Starts the built program in a pseudo-terminal; it does not outlive the test. */
export function startInPty(options: PtyOptions): PtyProgram {
  const { columns = 80, rows = 24, folder, args = [], env = {}, nodeOptions = [], shell } = options
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 })
  const [file = '', ...words] = shell ?? [process.execPath, ...nodeOptions, MAIN, ...args]
  const pty = spawn(file, words, {
    name: env['TERM'] ?? 'xterm-256color',
    cols: columns,
    rows,
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      TERM: 'xterm-256color',
      WAYBILL_CONFIG: `${folder}/config`,
      WAYBILL: [process.execPath, ...nodeOptions, MAIN, ...args].join(' '),
      ...env,
    },
  })
  let raw = ''
  let written = Promise.resolve()
  pty.onData((data) => {
    raw += data
    written = new Promise((resolve) => terminal.write(data, resolve))
  })
  // What the terminal answers to questions about itself goes to whoever asked.
  terminal.onData((answer) => pty.write(answer))
  let ended = false
  const end = new Promise<{ exit: number; signal: number | undefined }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      ended = true
      void written.then(() => resolve({ exit: exitCode, signal: signal || undefined }))
    })
  })
  onTestFinished(() => {
    if (!ended) pty.kill('SIGKILL')
  })
  const screen = (): readonly string[] => screenOf(terminal)
  const until = async (holds: () => boolean, wanted: string, timeoutMs: number): Promise<void> => {
    const last = performance.now() + timeoutMs
    while (!holds()) {
      if (performance.now() > last) throw new Error(`${wanted} within ${timeoutMs} ms:\n${screen().join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const has = (what: string | RegExp): boolean => {
    const text = screen().join('\n')
    return typeof what === 'string' ? text.includes(what) : what.test(text)
  }
  return {
    pty,
    terminal,
    raw: () => raw,
    screen,
    sees: (what, timeoutMs = 20_000) => until(() => has(what), `the screen does not show ${what}`, timeoutMs),
    gone: (what, timeoutMs = 20_000) => until(() => !has(what), `the screen still shows ${what}`, timeoutMs),
    press(...keys) {
      for (const key of keys) pty.write(key)
    },
    resize(toColumns, toRows) {
      terminal.resize(toColumns, toRows)
      pty.resize(toColumns, toRows)
    },
    end,
  }
}

/** What is on the screen of a terminal. */
export function screenOf(terminal: Terminal): readonly string[] {
  const { active } = terminal.buffer
  return Array.from(
    { length: terminal.rows },
    (_, at) => active.getLine(active.viewportY + at)?.translateToString(true) ?? '',
  )
}
