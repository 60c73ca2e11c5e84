import { newLines, paint } from './painting.js'
import { EMPTY_SCREEN, ENTER_SCREEN, LEAVE_SCREEN } from './terminal.js'

/** Least time between two pictures: fifteen a second. */
const PICTURE_MS = 67
/** Least time between two announcements that nobody asked for by a key. */
const ANNOUNCEMENT_MS = 3000

export interface ScreenOutputOptions {
  readonly stdout: NodeJS.WriteStream
  /** one line after the other, for programs that read the screen aloud */
  readonly screenReader: boolean
  /** Milliseconds that only grow. */
  readonly now: () => number
}

/**
 * Between Ink and the terminal: takes whole frames and writes what has changed. It is the one place that takes the
 * terminal and gives it back; what comes after that is not written, however the program ends.
 */
export class ScreenOutput {
  /** Ink asks terminals for things of its own that are done here. */
  readonly isTTY = false
  columns = 80
  rows = 24
  readonly #options: ScreenOutputOptions
  readonly #listeners = new Set<() => void>()
  #held = false
  #shown: readonly string[] = []
  #frame: readonly string[] = []
  #lastMs = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #resized = (): void => {
    this.#measure()
    for (const listener of [...this.#listeners]) listener()
    this.repaint()
  }

  constructor(options: ScreenOutputOptions) {
    this.#options = options
    this.#measure()
  }

  /** For Ink: as it writes to a stream that is a terminal. It uses what is here, and nothing else. */
  get stream(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream
  }

  on(_resize: 'resize', listener: () => void): void {
    this.#listeners.add(listener)
  }

  off(_resize: 'resize', listener: () => void): void {
    this.#listeners.delete(listener)
  }

  /** Takes the terminal, and draws the last frame, if there was one. */
  enter(): void {
    if (this.#held) return
    this.#held = true
    const { stdout, screenReader } = this.#options
    if (!screenReader) stdout.write(ENTER_SCREEN)
    stdout.on('resize', this.#resized)
    this.#resized()
  }

  /** Gives the terminal back. Harmless where it was given back before. */
  leave(): void {
    if (!this.#held) return
    this.#held = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#shown = []
    const { stdout, screenReader } = this.#options
    stdout.off('resize', this.#resized)
    if (!screenReader) stdout.write(LEAVE_SCREEN)
  }

  /** Draws all of it anew: something else may have written over it. */
  repaint(): void {
    if (!this.#held || this.#options.screenReader) return
    this.#options.stdout.write(EMPTY_SCREEN)
    this.#shown = []
    this.#draw()
  }

  /** Somebody pressed a key, and waits for the next frame. */
  hurry(): void {
    if (!this.#options.screenReader) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#lastMs = Number.NEGATIVE_INFINITY
  }

  /** A frame of Ink's: it writes nothing else. */
  write(frame: string): boolean {
    if (frame === '') return true
    const lines = frame.split('\n')
    // What was the last of another screen, such as the checks of a verification, must not go unheard.
    if (this.#options.screenReader && this.#timer !== undefined && lines[0] !== this.#frame[0]) this.#draw()
    this.#frame = lines
    if (!this.#held || this.#timer !== undefined) return true
    const { now, screenReader } = this.#options
    const wait = this.#lastMs + (screenReader ? ANNOUNCEMENT_MS : PICTURE_MS) - now()
    if (wait <= 0) this.#draw()
    else this.#timer = setTimeout(() => this.#draw(), wait)
    return true
  }

  #draw(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#held) return
    const { stdout, screenReader, now } = this.#options
    this.#lastMs = now()
    const text = screenReader
      ? newLines(this.#shown, this.#frame)
          .map((line) => `${line}\n`)
          .join('')
      : paint(this.#shown, this.#frame, this.rows)
    this.#shown = this.#frame
    if (text !== '') stdout.write(text)
  }

  #measure(): void {
    const { columns, rows } = this.#options.stdout
    this.columns = columns || 80
    this.rows = rows || 24
  }
}
