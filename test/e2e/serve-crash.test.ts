import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.js'
import { childrenOf, parseManifest } from '../../src/oci/manifest.js'
import { isManifestType } from '../../src/oci/media-types.js'
import { anArtifact, anImage, type Built, noise } from '../support/build.js'
import { tmpFolder } from '../support/tmp.js'

const ROUNDS = 10
const PUSHERS = 4

interface Server {
  readonly url: string
  readonly child: ChildProcess
}

async function startServer(store: string): Promise<Server> {
  const args = ['dist/cli/main.js', 'serve', '--store', store, '--listen', '127.0.0.1:0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (http:.*)$/.exec(line)?.[1]
    if (url !== undefined) return { url, child }
  }
  throw new Error('the server ended before it listened')
}

async function kill(server: Server): Promise<void> {
  server.child.kill('SIGKILL')
  await once(server.child, 'exit')
}

async function put(url: string, body: Uint8Array, mediaType: string): Promise<void> {
  const response = await fetch(url, { method: 'PUT', body, headers: { 'Content-Type': mediaType } })
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
}

async function pushBlob(url: string, bytes: Uint8Array): Promise<void> {
  const started = await fetch(`${url}/v2/app/blobs/uploads/`, { method: 'POST' })
  await put(`${url}${started.headers.get('location')}?digest=${digestOf(bytes)}`, bytes, 'application/octet-stream')
}

async function push(url: string, built: Built): Promise<void> {
  for (const { bytes, descriptor } of built.contents) {
    if (!isManifestType(descriptor.mediaType)) await pushBlob(url, bytes)
  }
  for (const { bytes, descriptor } of built.contents) {
    if (!isManifestType(descriptor.mediaType)) continue
    const tag = Object.keys(built.tags).find((name) => built.tags[name]?.digest === descriptor.digest)
    await put(`${url}/v2/app/manifests/${tag ?? descriptor.digest}`, bytes, descriptor.mediaType)
  }
}

/** Pushes images with a signature each until the server is gone; gives the tags that the server has answered for. */
async function pushUntilKilled(url: string, name: string): Promise<readonly [string, string][]> {
  const layers = [noise(700_000, `${name} a`), noise(90_000, `${name} b`)]
  const answered: [string, string][] = []
  try {
    for (let count = 0; ; count += 1) {
      const tag = `${name}-${count}`
      const image = anImage({ layers: [...layers, Buffer.from(tag)] }).tagged(tag)
      await push(url, image)
      answered.push([tag, image.root.digest])
      const signature = anArtifact({ subject: image }).tagged(`${tag}-signature`)
      await push(url, signature)
      answered.push([`${tag}-signature`, signature.root.digest])
    }
  } catch {
    return answered
  }
}

async function get(url: string): Promise<Uint8Array> {
  const response = await fetch(url)
  const body = new Uint8Array(await response.arrayBuffer())
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${Buffer.from(body)}`)
  return body
}

/** Fails unless everything below the tag is there with the right bytes; gives its digest. */
async function expectWhole(url: string, tag: string, seen: Set<string>): Promise<string> {
  const response = await fetch(`${url}/v2/app/manifests/${tag}`)
  expect([tag, response.status]).toEqual([tag, 200])
  const bytes = new Uint8Array(await response.arrayBuffer())
  const digest = digestOf(bytes)
  expect(response.headers.get('docker-content-digest')).toBe(digest)
  const manifest = parseManifest(bytes, response.headers.get('content-type') ?? '', tag)
  for (const child of childrenOf(manifest)) {
    if (seen.has(child.digest)) continue
    seen.add(child.digest)
    expect(digestOf(await get(`${url}/v2/app/blobs/${child.digest}`))).toBe(child.digest)
  }
  if (manifest.subject !== undefined) {
    const list = Buffer.from(await get(`${url}/v2/app/referrers/${manifest.subject.digest}`)).toString()
    expect(list).toContain(digest)
  }
  return digest
}

test('after kill -9 at any moment of many pushes everything that can be seen is whole, and what was answered is there', async () => {
  const store = join(await tmpFolder(), 'store')
  const expected = new Map<string, string>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const server = await startServer(store)
    const pushers = Array.from({ length: PUSHERS }, (_, at) => pushUntilKilled(server.url, `r${round}-p${at}`))
    await sleep(30 + Math.random() * 400)
    await kill(server)
    for (const answered of await Promise.all(pushers)) for (const [tag, digest] of answered) expected.set(tag, digest)
  }

  const server = await startServer(store)
  const listed = Buffer.from(await get(`${server.url}/v2/app/tags/list`)).toString()
  const { tags }: { tags: string[] } = JSON.parse(listed)
  const found = new Map<string, string>()
  const seen = new Set<string>()
  for (const tag of tags) found.set(tag, await expectWhole(server.url, tag, seen))

  expect(expected.size).toBeGreaterThan(0)
  for (const [tag, digest] of expected) expect([tag, found.get(tag)]).toEqual([tag, digest])
  expect(await readdir(join(store, 'work'))).toEqual([])
  for (const hex of await readdir(join(store, 'blobs', 'sha256'))) {
    expect(digestOf(await readFile(join(store, 'blobs', 'sha256', hex)))).toBe(`sha256:${hex}`)
  }
  await kill(server)
})

test('an interrupted server ends by itself, and the next one needs no help', async () => {
  const store = join(await tmpFolder(), 'store')
  const first = await startServer(store)
  await push(first.url, anImage().tagged('v1'))

  first.child.kill('SIGTERM')
  await once(first.child, 'exit')
  const second = await startServer(store)
  const again = await fetch(`${second.url}/v2/app/manifests/v1`, { method: 'HEAD' })
  await kill(second)

  expect(again.status).toBe(200)
})

test('a second server on the same folder says whose it is', async () => {
  const store = join(await tmpFolder(), 'store')
  const first = await startServer(store)

  const args = ['dist/cli/main.js', 'serve', '--store', store, '--listen', '127.0.0.1:0']
  const second = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  second.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const [code] = await once(second, 'exit')
  await kill(first)

  expect(code).toBe(8)
  expect(said).toContain('ERR_STORE_BUSY')
  expect(said).toContain(String(first.child.pid))
})
