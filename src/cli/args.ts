import { Command, CommanderError, Option } from 'commander'
import { TransferError } from '../errors.js'
import type { CommandContext, CommonOptions, ExitCode } from './context.js'
import { DEFAULT_STORE } from './defaults.js'

/** Runs a command with the common options turned into a context. */
export type Run = (options: CommonOptions, command: UseContext) => Promise<void>

type UseContext = (context: CommandContext) => Promise<ExitCode>
type Start = (command: UseContext) => Promise<void>

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
  addReaders(program, start)
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

function networked(command: Command): Command {
  return command.option('--ca <file>', 'trust these certificate authorities (PEM) of registries, beside the system’s')
}

function addKeys(program: Command, start: Start): void {
  const keys = program.command('keys').description('signing keys of an exporter')
  keys
    .command('init <dir>')
    .description('make a root certificate and a signing key below it')
    .option('--name <name>', 'who signs', 'waybill-exporter')
    .action((dir: string, options: { readonly name: string }) =>
      start(async (context) => (await import('./commands/keys.js')).keysInit(dir, options, context)),
    )
}

function addTrust(program: Command, start: Start): void {
  const trust = program.command('trust').description('whom this importer trusts')
  trust
    .command('add <cert>')
    .description('trust a root certificate')
    .option('--store <name>', 'the trust store', DEFAULT_STORE)
    .action((cert: string, options: { readonly store: string }) =>
      start(async (context) => (await import('./commands/trust.js')).trustAdd(cert, options, context)),
    )
}

function addServe(program: Command, start: Start): void {
  program
    .command('serve')
    .description('serve a registry from a folder')
    .requiredOption('--store <dir>', 'the folder')
    .option('--listen <address>', 'HOST:PORT; port 0 picks a free one', '127.0.0.1:5000')
    .action((options: { readonly store: string; readonly listen: string }) =>
      start(async (context) => (await import('./commands/serve.js')).serve(options, context)),
    )
}

function addExport(program: Command, start: Start): void {
  networked(program.command('export <source...>'))
    .description('write a bundle of images and everything that hangs on them')
    .option('--output <file>', 'the bundle')
    .option('--key <file>', 'the signing key (PEM)')
    .option('--cert <file>', 'the signing certificate and its chain, leaf first (PEM)')
    .option('--unsigned', 'make a bundle that nobody answers for')
    .option('--platform <os/arch>', 'only this platform of an index; can be repeated', gather)
    .option('--dry-run', 'print the plan, and write nothing')
    .option('--allow-unknown-referrers', 'go on where a registry cannot say which signatures there are')
    .action((sources: readonly string[], options) =>
      start(async (context) => (await import('./commands/export.js')).exportBundle(sources, options, context)),
    )
}

function addReaders(program: Command, start: Start): void {
  program
    .command('inspect <file>')
    .description('print what a bundle claims, without verifying it')
    .action((file: string) =>
      start(async (context) => (await import('./commands/inspect.js')).inspectBundle(file, context)),
    )
  program
    .command('verify <file>')
    .description('verify a bundle, offline')
    .option('--store <name>', `trust store of bundle signers; can be repeated (default: ${DEFAULT_STORE})`, gather)
    .action((file: string, options) =>
      start(async (context) => (await import('./commands/verify.js')).verifyBundle(file, options, context)),
    )
  networked(program.command('import <file>'))
    .description('verify a bundle, then load it into a registry')
    .requiredOption('--to <target>', 'HOST[:PORT][/PREFIX]')
    .option('--store <name>', `trust store of bundle signers; can be repeated (default: ${DEFAULT_STORE})`, gather)
    .action((file: string, options) =>
      start(async (context) => (await import('./commands/import.js')).importBundle(file, options, context)),
    )
}

function gather(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value]
}
