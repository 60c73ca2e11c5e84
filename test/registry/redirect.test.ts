import { expect, it } from 'vitest'
import { readAll } from '../../src/content/read-all.js'
import { once } from '../../src/content/reopenable.js'
import { vetTarget } from '../../src/registry/redirect.js'
import { content, noise } from '../support/build.js'
import { aClient, aPassword } from '../support/registry-client.js'
import { type ScriptedRegistry, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const { descriptor, bytes } = content('application/octet-stream', noise(1000, 'blob'))
const PLACE = { side: 'source', registry: 'reg.example' } as const

async function twoServers(): Promise<{
  registry: ScriptedRegistry
  storage: ScriptedRegistry
  read(): Promise<Uint8Array>
}> {
  const registry = await scriptedRegistry()
  const storage = await scriptedRegistry()
  const client = aClient({ side: 'source', credential: aPassword() })
  const read = () => readAll(client.repository(registry.host).fetch(descriptor, CALL), 10_000, 'blob')
  return { registry, storage, read }
}

const CHALLENGE = { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } }

it.each([301, 302, 303, 307, 308])('follows a %i to another origin without credentials', async (status) => {
  const { registry, storage, read } = await twoServers()
  const location = `${storage.url}/bucket/x?signature=a%20b~c`
  registry.on(/blobs/, CHALLENGE, { status, headers: { location } })
  storage.on(/bucket/, { status: 200, body: bytes })

  const found = await read()

  expect(Buffer.compare(found, bytes)).toBe(0)
  expect(registry.requests.at(-1)?.headers.authorization).toMatch(/^Basic /)
  expect(storage.requests.map(({ url }) => url)).toEqual(['/bucket/x?signature=a%20b~c'])
  expect(storage.requests[0]?.headers.authorization).toBeUndefined()
  expect(storage.requests[0]?.headers.host).toBe(storage.host)
})

it('keeps credentials at the same origin', async () => {
  const { registry, read } = await twoServers()
  registry.on(/blobs/, CHALLENGE, { status: 307, headers: { location: '/elsewhere' } })
  registry.on('GET /elsewhere', { status: 200, body: bytes })

  await read()

  expect(registry.asked('GET /elsewhere')[0]?.headers.authorization).toMatch(/^Basic /)
})

it('does not answer the challenge of another origin', async () => {
  const { registry, storage, read } = await twoServers()
  registry.on(/blobs/, CHALLENGE, { status: 307, headers: { location: `${storage.url}/x` } })
  storage.on(/./, CHALLENGE)

  await expect(read()).rejects.toMatchObject({ code: 'ERR_UNAUTHORIZED' })
  expect(storage.requests).toHaveLength(1)
  expect(storage.requests[0]?.headers.authorization).toBeUndefined()
})

it('sends no credentials on the way back from another origin', async () => {
  const { registry, storage, read } = await twoServers()
  registry.on(/blobs/, CHALLENGE, { status: 307, headers: { location: `${storage.url}/x` } })
  storage.on(/./, { status: 307, headers: { location: `${registry.url}/steal` } })
  registry.on('GET /steal', { status: 200, body: bytes })

  await read()

  expect(registry.asked('GET /steal')[0]?.headers.authorization).toBeUndefined()
})

it('takes a blob up at the registry, not at a place that may have expired', async () => {
  const { registry, storage, read } = await twoServers()
  registry.on(
    /blobs/,
    { status: 307, headers: { location: `${storage.url}/one` } },
    {
      status: 307,
      headers: { location: `${storage.url}/two` },
    },
  )
  storage.on('GET /one', { status: 200, body: bytes, dropAfter: 400 })
  storage.on('GET /two', {
    status: 206,
    headers: { 'content-range': 'bytes 400-999/1000' },
    body: bytes.subarray(400),
  })

  expect(Buffer.compare(await read(), bytes)).toBe(0)
  expect(storage.asked('GET /two')[0]?.headers.range).toBe('bytes=400-')
})

it('does not run in circles', async () => {
  const { registry, read } = await twoServers()
  registry.on(/GET/, { status: 307, headers: { location: '/again' } })

  await expect(read()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  expect(registry.requests.length).toBeLessThanOrEqual(11)
})

it.each([
  ['https://reg.example', 'http://reg.example/x'],
  ['https://reg.example', 'http://storage.example/x'],
  ['https://reg.example', 'https://127.0.0.1/x'],
  ['https://reg.example', 'https://[::1]/x'],
  ['https://reg.example', 'https://localhost/x'],
  ['https://reg.example', 'https://169.254.169.254/latest/meta-data'],
  ['https://reg.example', 'https://10.0.0.1/x'],
  ['http://reg.example', 'http://2852039166/x'],
  ['https://reg.example', 'https://alice:pw@storage.example/x'],
  ['https://reg.example', 'file:///etc/passwd'],
  ['https://reg.example', 'gopher://x'],
  ['https://reg.example', 'https://'],
])('does not go from %s to %s', (from, to) => {
  expect(() => vetTarget(to, new URL(from), PLACE)).toThrow(expect.objectContaining({ code: 'ERR_REGISTRY_PROTOCOL' }))
})

it('does not show the signature in a target that it refuses', () => {
  const refused = () => vetTarget('http://s3.example/x?X-Signature=sesame', new URL('https://reg.example'), PLACE)

  expect(refused).toThrow(expect.objectContaining({ message: expect.not.stringContaining('sesame') }))
})

it('follows a 307 with a body that can be read again', async () => {
  const { registry, storage } = await twoServers()
  registry.on(/POST/, { status: 202, headers: { location: '/up' } })
  registry.on(/PUT/, { status: 307, headers: { location: `${storage.url}/bucket` } })
  storage.on(/./, { status: 201 })

  await aClient().repository(registry.host).push(descriptor, once(bytes), CALL)

  expect(Buffer.compare(storage.requests[0]?.body ?? Buffer.alloc(0), bytes)).toBe(0)
})

it('does not follow a 302 with a body', async () => {
  const { registry } = await twoServers()
  registry.on(/PUT/, { status: 302, headers: { location: '/elsewhere' } })
  const client = aClient({ side: 'sink' })
  registry.on(/POST/, { status: 202, headers: { location: '/up' } })

  const pushing = client.repository(registry.host).push(descriptor, once(bytes), CALL)

  await expect(pushing).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  expect(registry.asked(/elsewhere/)).toEqual([])
})
