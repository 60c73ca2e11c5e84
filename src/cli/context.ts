import type { Emit } from '../events.js'
import type { FindPlugin } from '../trust/plugin.js'
import type { Host } from '../tui/host.js'
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
  /** as the command line said it; absent where it did not */
  readonly config?: string
  readonly plainHttp: boolean
  readonly generator: string
  /** What is printed goes to a terminal, and not to a file, a printer or another program. */
  readonly terminal?: boolean
  /** absent where there is no terminal, or a program reads what is printed */
  readonly screens?: Screens
  /** A small file that the operator named. @throws ERR_MEDIUM, ERR_LIMIT_EXCEEDED */
  readonly readFile: (path: string) => Promise<Uint8Array>
  /** Finds verification plugins below a trust folder; whoever asks starts nothing by itself. */
  readonly findPlugin: (trustDir: string) => FindPlugin
  /** Prints the result: the document with `--json`, else the lines, or bytes as they are. */
  print(output: Output, lines: readonly string[] | Uint8Array): void
}

/** A terminal on which screens can be shown. */
export interface Screens {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** one line after the other, for programs that read the screen aloud */
  readonly screenReader: boolean
  readonly host: Host
  /** Called before anything of the screens is loaded: colours are decided then. */
  beforeLoading(): void
  /** Prints when the screens are gone. */
  write(lines: readonly string[]): void
}

/** What a command ends with; the program exits with it. */
export type ExitCode = number
