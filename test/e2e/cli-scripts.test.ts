import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EVENT_LINE } from '../../src/cli/output/events.js'
import { OUTPUTS, type OutputName } from '../../src/cli/output.js'
import { layoutFolderSink } from '../../src/content/layout-sink.js'
import { aRelease } from '../support/bundles.js'
import { readVector } from '../support/bundles-vectors.js'
import { twoVersions } from '../support/increments.js'
import { tmpFolder } from '../support/tmp.js'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const SCRIPTS = fileURLToPath(new URL('cli/', import.meta.url))
const POLICIES = fileURLToPath(new URL('../opa/policies/', import.meta.url))
const VECTORS = fileURLToPath(new URL('../vectors/', import.meta.url))

/** What the last command came to. */
interface Ran {
  readonly line: string
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

/** One script as it runs: its folder, its variables, and its last command. */
class Play {
  readonly folder: string
  readonly variables = new Map<string, string>()
  #ran: Ran | undefined
  /** A command that is not said to fail must not. */
  #judged = true

  constructor(folder: string) {
    this.folder = folder
  }

  async line(text: string): Promise<void> {
    const [word = '', ...rest] = text.split(' ')
    const argument = this.#filled(rest.join(' '))
    if (word === '$') return this.#run(argument)
    const act = ACTS[word]
    if (act === undefined) throw new Error(`not a line of a script: ${text}`)
    await act(this, argument)
  }

  get ran(): Ran {
    if (this.#ran === undefined) throw new Error('no command has run')
    return this.#ran
  }

  #filled(text: string): string {
    return text.replace(/\$([A-Z]+)/g, (_all, name: string) => this.variables.get(name) ?? `$${name}`)
  }

  #run(command: string): void {
    this.end()
    const [program, ...words] = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain)
    if (program !== 'waybill') throw new Error(`only waybill can be run: ${command}`)
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words.map(String)], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: this.folder, WAYBILL_CONFIG: join(this.folder, 'config') },
    })
    this.#ran = { line: command, exit: status, stdout, stderr }
    this.#judged = false
    if (words.includes('--json')) this.#checkDocument(stdout)
    if (words.includes('ndjson')) this.#checkEvents(stderr)
  }

  /** With --events ndjson a program can read standard error line by line, whatever happened. */
  #checkEvents(stderr: string): void {
    for (const line of stderr.trimEnd().split('\n')) {
      expect(EVENT_LINE.safeParse(JSON.parse(line)).error, line).toBeUndefined()
    }
  }

  /** Whatever is printed with --json is one document of its schema, and nothing else. */
  #checkDocument(stdout: string): void {
    const document = JSON.parse(stdout) as { readonly schema: OutputName }
    expect(stdout.trimEnd()).not.toContain('\n')
    expect(OUTPUTS[document.schema].strict().safeParse(document).error).toBeUndefined()
  }

  exits(code: number): void {
    const { line, exit, stdout, stderr } = this.ran
    expect(exit, `$ ${line}\n${stdout}\n${stderr}`).toBe(code)
    expect(stderr).not.toContain('this is a bug')
    this.#judged = true
  }

  end(): void {
    if (!this.#judged) this.exits(0)
  }
}

const ACTS: Readonly<Record<string, (play: Play, argument: string) => Promise<void> | void>> = {
  exit: (play, code) => play.exits(Number(code)),
  stdout: (play, text) => expect(play.ran.stdout).toContain(text),
  stderr: (play, text) => expect(play.ran.stderr).toContain(text),
  'no-stdout': (play) => expect(play.ran.stdout).toBe(''),
  'no-stderr': (play) => expect(play.ran.stderr).toBe(''),
  json: (play, argument) => {
    const [path = '', ...value] = argument.split(' ')
    expect(memberOf(JSON.parse(play.ran.stdout), path)).toEqual(JSON.parse(value.join(' ')))
  },
  'json-without': (play, path) => expect(memberOf(JSON.parse(play.ran.stdout), path)).toBeUndefined(),
  /** json-to NAME PATH: keeps a member in a variable */
  'json-to': (play, argument) => {
    const [name = '', path = ''] = argument.split(' ')
    play.variables.set(name, String(memberOf(JSON.parse(play.ran.stdout), path)))
  },
  absent: (play, name) => expect(readdirSync(play.folder)).not.toContain(name),
  present: (play, name) => expect(readdirSync(play.folder)).toContain(name),
  mode: (play, argument) => {
    const [name = '', mode = ''] = argument.split(' ')
    expect((statSync(join(play.folder, name)).mode & 0o777).toString(8)).toBe(mode)
  },
  same: (play, argument) => {
    const [one = '', two = ''] = argument.split(' ').map((name) => readFileSync(join(play.folder, name), 'latin1'))
    expect(one === two).toBe(true)
  },
  write: async (play, argument) => {
    const [name = '', ...text] = argument.split(' ')
    await writeFile(join(play.folder, name), text.join(' '))
  },
  /** opa-policy FILE: a compiled policy of test/opa/policies */
  'opa-policy': (play, name) => copyFile(join(POLICIES, name), join(play.folder, name)),
  /** layout DIR [SEED]: a release in an image layout, with the tag 1.0; another seed makes another one */
  layout: async (play, argument) => {
    const [name = '', seed] = argument.split(' ')
    const folder = join(play.folder, name)
    await mkdir(folder, { recursive: true })
    await aRelease(700, seed).all.into(await layoutFolderSink(folder))
  },
  /** versions DIR: an image layout with 1.0 and 2.0 of an image, which share most of their layers */
  versions: async (play, name) => {
    const { first, second } = twoVersions(100_000, '2.0')
    const sink = await layoutFolderSink(join(play.folder, name))
    await first.into(sink)
    await second.into(sink)
  },
  /** smaller FILE OTHER: less than half as large */
  smaller: (play, argument) => {
    const [one = 0, two = 0] = argument.split(' ').map((name) => statSync(join(play.folder, name)).size)
    expect(one).toBeLessThan(two / 2)
  },
  /** nothing-stored NAME: the registry has no content */
  'nothing-stored': (play, name) => {
    const stored = readdirSync(join(play.folder, `store-${name}`), { recursive: true, encoding: 'utf8' })
    expect(stored.filter((path) => /[0-9a-f]{64}/.test(path))).toEqual([])
  },
  /** vector CASE FILE: a bundle from test/vectors */
  vector: async (play, argument) => {
    const [name = '', file = ''] = argument.split(' ')
    await writeFile(join(play.folder, file), await readVector(name))
  },
  /** trust the signer of the vectors */
  'trust-vectors': async (play) => {
    const store = join(play.folder, 'config/truststore/x509/ca/exporters')
    await mkdir(store, { recursive: true })
    await copyFile(join(VECTORS, 'trust/exporter-root.crt'), join(store, 'exporter-root.crt'))
  },
  vectors: async (play, argument) => {
    await cp(join(VECTORS, argument), join(play.folder, argument), { recursive: true })
  },
  flip: async (play, argument) => {
    const [name = '', at = ''] = argument.split(' ')
    const bytes = await readFile(join(play.folder, name))
    bytes[Number(at)] = (bytes[Number(at)] ?? 0) ^ 1
    await writeFile(join(play.folder, name), bytes)
  },
  /** serve NAME: a registry, whose host and port are $NAME from then on */
  serve: async (play, name) => {
    play.variables.set(name, await serve(join(play.folder, `store-${name}`)))
  },
}

function memberOf(document: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], document)
}

async function serve(store: string): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, [MAIN, 'serve', '--store', store, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  if (child.stdout === null) throw new Error('no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    const host = /^listening on http:\/\/(.*)$/.exec(line)?.[1]
    if (host !== undefined) return host
  }
  throw new Error('the registry ended before it listened')
}

describe('the command line', () => {
  const scripts = readdirSync(SCRIPTS).filter((name) => name.endsWith('.script'))
  it.each(scripts)('%s', async (script) => {
    const play = new Play(await tmpFolder())
    const lines = readFileSync(join(SCRIPTS, script), 'utf8').split('\n')

    for (const [at, line] of lines.entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue
      await play.line(line).catch((cause: unknown) => {
        throw new Error(`${script}:${at + 1}: ${line}\n${cause instanceof Error ? cause.message : cause}`, { cause })
      })
    }
    play.end()
  })
})
