import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { OUTPUTS } from '../../src/cli/output.js'
import { isJsonObject, parseStrictJson } from '../../src/encoding/strict-json.js'
import { aCosignSignature, anImage } from '../support/build.js'
import { APP, aBundle } from '../support/bundles.js'
import { readFixed } from '../support/keys-fixed.js'
import { STREAM } from '../support/streams.js'
import { tmpFolder } from '../support/tmp.js'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

function waybill(folder: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: folder, WAYBILL_CONFIG: join(folder, 'config') },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

async function text(stream: NodeJS.ReadableStream | null): Promise<string> {
  let all = ''
  for await (const piece of stream ?? []) all += String(piece)
  return all
}

async function serve(folder: string): Promise<string> {
  const child = waybill(folder, 'serve', '--store', 'store', '--listen', '127.0.0.1:0', '--json')
  if (child.stdout === null) throw new Error('no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    return new URL(OUTPUTS['waybill.serve.v1'].parse(JSON.parse(line)).url).host
  }
  throw new Error('it did not start')
}

async function imported(folder: string, bundle: string, to: string) {
  const child = waybill(folder, 'import', bundle, '--to', to, '--json')
  const [out, said, exit] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)])
  expect(exit, said).toBe(0)
  return OUTPUTS['waybill.import.v1'].parse(JSON.parse(out))
}

/** Starts an import, and kills it at an event of this kind; how many there were. */
async function killedAt(folder: string, given: { bundle: string; to: string; type: string; count: number }) {
  const child = waybill(folder, 'import', given.bundle, '--to', given.to, '--events', 'ndjson')
  if (child.stderr === null) throw new Error('no stderr')
  let seen = 0
  for await (const line of createInterface({ input: child.stderr })) {
    const event = parseStrictJson(Buffer.from(line), 'event')
    if (isJsonObject(event) && event['type'] === given.type) seen += 1
    if (seen === given.count) child.kill('SIGKILL')
  }
  await ended(child)
  return seen
}

const TAGS = ['latest', 'v1', 'v2', 'v3']

async function tagsAt(host: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const tag of TAGS) {
    const answer = await fetch(`http://${host}/v2/team/app/manifests/${tag}`, {
      method: 'HEAD',
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    })
    if (answer.ok) found[tag] = answer.headers.get('docker-content-digest') ?? ''
  }
  return found
}

/** `latest` moves with each number, and each has a tag of its own that means the same. */
async function numbered(sequence: number): Promise<string> {
  const image = anImage({ seed: `number ${sequence}`, layers: 4, size: 50_000 })
  const [latest, own] = [image.tagged('latest'), image.tagged(`v${sequence}`)]
  return await aBundle([latest, own, aCosignSignature(latest)], {
    sources: [`${APP}:latest`, `${APP}:v${sequence}`],
    place: { stream: STREAM, sequence },
  })
}

describe('an import that is killed with SIGKILL', () => {
  it.each([
    ['blob-ended', 1],
    ['blob-ended', 4],
    ['stage-started', 2],
    ['tagged', 1],
    ['tagged', 2],
    ['tagged', 3],
  ])('at %s number %i comes to its end, and keeps the older bundle out', { timeout: 60_000 }, async (type, count) => {
    const folder = await tmpFolder()
    const store = join(folder, 'config/truststore/x509/ca/exporters')
    await mkdir(store, { recursive: true })
    await writeFile(join(store, 'root.crt'), readFixed('trust/exporter-root.crt'))
    const to = await serve(folder)
    const [one, two, three] = [await numbered(1), await numbered(2), await numbered(3)]
    await imported(folder, one, to)
    const before = await tagsAt(to)

    await killedAt(folder, { bundle: two, to, type, count })

    const between = await tagsAt(to)
    const moved = Object.keys(between).some((tag) => between[tag] !== before[tag])
    if (moved) expect(await ended(waybill(folder, 'import', one, '--to', to))).toBe(4)
    const next = await imported(folder, three, to)
    const tags = await tagsAt(to)
    expect(tags['latest']).toBe(tags['v3'])
    expect(tags['v1']).toBe(before['v1'])
    // With its first name number 2 gets all of them, before anything else comes; without it, it has none.
    expect('v2' in tags).toBe(moved || next.finished !== undefined)
    expect((await imported(folder, three, to)).nothingToDo).toBe(true)
    expect(await ended(waybill(folder, 'import', two, '--to', to))).toBe(4)
    expect(await readdir(join(folder, 'config/state/journal'))).toHaveLength(1)
  })
})
