import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { importBundle } from '../../src/cli/commands/import.js'
import { inspectBundle } from '../../src/cli/commands/inspect.js'
import { verifyCommand } from '../../src/cli/commands/verify.js'
import type { CommandContext } from '../../src/cli/context.js'
import type { Output } from '../../src/cli/output.js'
import { ERRORS, type ErrorCode, TransferError } from '../../src/errors.js'
import { GENERATOR } from './bundles.js'
import { readFixed } from './keys-fixed.js'
import { CALL } from './tmp.js'

/** What a command came to, as the shell and whoever reads its output see it. */
export interface Ended {
  readonly exit: number
  /** of the error, or of the first check that failed */
  readonly code?: ErrorCode
  readonly output?: Output
  readonly lines: readonly string[]
}

export interface CommandGiven {
  /** the folder that says whom to trust */
  readonly config: string
  readonly now: Date
  /** the target of an import, `http://HOST:PORT` */
  readonly target: string
}

/** Makes a configuration folder that trusts the exporter of the vectors, and nobody else. */
export async function trustingFolder(folder: string): Promise<string> {
  const store = join(folder, 'truststore', 'x509', 'ca', 'exporters')
  await mkdir(store, { recursive: true })
  await writeFile(join(store, 'exporter-root.crt'), readFixed('trust/exporter-root.crt'))
  return folder
}

/** What an operator can do with a bundle, as the program does it. */
export const COMMANDS = {
  inspect: async (path: string, given: CommandGiven) => await ended(given, (context) => inspectBundle(path, context)),
  verify: async (path: string, given: CommandGiven) =>
    await ended(given, (context) => verifyCommand(path, {}, context)),
  import: async (path: string, given: CommandGiven) =>
    await ended(given, (context) => importBundle(path, { to: new URL(given.target).host }, context)),
} as const

/** A refusal is an error or a failed check; whatever else is thrown is a bug, and comes through. */
async function ended(
  { config, now }: CommandGiven,
  command: (context: CommandContext) => Promise<number>,
): Promise<Ended> {
  const printed: { output?: Output; lines: readonly string[] } = { lines: [] }
  const context: CommandContext = {
    ...{ signal: CALL.signal, emit: () => {}, now: () => now, createdAt: () => now },
    ...{ configDir: config, plainHttp: false, generator: GENERATOR },
    readFile: async (path) => {
      throw new Error(`nobody named ${path}`)
    },
    findPlugin: () => async () => undefined,
    print: (output, lines) => {
      printed.output = output
      printed.lines = lines instanceof Uint8Array ? [] : lines
    },
  }
  try {
    const exit = await command(context)
    const code = firstFailure(printed.output)
    return { exit, ...(code === undefined ? {} : { code }), ...printed }
  } catch (cause) {
    if (!(cause instanceof TransferError)) throw cause
    return { exit: ERRORS[cause.code].exit, code: cause.code, lines: [] }
  }
}

function firstFailure(output: Output | undefined): ErrorCode | undefined {
  const checks = output !== undefined && 'checks' in output ? output.checks : []
  return checks.find(({ result }) => result === 'fail')?.code as ErrorCode | undefined
}
