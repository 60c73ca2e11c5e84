import { expect, it } from 'vitest'
import { once, reopenable } from '../../src/content/reopenable.js'
import type { Bytes } from '../../src/content/store.js'
import { content, noise } from '../support/build.js'
import { aClient, aPassword } from '../support/registry-client.js'
import { type Recorded, type Step, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const BLOB = content('application/octet-stream', noise(700_000, 'blob'))
const { descriptor, bytes } = BLOB
const START = 'POST /v2/team/app/blobs/uploads/'
const OPENED = { status: 202, headers: { location: '/v2/team/app/blobs/uploads/1?state=a%20b~c%2F' } }
const STORED = { status: 201, headers: { 'docker-content-digest': descriptor.digest } }

async function opened(...steps: readonly Step[]) {
  const registry = await scriptedRegistry()
  registry.on(START, OPENED)
  registry.on(/^PUT /, ...steps)
  const client = aClient({ credential: aPassword(), timeouts: { stallMs: 500 } })
  const repository = client.repository(registry.host)
  return { registry, client, push: (from: Bytes = once(bytes)) => repository.push(descriptor, from, CALL) }
}

async function* generated(pieceBytes: number): Bytes {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

function puts(requests: readonly Recorded[]): readonly Recorded[] {
  return requests.filter(({ method }) => method === 'PUT')
}

it.each([1_000, 65_536, 262_144, 700_000])('sends a blob in one PUT from pieces of %i bytes', async (pieceBytes) => {
  const { registry, push } = await opened(STORED)

  await push(generated(pieceBytes))

  const [put] = puts(registry.requests)
  expect(put?.headers).toMatchObject({ 'content-length': '700000', 'content-type': 'application/octet-stream' })
  expect(put?.headers['transfer-encoding']).toBeUndefined()
  expect(Buffer.compare(put?.body ?? Buffer.alloc(0), bytes)).toBe(0)
})

it('keeps the query of the location byte for byte and adds the digest', async () => {
  const { registry, push } = await opened(STORED)

  await push()

  expect(puts(registry.requests)[0]?.url).toBe(
    `/v2/team/app/blobs/uploads/1?state=a%20b~c%2F&digest=${descriptor.digest}`,
  )
})

it('stores an empty blob', async () => {
  const { registry } = await opened(STORED)
  const empty = content('application/octet-stream', new Uint8Array(0))
  registry.on(/^PUT /, { status: 201 })

  await aClient().repository(registry.host).push(empty.descriptor, once(empty.bytes), CALL)

  expect(puts(registry.requests)[0]?.headers['content-length']).toBe('0')
})

it('sends no credentials to a location on another host', async () => {
  const storage = await scriptedRegistry()
  storage.on(/./, { status: 201 })
  const { registry, push } = await opened(STORED)
  registry.on(
    START,
    { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } },
    { status: 202, headers: { location: `${storage.url}/bucket?sig=1` } },
  )

  await push()

  expect(registry.requests.at(-1)?.headers.authorization).toMatch(/^Basic /)
  expect(storage.requests[0]?.headers.authorization).toBeUndefined()
  expect(storage.requests[0]?.url).toBe(`/bucket?sig=1&digest=${descriptor.digest}`)
})

it.each([
  ['file:///etc/passwd', 'ERR_REGISTRY_PROTOCOL'],
  ['http://user:pw@127.0.0.1/x', 'ERR_REGISTRY_PROTOCOL'],
  ['http://', 'ERR_REGISTRY_PROTOCOL'],
])('refuses the location %s', async (location, code) => {
  const { registry, push } = await opened(STORED)
  registry.on(START, { status: 202, headers: { location } })

  await expect(push()).rejects.toMatchObject({ code })
  expect(puts(registry.requests)).toEqual([])
})

it.each([
  ['without a location', { status: 202 }],
  ['that is done before it began', { status: 201, headers: { location: '/x' } }],
])('refuses an upload %s', async (_what, step) => {
  const { registry, push } = await opened(STORED)
  registry.on(START, step)

  await expect(push()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it.each(['drop', { status: 503 }, { status: 500, early: true }] satisfies Step[])(
  'starts again from the beginning after %j',
  async (step) => {
    const { registry, client, push } = await opened(step, STORED)

    await push(reopenable(() => generated(65_536)))

    expect(registry.asked(START)).toHaveLength(2)
    expect(Buffer.compare(puts(registry.requests).at(-1)?.body ?? Buffer.alloc(0), bytes)).toBe(0)
    expect(client.events.map(({ type }) => type)).toEqual(['retrying'])
  },
)

it('does not start again with bytes that are gone', async () => {
  const { registry, push } = await opened('drop', STORED)

  await expect(push(generated(65_536))).rejects.toMatchObject({ code: 'ERR_SINK_UNREACHABLE', side: 'sink' })
  expect(puts(registry.requests)).toHaveLength(1)
})

it('starts again with bytes of which none was taken', async () => {
  const { registry, push } = await opened(STORED)
  registry.on(START, { status: 503 }, 'drop', OPENED)

  await push(generated(65_536))

  expect(puts(registry.requests)).toHaveLength(1)
})

it('answers a 401 in the middle of an upload', async () => {
  const { registry, push } = await opened(
    { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' }, early: true },
    STORED,
  )

  await push()

  const last = puts(registry.requests).at(-1)
  expect(last?.headers.authorization).toMatch(/^Basic /)
  expect(last?.body.byteLength).toBe(bytes.byteLength)
})

it('does not wait for ever for a registry that takes nothing', async () => {
  const big = content('application/octet-stream', noise(30_000_000, 'big'))
  const { registry } = await opened('deaf')
  const client = aClient({ timeouts: { stallMs: 100 } })

  const pushing = client.repository(registry.host).push(big.descriptor, once(big.bytes), CALL)

  await expect(pushing).rejects.toMatchObject({ code: 'ERR_SINK_UNREACHABLE' })
  expect(puts(registry.requests)).toHaveLength(5)
})

const WRONG: readonly (readonly [string, Uint8Array])[] = [
  ['too few', bytes.subarray(1)],
  ['too many', Buffer.concat([bytes, new Uint8Array(1)])],
  ['none', new Uint8Array(0)],
]

it.each(WRONG)('never ends a request with %s bytes', async (_what, wrong) => {
  const { registry, push } = await opened(STORED)

  await expect(push(once(wrong))).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  expect(puts(registry.requests)).toEqual([])
})

it('says whose mistake it is when the registry finds another digest', async () => {
  const { push } = await opened({ status: 400, body: '{"errors":[{"code":"SOMETHING"}]}' })

  await expect(push(once(noise(700_000, 'other')))).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  await expect(push()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it('throws what the source of the bytes throws, as it is, and ends no request', async () => {
  const { registry, push } = await opened(STORED)
  const failure = new Error('the medium is gone')

  const pushing = push(
    reopenable(async function* () {
      yield bytes.subarray(0, 400_000)
      throw failure
    }),
  )

  await expect(pushing).rejects.toBe(failure)
  expect(puts(registry.requests)).toEqual([])
})

it('throws the reason of a cancelled call as it is', async () => {
  const { registry } = await opened('stall')
  const stop = new AbortController()
  const reason = new Error('enough')
  setTimeout(() => stop.abort(reason), 100)

  const pushing = aClient().repository(registry.host).push(descriptor, once(bytes), { signal: stop.signal })

  await expect(pushing).rejects.toBe(reason)
})

it('does not take another digest for the one that was sent', async () => {
  const other = content('x/y', noise(3, 'other')).descriptor.digest
  const { push } = await opened({ status: 201, headers: { 'docker-content-digest': other } })

  await expect(push()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it.each([
  [403, 'ERR_FORBIDDEN'],
  [404, 'ERR_NOT_FOUND'],
  [202, 'ERR_REGISTRY_PROTOCOL'],
  [409, 'ERR_REGISTRY_PROTOCOL'],
])('turns a %i into %s', async (status, code) => {
  const { push } = await opened({ status })

  await expect(push()).rejects.toMatchObject({ code, side: 'sink' })
})
