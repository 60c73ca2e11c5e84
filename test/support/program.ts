import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { readFixed } from './keys-fixed.js'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** What a run of the built program came to. */
export interface RunEnd {
  /** null: it was killed */
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly end: Promise<RunEnd>
}

/** Starts the built program with a configuration folder of its own; it does not outlive the test. */
export function startProgram(folder: string, args: readonly string[], nodeOptions: readonly string[] = []): Running {
  const child = spawn(process.execPath, [...nodeOptions, MAIN, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: folder, WAYBILL_CONFIG: join(folder, 'config') },
  })
  const end = ended(child)
  return { child, end }
}

async function ended(child: ChildProcess): Promise<RunEnd> {
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return { exit: child.exitCode, stdout, stderr }
}

async function text(stream: NodeJS.ReadableStream | null): Promise<string> {
  let all = ''
  for await (const piece of stream ?? []) all += String(piece)
  return all
}

/** A registry in a process of its own, with a store in this folder; its `HOST:PORT`. */
export async function aServedRegistry(folder: string): Promise<string> {
  const args = [MAIN, 'serve', '--store', join(folder, 'store'), '--listen', '127.0.0.1:0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const host = /^listening on http:\/\/(.*)$/.exec(line)?.[1]
    if (host === undefined) continue
    child.stdout.resume()
    return host
  }
  throw new Error('the registry ended before it listened')
}

/** The importer's key: that of the vectors, which everybody knows. */
export const FIXED_KEY = ['--key', 'importer.key', '--cert', 'importer.crt'] as const

/** Makes a folder for `startProgram` that trusts the exporter of the vectors, and has `FIXED_KEY`. */
export async function anImporterFolder(folder: string): Promise<string> {
  for (const store of ['exporters', 'importers']) {
    const path = join(folder, 'config/truststore/x509/ca', store)
    await mkdir(path, { recursive: true })
    await writeFile(join(path, 'root.crt'), readFixed('trust/exporter-root.crt'))
  }
  await writeFile(join(folder, 'importer.key'), readFixed('keys/exporter.key'))
  await writeFile(join(folder, 'importer.crt'), readFixed('keys/exporter.crt'))
  return folder
}
