import { expect, it } from 'vitest'
import { readAll } from '../../src/content/read-all.js'
import { LIMITS } from '../../src/limits.js'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import { anImage, content, noise } from '../support/build.js'
import { aClient } from '../support/registry-client.js'
import { type Recorded, type Reply, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const MiB = 1024 * 1024
const BLOB = content('application/octet-stream', noise(300_000, 'blob'))
const { descriptor, bytes } = BLOB
const PATH = `GET /v2/team/app/blobs/${descriptor.digest}`
const WHOLE: Reply = { status: 200, body: bytes }

function rangeOf(request: Recorded, all = bytes): Reply {
  const from = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1])
  const headers = { 'content-range': `bytes ${from}-${all.byteLength - 1}/${all.byteLength}` }
  return { status: 206, headers, body: all.subarray(from) }
}

async function opened(...steps: Parameters<Awaited<ReturnType<typeof scriptedRegistry>>['on']>[1][]) {
  const registry = await scriptedRegistry()
  registry.on(PATH, ...steps)
  const client = aClient({ side: 'source', timeouts: { stallMs: 1_000 } })
  const repository = client.repository(registry.host)
  const read = async (from?: number) =>
    await readAll(repository.fetch(descriptor, from === undefined ? CALL : { ...CALL, from }), 2 * MiB, 'blob')
  return { registry, client, repository, read }
}

it('reads a blob, and asks for it as it is stored', async () => {
  const { registry, read } = await opened(WHOLE)

  const found = await read()

  expect(Buffer.compare(found, bytes)).toBe(0)
  expect(registry.requests[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' })
  expect(registry.requests[0]?.headers.range).toBeUndefined()
})

it('reads an empty blob', async () => {
  const registry = await scriptedRegistry()
  const empty = content('application/octet-stream', new Uint8Array(0))
  registry.on(/blobs/, { status: 200 })

  const found = await readAll(aClient().repository(registry.host).fetch(empty.descriptor, CALL), 10, 'empty')

  expect(found.byteLength).toBe(0)
})

it('reads a manifest from where manifests are, and names its type first', async () => {
  const registry = await scriptedRegistry()
  const image = anImage()
  const manifest = image.contents.at(-1)?.bytes ?? bytes
  registry.on(/GET .*\/manifests\//, { status: 200, headers: { 'content-type': 'text/plain' }, body: manifest })
  const client = aClient()

  const found = await readAll(client.repository(registry.host).fetch(image.root, CALL), MiB, 'manifest')

  expect(Buffer.compare(found, manifest)).toBe(0)
  expect(registry.requests[0]?.url).toBe(`/v2/team/app/manifests/${image.root.digest}`)
  expect(registry.requests[0]?.headers.accept?.startsWith(`${OCI_MANIFEST}, `)).toBe(true)
  expect(client.events).toMatchObject([{ type: 'warning', code: 'CONTENT_TYPE_DIFFERS' }])
})

it('takes a blob up where the connection broke', async () => {
  const { registry, client, read } = await opened({ ...WHOLE, dropAfter: 100_000 }, rangeOf)

  const found = await read()

  expect(Buffer.compare(found, bytes)).toBe(0)
  expect(registry.requests.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=100000-'])
  expect(client.events).toMatchObject([{ type: 'retrying' }])
})

it('takes a blob up where it stalled', async () => {
  const { registry, read } = await opened({ ...WHOLE, stallAfter: 70_000 }, rangeOf)

  const found = await read()

  expect(Buffer.compare(found, bytes)).toBe(0)
  expect(registry.requests[1]?.headers.range).toBe('bytes=70000-')
})

it('takes a blob up that ended early without a length', async () => {
  const short: Reply = {
    status: 200,
    headers: { 'transfer-encoding': 'chunked', 'content-length': [] },
    body: bytes.subarray(0, 5_000),
  }
  const { registry, read } = await opened(short, rangeOf)

  const found = await read()

  expect(Buffer.compare(found, bytes)).toBe(0)
  expect(registry.requests[1]?.headers.range).toBe('bytes=5000-')
})

it('reads past what it has where the registry ignores ranges', async () => {
  const { read } = await opened({ ...WHOLE, dropAfter: 100_000 }, WHOLE)

  expect(Buffer.compare(await read(), bytes)).toBe(0)
})

it('notices where the second half belongs to other bytes', async () => {
  const other = noise(bytes.byteLength, 'other')
  const { read } = await opened({ ...WHOLE, dropAfter: 100_000 }, (request) => rangeOf(request, Buffer.from(other)))

  await expect(read()).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
})

const LIES: readonly (readonly [string, string])[] = [
  ['another start', 'bytes 99999-299999/300000'],
  ['another end', 'bytes 100000-299998/300000'],
  ['another total', 'bytes 100000-299999/300001'],
  ['no total', 'bytes 100000-299999/*'],
  ['no unit', '100000-299999/300000'],
  ['two ranges', 'bytes 100000-299999/300000, bytes 0-1/300000'],
  ['nothing', ''],
]

it.each(LIES)('does not take a 206 with %s', async (_what, range) => {
  const lie: Reply = { status: 206, headers: { 'content-range': range }, body: bytes.subarray(100_000) }
  const { read } = await opened({ ...WHOLE, dropAfter: 100_000 }, lie)

  await expect(read()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL', side: 'source' })
})

it('does not take part of a blob that it did not ask for', async () => {
  const part: Reply = { status: 206, headers: { 'content-range': 'bytes 0-299999/300000' }, body: bytes }
  const { read } = await opened(part)

  await expect(read()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it('gives up where a connection breaks at the same place again and again', async () => {
  const { registry, client, read } = await opened({ ...WHOLE, dropAfter: 10 }, 'drop')

  await expect(read()).rejects.toMatchObject({ code: 'ERR_SOURCE_UNREACHABLE', side: 'source' })
  expect(registry.requests.length).toBeLessThanOrEqual(10)
  expect(client.waits.length).toBeGreaterThanOrEqual(4)
})

it('goes on for as long as it gets on', async () => {
  const big = content('application/octet-stream', noise(12 * MiB, 'big'))
  const registry = await scriptedRegistry()
  const step = 1.5 * MiB
  registry.on(/blobs/, { status: 200, body: big.bytes, dropAfter: step }, (request) => ({
    ...rangeOf(request, big.bytes as Buffer<ArrayBuffer>),
    dropAfter: step,
  }))

  const found = await readAll(aClient().repository(registry.host).fetch(big.descriptor, CALL), 20 * MiB, 'big')

  expect(digestOf(found)).toBe(big.descriptor.digest)
  expect(registry.requests.length).toBeGreaterThanOrEqual(8)
})

it.each([
  ['are others', noise(bytes.byteLength, 'other')],
  ['are fewer', bytes.subarray(1)],
  ['are more', Buffer.concat([bytes, new Uint8Array(1)])],
])('refuses bytes that %s', async (_what, body) => {
  const { read } = await opened({ status: 200, body })

  await expect(read()).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
})

it('ends an answer that does not end', async () => {
  const { registry, read } = await opened({ status: 200, body: bytes, endless: true })

  await expect(read()).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  expect(registry.requests).toHaveLength(1)
})

it('starts at a byte, and checks the size alone', async () => {
  const { registry, read } = await opened(rangeOf)

  const found = await read(250_000)

  expect(Buffer.compare(found, bytes.subarray(250_000))).toBe(0)
  expect(registry.requests[0]?.headers.range).toBe('bytes=250000-')
})

it('starts at a byte where the registry ignores ranges', async () => {
  const { read } = await opened(WHOLE)

  expect(Buffer.compare(await read(250_000), bytes.subarray(250_000))).toBe(0)
})

it('asks for nothing where everything is there', async () => {
  const { registry, read } = await opened(WHOLE)

  expect((await read(bytes.byteLength)).byteLength).toBe(0)
  expect(registry.requests).toHaveLength(0)
})

it('does not ask for a manifest that is too large to be one', async () => {
  const { registry, repository } = await opened(WHOLE)
  const huge = { ...descriptor, mediaType: OCI_MANIFEST, size: LIMITS.manifestBytes + 1 }

  await expect(readAll(repository.fetch(huge, CALL), 10, 'x')).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  expect(registry.requests).toHaveLength(0)
})

it('throws the reason of a cancelled call as it is, in the middle of a body', async () => {
  const { repository } = await opened({ ...WHOLE, stallAfter: 70_000 })
  const stop = new AbortController()
  const reason = { why: 'enough' }

  const reading = readAll(repository.fetch(descriptor, { signal: stop.signal }), MiB, 'blob')
  setTimeout(() => stop.abort(reason), 50)

  await expect(reading).rejects.toBe(reason)
})

it('leaves the connection to others when a reader stops early', async () => {
  const { repository, read } = await opened({ ...WHOLE, stallAfter: 70_000 }, WHOLE)

  for await (const piece of repository.fetch(descriptor, CALL)) if (piece.byteLength > 0) break

  expect((await read()).byteLength).toBe(bytes.byteLength)
})

it('says what the registry said of a blob that is not there', async () => {
  const errors = [{ code: 'BLOB_UNKNOWN', message: 'gone\u001b[2J', detail: {} }]
  const { read } = await opened({ status: 404, body: JSON.stringify({ errors }) })

  const error: unknown = await read().catch((cause: unknown) => cause)

  expect(error).toMatchObject({ code: 'ERR_NOT_FOUND', side: 'source' })
  expect(String(error)).toContain('BLOB_UNKNOWN')
  expect(String(error)).not.toContain('\u001b')
})
