#!/usr/bin/env node
import { printable, printableJson } from '../encoding/printable.js'
import { ERRORS, TransferError } from '../errors.js'
import type { Emit } from '../events.js'
import { buildProgram, eventsAskedFor, usageError } from './args.js'
import { configFolder, creationTime, currentTime, pluginsOf, readNamedFile, terminalHere } from './compose.js'
import type { CommandContext, CommonOptions } from './context.js'
import { eventLines } from './event-lines.js'
import type { Output, OutputOf } from './output.js'
import { progressLines } from './render/progress.js'
import { readVersion } from './version.js'

const INTERRUPTED = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const
const stop = new AbortController()
let interrupted: number | undefined
// Known before the command line is understood: a mistake on it is told in the form that was asked for, too.
let events = eventsAskedFor(process.argv)
let json = process.argv.includes('--json')
let printed: Output | undefined
const said = eventLines({
  write: (line) => process.stderr.write(line),
  now: currentTime,
  generator: `waybill/${readVersion()}`,
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt(signal))
// A reader that has seen enough (`| head`) ends no export: what cannot be said any more is not said. Nor can it be said
// on a terminal that is gone.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !(stream.isTTY && error.code === 'EIO')) throw error
  })
}

try {
  const program = buildProgram({ version: readVersion(), run, write: (text) => process.stdout.write(text) })
  await program.parseAsync(process.argv)
} catch (cause) {
  process.exitCode = report(usageError(cause) ?? cause)
}

async function run(options: CommonOptions, command: (context: CommandContext) => Promise<number>): Promise<void> {
  json = options.json === true
  events = options.events
  process.exitCode = await command({
    signal: stop.signal,
    emit: emitterFor(options),
    now: currentTime,
    createdAt: creationTime,
    configDir: configFolder(options),
    ...(options.config === undefined ? {} : { config: options.config }),
    plainHttp: options.plainHttp === true,
    generator: `waybill/${readVersion()}`,
    terminal: process.stdout.isTTY,
    ...screensFor(options),
    readFile: readNamedFile,
    findPlugin: pluginsOf,
    print: (output, lines) => print(output, lines),
  })
  // A server that was told to stop has done what it was told.
  if (interrupted !== undefined && process.exitCode !== 0) process.exitCode = interrupted
  if (events === 'ndjson') said.ended(Number(process.exitCode), printed)
}

function interrupt(signal: keyof typeof INTERRUPTED): void {
  // Whoever asks twice does not want to wait; what is half-written has no name yet.
  if (interrupted !== undefined) process.exit(interrupted)
  interrupted = INTERRUPTED[signal]
  stop.abort(new TransferError('ERR_CANCELLED', 'stopped before the end'))
}

function screensFor(options: CommonOptions): Pick<CommandContext, 'screens'> {
  if (options.json === true || options.events !== undefined) return {}
  const screens = terminalHere(interrupt)
  return screens === undefined ? {} : { screens }
}

function print(output: Output, lines: readonly string[] | Uint8Array): void {
  printed = output
  if (json) process.stdout.write(`${printableJson(output)}\n`)
  else process.stdout.write(lines instanceof Uint8Array ? lines : lines.map((line) => `${line}\n`).join(''))
}

function emitterFor(options: CommonOptions): Emit {
  if (options.events === 'none') return () => {}
  if (options.events === 'ndjson') return said.emit
  if (json && options.events === undefined) return () => {}
  const everyMs = process.stderr.isTTY ? 3000 : 10_000
  return progressLines({ write: (line) => process.stderr.write(`${line}\n`), now: () => performance.now(), everyMs })
}

/** Says what went wrong, once, and gives the exit status. */
function report(cause: unknown): number {
  if (cause instanceof TransferError) return reportError(cause)
  if (isHelp(cause)) return 0
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return reportError(new TransferError('ERR_BUG', stack, { cause }))
}

function reportError(cause: TransferError): number {
  const { exit, hint } = ERRORS[cause.code]
  const status = cause.code === 'ERR_CANCELLED' ? (interrupted ?? exit) : exit
  // A stack has lines of its own; everything else that is foreign does not get to break a line.
  const message = cause.code === 'ERR_BUG' ? cause.message : printable(cause.message, 1500)
  const { side, subject } = cause
  const details = cause.details.map((line) => printable(line, 1500))
  const document: OutputOf<'waybill.error.v1'> = {
    schema: 'waybill.error.v1',
    code: cause.code,
    message,
    hint,
    exit: status,
    ...(side === undefined ? {} : { side }),
    ...(subject === undefined ? {} : { subject: printable(subject, 500) }),
    ...(details.length === 0 ? {} : { details }),
  }
  // Whoever reads stderr as NDJSON gets this as a line of it, too.
  if (events === 'ndjson') said.failed(document)
  else {
    const more = details.slice(1).map((line) => `  ${line}\n`)
    process.stderr.write(`waybill: ${cause.code}: ${message}\n${more.join('')}  hint: ${hint}\n`)
  }
  if (json) process.stdout.write(`${printableJson(document)}\n`)
  return status
}

function isHelp(cause: unknown): boolean {
  return cause instanceof Error && 'exitCode' in cause && cause.exitCode === 0
}
