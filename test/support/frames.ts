import { EventEmitter } from 'node:events'
import { render } from 'ink'
import type { ReactNode } from 'react'
import { onTestFinished } from 'vitest'

export interface FramesOptions {
  readonly columns?: number
  readonly rows?: number
  /** as a program gets it that reads the screen aloud */
  readonly screenReader?: boolean
}

/** Screens drawn into a terminal of a size that the test says: what ink-testing-library has, which knows one size only. */
export interface Frames {
  /** the lines of the last picture */
  readonly screen: () => readonly string[]
  /** Waits until the picture shows this; the error has the picture. */
  readonly sees: (what: string | RegExp) => Promise<void>
  readonly gone: (what: string | RegExp) => Promise<void>
  /** Types texts and keys, each when what the one before it did has been drawn. */
  readonly press: (...keys: readonly string[]) => Promise<void>
  readonly resize: (columns: number, rows: number) => void
  /** Draws the same with other properties. */
  readonly redraw: (what: ReactNode) => void
}

/** Draws something at a size, without colours; it does not outlive the test. */
export function drawAt(what: ReactNode, { columns = 80, rows = 24, screenReader = false }: FramesOptions = {}): Frames {
  const stdout = new Output(columns, rows)
  const stdin = new Input()
  const { unmount, rerender } = render(what, {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: new Output(columns, rows) as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
    isScreenReaderEnabled: screenReader,
  })
  onTestFinished(() => unmount())
  const screen = (): readonly string[] => stdout.last.split('\n')
  const has = (wanted: string | RegExp): boolean =>
    typeof wanted === 'string' ? stdout.last.includes(wanted) : wanted.test(stdout.last)
  const until = async (holds: () => boolean, wanted: string): Promise<void> => {
    const last = performance.now() + 10_000
    while (!holds()) {
      if (performance.now() > last) throw new Error(`${wanted}:\n${stdout.last}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  return {
    screen,
    sees: (wanted) => until(() => has(wanted), `the picture does not show ${wanted}`),
    gone: (wanted) => until(() => !has(wanted), `the picture still shows ${wanted}`),
    async press(...keys) {
      for (const key of keys) {
        await settled()
        stdin.write(key)
      }
      await settled()
    },
    resize(toColumns, toRows) {
      stdout.columns = toColumns
      stdout.rows = toRows
      stdout.emit('resize')
    },
    redraw: rerender,
  }
}

/** What listens for keys is put in place by effects, which come after the picture, in turns of their own. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 10))
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

class Output extends EventEmitter {
  last = ''
  columns: number
  rows: number

  constructor(columns: number, rows: number) {
    super()
    this.columns = columns
    this.rows = rows
  }

  write(picture: string): boolean {
    this.last = picture
    return true
  }
}

class Input extends EventEmitter {
  readonly isTTY = true
  #typed: string[] = []

  write(keys: string): void {
    this.#typed.push(keys)
    this.emit('readable')
  }

  read(): string | null {
    return this.#typed.shift() ?? null
  }

  override on(event: string, listener: () => void): this {
    super.on(event, listener)
    // On a busy machine a test types before anybody listens: a terminal keeps that, and so does this.
    if (event === 'readable' && this.#typed.length > 0) setImmediate(() => this.emit('readable'))
    return this
  }

  override addListener(event: string, listener: () => void): this {
    return this.on(event, listener)
  }

  setEncoding(): void {}
  setRawMode(): void {}
  resume(): void {}
  pause(): void {}
  ref(): void {}
  unref(): void {}
}
