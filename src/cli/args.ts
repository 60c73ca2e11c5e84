import { Command, CommanderError, Option } from 'commander'
import { TransferError } from '../errors.js'
import { addExport } from './args/export.js'
import { addImport } from './args/import.js'
import type { Start } from './args/options.js'
import { addPolicy } from './args/policy.js'
import { addReaders } from './args/readers.js'
import { addReceipt } from './args/receipt.js'
import { addScreens } from './args/screens.js'
import { addServe } from './args/serve.js'
import { addManifest, addSign } from './args/sign.js'
import { addKeys, addTrust } from './args/trust.js'
import type { CommandContext, CommonOptions, ExitCode } from './context.js'

/** Runs a command with the common options turned into a context. */
export type Run = (options: CommonOptions, command: UseContext) => Promise<void>

type UseContext = (context: CommandContext) => Promise<ExitCode>

export interface ProgramOptions {
  readonly version: string
  readonly run: Run
  readonly write: (text: string) => void
}

/** The command line. Each command's module is loaded when it is asked for: `verify` never loads an HTTP client. */
export function buildProgram({ version, run, write }: ProgramOptions): Command {
  const program = new Command('waybill')
    .description('Carries container content across an air gap, and proves on the far side what arrived.')
    .version(version, '--version', 'print the version')
    .option('--json', 'print one JSON document on stdout')
    .addOption(new Option('--events <form>', 'print events on stderr').choices(['ndjson', 'lines', 'none']))
    .option('--config <dir>', 'the configuration folder (default: $WAYBILL_CONFIG, then ~/.config/waybill)')
    .option('--plain-http', 'speak HTTP to registries (implied for loopback names)')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(see waybill --help)')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => {} })
  // What holds for every command can stand before it or after it.
  const start: Start = (command) => run(program.opts(), command)
  addKeys(program, start)
  addTrust(program, start)
  addServe(program, start)
  addExport(program, start)
  addSign(program, start)
  addManifest(program, start)
  addReaders(program, start)
  addImport(program, start)
  addReceipt(program, start)
  addPolicy(program, start)
  addScreens(program, start)
  return program
}

/** A mistake on the command line as the program's own error; undefined where help or the version was asked for. */
export function usageError(cause: unknown): TransferError | undefined {
  if (!(cause instanceof CommanderError) || cause.exitCode === 0) return undefined
  if (cause.code === 'commander.help')
    return new TransferError('ERR_USAGE', 'no command is given', { side: 'operator' })
  return new TransferError('ERR_USAGE', cause.message.replace(/^error: /, ''), { side: 'operator' })
}

/** The form of events that a command line asks for, whatever else is wrong with it; the last one counts. */
export function eventsAskedFor(argv: readonly string[]): string | undefined {
  return argv
    .map((word, at) => (word === '--events' ? argv[at + 1] : /^--events=(.*)$/s.exec(word)?.[1]))
    .findLast((form) => form !== undefined)
}
