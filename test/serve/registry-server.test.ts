import { readdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.js'
import { startRegistry } from '../../src/serve/registry-server.js'
import { anImage, noise } from '../support/build.js'
import { tmpFolder } from '../support/tmp.js'
import { startTestRegistry } from './registry-under-test.js'

test('says what it is', async () => {
  const registry = await startTestRegistry()

  for (const path of ['/v2/', '/v2']) {
    const reply = await registry.call('GET', path)

    expect([reply.status, reply.headers['docker-distribution-api-version']]).toEqual([200, 'registry/2.0'])
  }
})

test.each([
  ['POST', '/v2/'],
  ['DELETE', '/v2/app/tags/list'],
  ['PUT', `/v2/app/blobs/${digestOf(Buffer.from('x'))}`],
  ['PATCH', '/v2/app/manifests/v1'],
  ['GET', '/v2/app/blobs/uploads/'],
  ['PUT', `/v2/app/referrers/${digestOf(Buffer.from('x'))}`],
  ['TRACE', '/v2/'],
])('%s %s is not supported, and the answer says what is', async (method, path) => {
  const registry = await startTestRegistry()

  const refused = await registry.call(method, path)

  expect([refused.status, refused.code()]).toEqual([405, 'UNSUPPORTED'])
  expect(refused.headers.allow).toMatch(/GET|POST/)
})

test('what is stored is there after a restart, without the uploads that were not finished', async () => {
  const store = join(await tmpFolder(), 'store')
  const first = await startTestRegistry({ store })
  const image = anImage({ layers: 3 }).tagged('v1')
  await first.push('app', image)
  await first.call('PATCH', await first.startUpload('app'), { body: noise(5000, 'unfinished') })
  await first.close()
  await writeFile(join(store, 'work', 'left-by-a-crash'), 'x')

  const second = await startTestRegistry({ store })

  const got = await second.call('GET', '/v2/app/manifests/v1')
  expect(got.headers['docker-content-digest']).toBe(image.root.digest)
  for (const { descriptor, bytes } of image.contents.slice(0, -1)) {
    const blob = await second.call('GET', `/v2/app/blobs/${descriptor.digest}`)
    expect(blob.body.equals(bytes)).toBe(true)
  }
  expect(await readdir(join(store, 'work'))).toEqual([])
})

test('two servers cannot have one store, and the second can when the first has ended', async () => {
  const first = await startTestRegistry()
  const options = { store: first.store, host: '127.0.0.1', port: 0 }

  await expect(startRegistry(options)).rejects.toMatchObject({ code: 'ERR_STORE_BUSY' })
  const stillServing = await first.call('GET', '/v2/')
  await first.close()
  const second = await startRegistry(options)
  await second.close()

  expect(stillServing.status).toBe(200)
})

test('a port that is taken is named, and the store is free again', async () => {
  const first = await startTestRegistry()
  const store = join(await tmpFolder(), 'store')

  const failed = startRegistry({ store, host: '127.0.0.1', port: first.running.port })

  await expect(failed).rejects.toMatchObject({ code: 'ERR_LISTEN', subject: `127.0.0.1:${first.running.port}` })
  const second = await startRegistry({ store, host: '127.0.0.1', port: 0 })
  await second.close()
})

test('a folder with other things in it is not touched', async () => {
  const store = await tmpFolder()
  await writeFile(join(store, 'thesis.txt'), 'years of work')

  await expect(startRegistry({ store, host: '127.0.0.1', port: 0 })).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })

  expect(await readdir(store)).toEqual(['thesis.txt'])
})

test('a store that cannot be made is an error of the medium', async () => {
  const file = join(await tmpFolder(), 'file')
  await writeFile(file, '')

  const failed = startRegistry({ store: join(file, 'store'), host: '127.0.0.1', port: 0 })

  await expect(failed).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
})

test('closes at once when clients only keep their connections, and soon when one does not go on', async () => {
  const registry = await startTestRegistry()
  await registry.call('GET', '/v2/')
  const upload = await registry.startUpload('app')
  const socket = connect(registry.running.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`PATCH ${upload} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf`)
  await sleep(50)

  const started = performance.now()
  await Promise.all([registry.running.close(), registry.running.close()])

  expect(performance.now() - started).toBeLessThan(5_000)
  socket.destroy()
})

test('a connection is used again after a body that nobody wanted', async () => {
  const registry = await startTestRegistry()
  const body = noise(600_000, 'unwanted')

  const refused = await registry.call('PUT', `/v2/app/blobs/uploads/${'0'.repeat(32)}`, { body })
  const missing = await registry.call('PATCH', `/v2/app/blobs/uploads/${'0'.repeat(32)}`, { body })
  const next = await registry.call('GET', '/v2/')

  expect([refused.status, missing.status, next.status]).toEqual([400, 404, 200])
})

test('the log has a printable line for each request', async () => {
  const registry = await startTestRegistry()

  await registry.call('GET', '/v2/app/tags/list?x=%1b[2J')
  await registry.call('GET', '/v2/')
  await registry.close()

  expect(registry.lines).toEqual([
    { method: 'GET', target: '/v2/app/tags/list?x=%1b[2J', status: 404 },
    { method: 'GET', target: '/v2/', status: 200 },
  ])
})

test.each([
  ['a negative length', 'GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
  ['a path with a NUL', 'GET /v2/\u0000 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['headers without end', `GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`],
  [
    'two lengths',
    'PUT /v2/a/manifests/b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
  ],
  ['no HTTP at all', 'garbage\r\n\r\n'],
])('%s does not stop the server', async (_, text) => {
  const registry = await startTestRegistry()
  const socket = connect(registry.running.port, '127.0.0.1')
  const ended = new Promise((resolve) => socket.on('close', resolve).on('error', resolve))

  socket.resume().write(text)
  await ended

  expect((await registry.call('GET', '/v2/')).status).toBe(200)
})
