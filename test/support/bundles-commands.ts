import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { importBundle } from '../../src/cli/commands/import.js'
import { inspectBundle } from '../../src/cli/commands/inspect.js'
import { verifyCommand } from '../../src/cli/commands/verify.js'
import type { CommandContext } from '../../src/cli/context.js'
import type { ImportWords } from '../../src/cli/importing.js'
import type { Output } from '../../src/cli/output.js'
import { ERRORS, type ErrorCode, TransferError } from '../../src/errors.js'
import { digestOf } from '../../src/oci/digest.js'
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

/** Whoever the exporters are may send anything, and nothing in it needs a signature: it is the bundle that is judged. */
const OPEN_POLICY = `version: 1
signers:
  exporter: {stores: ['ca:exporters'], identities: ['*']}
streams:
  - {stream: '*', signedBy: [exporter]}
unstreamed: {signedBy: [exporter]}
artifacts:
  - {from: ['*'], unsigned: admit}
`

/**
 * Makes a configuration folder that trusts the exporter of the vectors, and nobody else. The importer's key in it is that
 * of the exporter: everybody knows it.
 */
export async function trustingFolder(folder: string): Promise<string> {
  for (const name of ['exporters', 'importers']) {
    const store = join(folder, 'truststore', 'x509', 'ca', name)
    await mkdir(store, { recursive: true })
    await writeFile(join(store, 'exporter-root.crt'), readFixed('trust/exporter-root.crt'))
  }
  await writeFile(join(folder, 'open.yaml'), OPEN_POLICY)
  await writeFile(join(folder, 'importer.key'), readFixed('keys/exporter.key'), { mode: 0o600 })
  await writeFile(join(folder, 'importer.crt'), readFixed('keys/exporter.crt'))
  return folder
}

/** With everything that an import can be asked for, below a prefix of its own; the receipt is beside the bundle. */
function everything(path: string, { config, target }: CommandGiven): ImportWords {
  return {
    ...{
      to: `${new URL(target).host}/${digestOf(Buffer.from(path)).slice(7, 20)}`,
      state: 'registry',
      policy: join(config, 'open.yaml'),
      countersign: true,
    },
    ...{ key: join(config, 'importer.key'), cert: join(config, 'importer.crt') },
    ...{ receipt: join(dirname(path), 'receipt') },
  }
}

/** What an operator can do with a bundle, as the program does it. */
export const COMMANDS = {
  inspect: async (path: string, given: CommandGiven) => await ended(given, (context) => inspectBundle(path, context)),
  verify: async (path: string, given: CommandGiven) =>
    await ended(given, (context) => verifyCommand(path, {}, context)),
  review: async (path: string, given: CommandGiven) =>
    await ended(given, (context) => verifyCommand(path, { review: true }, context)),
  import: async (path: string, given: CommandGiven) =>
    await ended(given, (context) => importBundle(path, { to: new URL(given.target).host }, context)),
  importWithEverything: async (path: string, given: CommandGiven) =>
    await ended(given, (context) => importBundle(path, everything(path, given), context)),
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
      if (dirname(path) === config) return await readFile(path)
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
