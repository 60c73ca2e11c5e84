import type { Emit } from '../events.js'
import type { Output } from './output.js'

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean
  readonly events?: string
  readonly config?: string
  readonly plainHttp?: boolean
}

/** Options of commands that move content. */
export interface NetworkOptions {
  readonly ca?: string
}

/** What a command is given by the program around it: the only way to the world. */
export interface CommandContext {
  readonly signal: AbortSignal
  readonly emit: Emit
  readonly now: () => Date
  /** When the thing that is made was made: the clock, or SOURCE_DATE_EPOCH. */
  readonly createdAt: () => Date
  readonly configDir: string
  readonly plainHttp: boolean
  readonly generator: string
  /** Prints the result: the document with `--json`, else the lines. */
  print(output: Output, lines: readonly string[]): void
}

/** What a command ends with; the program exits with it. */
export type ExitCode = number
