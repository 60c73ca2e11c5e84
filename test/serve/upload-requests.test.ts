import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.js'
import { noise } from '../support/build.js'
import { startTestRegistry, type TestRegistry } from './registry-under-test.js'

/** for what happens by itself, on a busy machine too */
const PATIENCE = { timeout: 20_000 } as const

const BYTES = noise(1000, 'chunks')
const DIGEST = digestOf(BYTES)

async function expectBlob(registry: TestRegistry, location: string | undefined, bytes: Uint8Array): Promise<void> {
  const got = await registry.call('GET', location ?? '')
  expect(got.status).toBe(200)
  expect(got.body.equals(bytes)).toBe(true)
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) {
    yield bytes.subarray(at, at + size)
    await sleep(0)
  }
}

describe.each(['sha256', 'sha512'] as const)('a blob with a %s digest', (algorithm) => {
  const digest = digestOf(BYTES, algorithm)

  test('is pushed in one request', async () => {
    const registry = await startTestRegistry()

    const pushed = await registry.call('POST', `/v2/app/blobs/uploads/?digest=${digest}`, { body: BYTES })

    expect(pushed.status).toBe(201)
    expect(pushed.headers['docker-content-digest']).toBe(digest)
    await expectBlob(registry, pushed.headers.location, BYTES)
  })

  test('is pushed with POST and PUT', async () => {
    const registry = await startTestRegistry()

    const upload = await registry.startUpload('app')
    const pushed = await registry.call('PUT', `${upload}?digest=${digest}`, { body: BYTES })

    expect(pushed.status).toBe(201)
    await expectBlob(registry, pushed.headers.location, BYTES)
  })

  test('is pushed in chunks, the last of them with PUT', async () => {
    const registry = await startTestRegistry()

    let upload = await registry.startUpload('app', `?digest-algorithm=${algorithm}`)
    for (const [first, last] of [
      [0, 399],
      [400, 799],
    ] as const) {
      const headers = { 'Content-Range': `${first}-${last}` }
      const sent = await registry.call('PATCH', upload, { headers, body: BYTES.subarray(first, last + 1) })
      expect([sent.status, sent.headers.range]).toEqual([202, `0-${last}`])
      upload = sent.headers.location ?? ''
    }
    const headers = { 'Content-Range': '800-999' }
    const pushed = await registry.call('PUT', `${upload}?digest=${digest}`, { headers, body: BYTES.subarray(800) })

    expect(pushed.status).toBe(201)
    await expectBlob(registry, pushed.headers.location, BYTES)
  })
})

test('a blob is streamed with one PATCH of unknown length and an empty PUT, as Docker and Podman do', async () => {
  const registry = await startTestRegistry()
  const bytes = noise(2_500_000, 'streamed')

  const upload = await registry.startUpload('app')
  const sent = await registry.call('PATCH', upload, { body: inPieces(bytes, 77_777) })
  const pushed = await registry.call('PUT', `${upload}?digest=${digestOf(bytes)}`)

  expect([sent.status, sent.headers.range, pushed.status]).toEqual([202, '0-2499999', 201])
  await expectBlob(registry, pushed.headers.location, bytes)
})

test('an upload begins with a relative location, so that a proxy may have another name', async () => {
  const registry = await startTestRegistry()

  const started = await registry.call('POST', '/v2/team/app/blobs/uploads/')

  expect(started.status).toBe(202)
  expect(started.headers.location).toMatch(/^\/v2\/team\/app\/blobs\/uploads\/[0-9a-f]{32}$/)
})

describe('a chunk out of order', () => {
  test.each(['PATCH', 'PUT'])('is refused with %s, and the upload goes on from where it was', async (method) => {
    const registry = await startTestRegistry()
    const upload = await registry.startUpload('app')
    const first = { headers: { 'Content-Range': '0-499' }, body: BYTES.subarray(0, 500) }
    await registry.call('PATCH', upload, first)

    const path = method === 'PUT' ? `${upload}?digest=${DIGEST}` : upload
    const wrong = { headers: { 'Content-Range': '600-999' }, body: BYTES.subarray(600) }
    const refused = await registry.call(method, path, wrong)
    const twice = await registry.call(method, path, first)
    const status = await registry.call('GET', upload)
    const right = { headers: { 'Content-Range': '500-999' }, body: BYTES.subarray(500) }
    const pushed = await registry.call('PUT', `${upload}?digest=${DIGEST}`, right)

    expect([refused.status, refused.code(), refused.headers.range]).toEqual([416, 'BLOB_UPLOAD_INVALID', '0-499'])
    expect(twice.status).toBe(416)
    expect([status.status, status.headers.range, status.headers.location]).toEqual([204, '0-499', upload])
    expect(pushed.status).toBe(201)
    await expectBlob(registry, pushed.headers.location, BYTES)
  })

  test('is refused when it comes first', async () => {
    const registry = await startTestRegistry()
    const upload = await registry.startUpload('app')

    const refused = await registry.call('PATCH', upload, { headers: { 'Content-Range': '1-1000' }, body: BYTES })
    const status = await registry.call('GET', upload)

    expect([refused.status, status.status, status.headers.range]).toEqual([416, 204, '0-0'])
  })
})

test.each([
  ['0-9', 1000],
  ['0-1999', 1000],
])('a chunk of another length than its range %s says is refused', async (range, length) => {
  const registry = await startTestRegistry()
  const upload = await registry.startUpload('app')
  const headers = { 'Content-Range': range }
  const body = BYTES.subarray(0, length)

  const announced = await registry.call('PATCH', upload, { headers, body })
  const streamed = await registry.call('PATCH', upload, { headers, body: inPieces(body, 100) })
  const after = await registry.call('GET', upload)

  expect([announced.status, announced.code()]).toEqual([400, 'SIZE_INVALID'])
  expect([streamed.status, streamed.code()]).toEqual([400, 'SIZE_INVALID'])
  expect(after.status).toBe(404)
})

describe('content that is not what its digest says', () => {
  test.each(['POST', 'PUT'])('is refused with %s, and nothing of it stays', async (method) => {
    const registry = await startTestRegistry()
    const path = method === 'POST' ? '/v2/app/blobs/uploads/' : await registry.startUpload('app')

    const refused = await registry.call(method, `${path}?digest=${DIGEST}`, { body: Buffer.from('something else') })
    const got = await registry.call('GET', `/v2/app/blobs/${DIGEST}`)

    expect([refused.status, refused.code(), got.status]).toEqual([400, 'DIGEST_INVALID', 404])
    expect(await readdir(join(registry.store, 'work'))).toEqual([])
  })

  test.each([
    'sha256:baddigeststring',
    'sha256:',
    '',
    'md5:d41d8cd98f00b204e9800998ecf8427e',
    `sha256:${'A'.repeat(64)}`,
  ])('the digest %j is refused before anything is read', async (digest) => {
    const registry = await startTestRegistry()
    const upload = await registry.startUpload('app')

    const put = await registry.call('PUT', `${upload}?digest=${encodeURIComponent(digest)}`, { body: BYTES })
    const post = await registry.call('POST', `/v2/app/blobs/uploads/?digest=${digest}`, { body: BYTES })

    expect([put.status, put.code(), post.status, post.code()]).toEqual([400, 'DIGEST_INVALID', 400, 'DIGEST_INVALID'])
  })
})

describe('an upload', () => {
  test('can be cancelled', async () => {
    const registry = await startTestRegistry()
    const upload = await registry.startUpload('app')
    await registry.call('PATCH', upload, { body: BYTES })

    const cancelled = await registry.call('DELETE', upload)
    const after = await registry.call('PUT', `${upload}?digest=${DIGEST}`)

    expect([cancelled.status, after.status, after.code()]).toEqual([204, 404, 'BLOB_UPLOAD_UNKNOWN'])
    expect(await readdir(join(registry.store, 'work'))).toEqual([])
  })

  test('cannot be used from another repository', async () => {
    const registry = await startTestRegistry()
    const upload = await registry.startUpload('team-a/app')
    const other = upload.replace('team-a', 'team-b')

    const replies = [
      await registry.call('PATCH', other, { body: BYTES }),
      await registry.call('PUT', `${other}?digest=${DIGEST}`, { body: BYTES }),
      await registry.call('GET', other),
      await registry.call('DELETE', other),
    ]
    const own = await registry.call('GET', upload)

    expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect([own.status, own.headers.range]).toEqual([204, '0-0'])
  })

  test('is over after its blob', async () => {
    const registry = await startTestRegistry()
    const upload = await registry.startUpload('app')
    await registry.call('PUT', `${upload}?digest=${DIGEST}`, { body: BYTES })

    const again = await registry.call('PUT', `${upload}?digest=${DIGEST}`, { body: BYTES })

    expect([again.status, again.code()]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN'])
  })

  test('takes one request at a time: of two chunks for the same place one wins', async () => {
    const registry = await startTestRegistry()
    const upload = await registry.startUpload('app')
    const chunk = { headers: { 'Content-Range': '0-999' }, body: BYTES }

    const both = await Promise.all([registry.call('PATCH', upload, chunk), registry.call('PATCH', upload, chunk)])
    const pushed = await registry.call('PUT', `${upload}?digest=${DIGEST}`)

    expect(both.map(({ status }) => status).sort()).toEqual([202, 416])
    expect(pushed.status).toBe(201)
  })

  test('goes on after a broken connection, from the last byte that came', async () => {
    const registry = await startTestRegistry()
    const upload = await registry.startUpload('app')

    const socket = connect(registry.running.port, '127.0.0.1')
    socket.write(`PATCH ${upload} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`)
    socket.write(BYTES.subarray(0, 300))
    await sleep(100)
    socket.destroy()
    const status = await registry.call('GET', upload)
    const headers = { 'Content-Range': '300-999' }
    const pushed = await registry.call('PUT', `${upload}?digest=${DIGEST}`, { headers, body: BYTES.subarray(300) })

    expect([status.status, status.headers.range]).toEqual([204, '0-299'])
    expect(pushed.status).toBe(201)
    await expectBlob(registry, pushed.headers.location, BYTES)
  })

  test('that is left alone expires and leaves no file', async () => {
    const registry = await startTestRegistry({ uploadIdleMs: 100 })
    const upload = await registry.startUpload('app')
    await registry.call('PATCH', upload, { body: BYTES })

    await expect.poll(() => readdir(join(registry.store, 'work')), PATIENCE).toEqual([])
    const after = await registry.call('GET', upload)

    expect([after.status, after.code()]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN'])
  })

  test('is not expected to use an algorithm that nobody can check', async () => {
    const registry = await startTestRegistry()

    const refused = await registry.call('POST', '/v2/app/blobs/uploads/?digest-algorithm=md5')

    expect([refused.status, refused.code()]).toEqual([400, 'DIGEST_INVALID'])
  })
})

test('twenty abandoned uploads do not make the next one wrong', async () => {
  const registry = await startTestRegistry()
  for (let count = 0; count < 20; count += 1) {
    await registry.call('PATCH', await registry.startUpload('app'), { body: BYTES.subarray(0, 10) })
  }

  const upload = await registry.startUpload('app')
  const bytes = noise(700_000, 'hashed from the file')
  await registry.call('PATCH', upload, { body: bytes })
  const pushed = await registry.call('PUT', `${upload}?digest=${digestOf(bytes)}`)

  expect(pushed.status).toBe(201)
})

test('the same blob, pushed many times at once, is stored once', async () => {
  const registry = await startTestRegistry()
  const bytes = noise(500_000, 'popular')

  const pushes = await Promise.all(Array.from({ length: 8 }, (_, at) => registry.pushBlob(`r${at % 3}`, bytes)))

  expect(pushes.map(({ status }) => status)).toEqual(Array(8).fill(201))
  for (const repository of ['r0', 'r1', 'r2']) {
    await expectBlob(registry, `/v2/${repository}/blobs/${digestOf(bytes)}`, bytes)
  }
  // It can be read before the disk has it: its file moves to its place when that is so.
  await expect.poll(() => readdir(join(registry.store, 'blobs', 'sha256')), PATIENCE).toHaveLength(1)
})

describe('a mount', () => {
  test('takes a blob from another repository', async () => {
    const registry = await startTestRegistry()
    await registry.pushBlob('from/here', BYTES)

    const mounted = await registry.call('POST', `/v2/to/there/blobs/uploads/?mount=${DIGEST}&from=from/here`)

    expect([mounted.status, mounted.headers['docker-content-digest']]).toEqual([201, DIGEST])
    await expectBlob(registry, mounted.headers.location, BYTES)
  })

  test('finds the blob where no repository is named', async () => {
    const registry = await startTestRegistry()
    await registry.pushBlob('from/here', BYTES)

    const mounted = await registry.call('POST', `/v2/to/blobs/uploads/?mount=${DIGEST}`)

    expect(mounted.status).toBe(201)
    await expectBlob(registry, `/v2/to/blobs/${DIGEST}`, BYTES)
  })

  test.each([`mount=${digestOf(Buffer.from('missing'))}&from=from/here`, `mount=${DIGEST}&from=elsewhere`])(
    'becomes an upload where there is no such blob: %s',
    async (query) => {
      const registry = await startTestRegistry()
      await registry.pushBlob('from/here', BYTES)

      const started = await registry.call('POST', `/v2/to/blobs/uploads/?${query}`)
      const pushed = await registry.call('PUT', `${started.headers.location}?digest=${DIGEST}`, { body: BYTES })

      expect([started.status, pushed.status]).toEqual([202, 201])
    },
  )

  test.each([
    ['mount=sha256:bad&from=from/here', 'DIGEST_INVALID'],
    [`mount=${DIGEST}&from=../../etc`, 'NAME_INVALID'],
  ])('that cannot be meant is refused: %s', async (query, code) => {
    const registry = await startTestRegistry()

    const refused = await registry.call('POST', `/v2/to/blobs/uploads/?${query}`)

    expect([refused.status, refused.code()]).toEqual([400, code])
  })
})
