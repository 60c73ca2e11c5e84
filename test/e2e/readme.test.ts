import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushRelease, REPOSITORY } from '../../samples/release.mjs'
import { openRegistry } from '../../src/registry/client.js'
import { commandsIn, type DocCommand, missingLine } from '../support/doc-commands.js'

const ROOT = resolve(import.meta.dirname, '../..')
const DOCUMENTS = ['README.md', 'docs/operator.md', 'docs/compliance.md']

// Hosts of the documents, and what stands for them here.
const SOURCE = 'registry.wabbit.example'
const TARGET = 'registry.acme.example'
const LISTENER = '127.0.0.1:5005'

interface World {
  readonly folder: string
  readonly hosts: Readonly<Record<string, string>>
  readonly children: ChildProcess[]
}

let program: string

beforeAll(async () => {
  // Only what a release holds: nothing from node_modules may be needed to run it.
  program = await mkdtemp(join(tmpdir(), 'waybill-program-'))
  await cp(join(ROOT, 'dist'), join(program, 'dist'), { recursive: true })
  await cp(join(ROOT, 'package.json'), join(program, 'package.json'))
})

afterAll(async () => {
  await rm(program, { recursive: true, force: true })
})

describe.each(DOCUMENTS)('%s', (path) => {
  let world: World
  let commands: readonly DocCommand[] = []

  beforeAll(async () => {
    commands = commandsIn(await readFile(join(ROOT, path), 'utf8'))
    world = await aWorld()
  })

  afterAll(async () => {
    for (const child of world.children) child.kill('SIGTERM')
    await Promise.all(world.children.map((child) => (child.exitCode === null ? once(child, 'close') : undefined)))
    await rm(world.folder, { recursive: true, force: true })
  })

  test('its commands do what it says', { timeout: 120_000 }, async () => {
    expect(commands.length).toBeGreaterThan(3)
    for (const { command, shows, background } of commands) {
      const line = replaced(command, world)
      const { output, status } = background ? await startIn(world, line) : await runIn(world, line)

      expect
        .soft(
          missingLine(
            shows.map((one) => replaced(one, world)),
            output,
          ),
          `${line}\n${output}`,
        )
        .toBeUndefined()
      expect(status, `${line}\n${output}`).toBe(0)
    }
  })
})

test('a line that does not come is noticed', () => {
  expect(missingLine(['a … c', 'd'], 'a b c\nd\n')).toBeUndefined()
  expect(missingLine(['d', 'a … c'], 'a b c\nd\n')).toBe('a … c')
  expect(missingLine(['a . c'], 'a b c\n')).toBe('a . c')
})

/** A folder with a home of its own, two registries, and the sample release in the first of them. */
async function aWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-docs-'))
  await mkdir(join(folder, 'home'))
  // `npx waybill` runs the program that was built, as in a checkout.
  await writeFile(
    join(folder, 'npx'),
    `#!/bin/sh\nshift\nexec "${process.execPath}" "${program}/dist/cli/main.js" "$@"\n`,
    {
      mode: 0o755,
    },
  )
  const world: World = { folder, hosts: {}, children: [] }
  const source = await startIn(world, 'npx waybill serve --store source --listen 127.0.0.1:0')
  const target = await startIn(world, 'npx waybill serve --store target --listen 127.0.0.1:0')
  const hosts = {
    [SOURCE]: hostIn(source.output),
    [TARGET]: hostIn(target.output),
    [LISTENER]: `127.0.0.1:${await freePort()}`,
  }
  await publish(hosts[SOURCE] ?? '')
  return { ...world, hosts }
}

async function publish(host: string): Promise<void> {
  const client = openRegistry({
    credentials: async () => undefined,
    plainHttp: () => true,
    side: 'sink',
    emit: () => {},
    now: () => Date.now(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  })
  const sink = client.repository({ registry: host, name: REPOSITORY })
  await pushRelease(sink, { now: new Date(), signal: new AbortController().signal })
  await client.close()
}

function hostIn(output: string): string {
  return /^listening on http:\/\/(\S+)$/m.exec(output)?.[1] ?? ''
}

function replaced(text: string, { hosts }: World): string {
  return Object.entries(hosts).reduce((result, [name, host]) => result.replaceAll(name, host), text)
}

function shell(world: World, command: string): ChildProcess {
  const env = { PATH: `${world.folder}:${process.env['PATH'] ?? ''}`, HOME: join(world.folder, 'home') }
  // `exec` would end the shell of `a; b`: a group is killed instead, where there is one. The group ends on a line of its
  // own: the last line of a here-document has nothing else on it.
  const child = spawn('bash', ['-c', `{ ${command}\n} 2>&1`], {
    cwd: world.folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout?.setEncoding('utf8')
  return child
}

async function runIn(world: World, command: string): Promise<{ readonly output: string; readonly status: unknown }> {
  const child = shell(world, command)
  let output = ''
  child.stdout?.on('data', (text: string) => {
    output += text
  })
  const [status] = await once(child, 'close')
  return { output, status }
}

/** Comes back when the server says that it is ready. */
async function startIn(world: World, command: string): Promise<{ readonly output: string; readonly status: number }> {
  const child = shell(world, `exec ${command}`)
  world.children.push(child)
  let output = ''
  await new Promise<void>((ready, fail) => {
    child.stdout?.on('data', (text: string) => {
      output += text
      if (output.includes('listening on ')) ready()
    })
    child.once('close', () => fail(new Error(`it ended: ${command}\n${output}`)))
  })
  return { output, status: 0 }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
