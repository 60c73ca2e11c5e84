import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where test/peers/install.sh puts the Go tools. */
const CACHE =
  process.env['WAYBILL_PEERS'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'waybill-peers')

/** Debian puts containerd and its like where only root looks. */
const FOLDERS = [join(CACHE, 'bin'), ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** The path of a test peer. @throws where it is not installed: a test that cannot be made has not passed */
export function toolPath(name: string): string {
  const found = FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new Error(`${name} is not installed: run test/peers/install.sh`)
}

/**
 * What every tool gets of the surroundings. Much that may be set there has a meaning to some tool: REGISTRY_AUTH_FILE is
 * skopeo's, and breaks Distribution, which reads all of REGISTRY_* as its configuration.
 */
export const SURROUNDINGS: Readonly<Record<string, string>> = {
  PATH: FOLDERS.join(delimiter),
  LC_ALL: 'C',
  ...(process.env['TMPDIR'] === undefined ? {} : { TMPDIR: process.env['TMPDIR'] }),
}

export interface Ran {
  readonly status: number
  readonly stdout: Buffer
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string | Uint8Array
}

const MOST_OUTPUT = 64 * 1024 * 1024
const LONGEST_RUN_MS = 120_000

/** Runs a tool to its end, whatever that is. */
export function run(name: string, args: readonly string[], options: RunOptions = {}): Ran {
  const done: SpawnSyncReturns<Buffer> = spawnSync(name.includes('/') ? name : toolPath(name), args, {
    env: { ...SURROUNDINGS, ...options.env },
    maxBuffer: MOST_OUTPUT,
    timeout: LONGEST_RUN_MS,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? {} : { input: options.input }),
  })
  if (done.error !== undefined) throw new Error(`${name} did not run`, { cause: done.error })
  return { status: done.status ?? -1, stdout: done.stdout, stderr: done.stderr.toString() }
}

/** Runs a tool that has to succeed, and gives its output byte for byte. */
export function bytesOf(name: string, args: readonly string[], options: RunOptions = {}): Buffer {
  const { status, stdout, stderr } = run(name, args, options)
  if (status === 0) return stdout
  throw new Error(`${name} ${args.join(' ')}\nended with ${status}: ${stderr}${stdout.toString().slice(0, 4000)}`)
}

export function textOf(name: string, args: readonly string[], options: RunOptions = {}): string {
  return bytesOf(name, args, options).toString().trimEnd()
}
