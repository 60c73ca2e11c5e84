import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.js'
import { noise } from '../support/build.js'
import { startTestRegistry } from './registry-under-test.js'

const MISSING = digestOf(Buffer.from('never pushed'))

test('a blob comes back as it was pushed, with its digest and length, and as nothing that a browser runs', async () => {
  const registry = await startTestRegistry()
  const bytes = noise(3_000_000, 'large enough to be streamed')
  await registry.pushBlob('team/app', bytes)

  const path = `/v2/team/app/blobs/${digestOf(bytes)}`
  const got = await registry.call('GET', path)
  const head = await registry.call('HEAD', path)

  expect(got.status).toBe(200)
  expect(got.body.equals(bytes)).toBe(true)
  for (const { headers } of [got, head]) {
    expect(headers).toMatchObject({
      'content-length': '3000000',
      'content-type': 'application/octet-stream',
      'docker-content-digest': digestOf(bytes),
      'x-content-type-options': 'nosniff',
      'docker-distribution-api-version': 'registry/2.0',
    })
  }
  expect(head.status).toBe(200)
  expect(head.body).toHaveLength(0)
})

test('an empty blob is a blob', async () => {
  const registry = await startTestRegistry()
  const pushed = await registry.pushBlob('app', Buffer.alloc(0))

  const got = await registry.call('GET', `/v2/app/blobs/${digestOf(Buffer.alloc(0))}`)

  expect(pushed.status).toBe(201)
  expect([got.status, got.headers['content-length'], got.body.length]).toEqual([200, '0', 0])
})

test('a blob that is not there is unknown, in a repository or without one', async () => {
  const registry = await startTestRegistry()
  await registry.pushBlob('app', Buffer.from('x'))

  for (const repository of ['app', 'nothing/here']) {
    const got = await registry.call('GET', `/v2/${repository}/blobs/${MISSING}`)
    const head = await registry.call('HEAD', `/v2/${repository}/blobs/${MISSING}`)

    expect([got.status, got.code(), head.status, head.body.length]).toEqual([404, 'BLOB_UNKNOWN', 404, 0])
  }
})

test('a repository does not serve what was pushed to another one', async () => {
  const registry = await startTestRegistry()
  const secret = Buffer.from('for the other team')
  await registry.pushBlob('team-a/app', secret)
  await registry.pushBlob('team-b/app', Buffer.from('x'))

  const got = await registry.call('GET', `/v2/team-b/app/blobs/${digestOf(secret)}`)

  expect(got.status).toBe(404)
})

describe('a part of a blob of 2048 bytes', () => {
  test.each([
    ['bytes=500-1499', 500, 1499],
    ['bytes=500-', 500, 2047],
    ['bytes=-500', 1548, 2047],
    ['bytes=2000-5000', 2000, 2047],
  ])('%s', async (range, first, last) => {
    const registry = await startTestRegistry()
    const bytes = noise(2048, 'ranges')
    await registry.pushBlob('app', bytes)

    const got = await registry.call('GET', `/v2/app/blobs/${digestOf(bytes)}`, { headers: { Range: range } })

    expect(got.status).toBe(206)
    expect(got.headers['content-range']).toBe(`bytes ${first}-${last}/2048`)
    expect(got.headers['content-length']).toBe(String(last - first + 1))
    expect(got.body.equals(bytes.subarray(first, last + 1))).toBe(true)
  })

  test.each(['bytes=500-0', 'bytes=5000-10000'])('%s cannot be had', async (range) => {
    const registry = await startTestRegistry()
    const bytes = noise(2048, 'ranges')
    await registry.pushBlob('app', bytes)

    const got = await registry.call('GET', `/v2/app/blobs/${digestOf(bytes)}`, { headers: { Range: range } })

    expect([got.status, got.headers['content-range']]).toEqual([416, 'bytes */2048'])
  })

  test('a range under a condition that cannot hold is answered with everything', async () => {
    const registry = await startTestRegistry()
    const bytes = noise(2048, 'ranges')
    await registry.pushBlob('app', bytes)

    const headers = { Range: 'bytes=0-9', 'If-Range': '"other"' }
    const got = await registry.call('GET', `/v2/app/blobs/${digestOf(bytes)}`, { headers })

    expect([got.status, got.body.length]).toEqual([200, 2048])
  })

  test('a large part is streamed from its place', async () => {
    const registry = await startTestRegistry()
    const bytes = noise(4_000_000, 'ranges')
    await registry.pushBlob('app', bytes)

    const headers = { Range: 'bytes=1000001-' }
    const got = await registry.call('GET', `/v2/app/blobs/${digestOf(bytes)}`, { headers })

    expect(got.body.equals(bytes.subarray(1_000_001))).toBe(true)
  })
})

test('a deleted blob is gone at once, and can be pushed again', async () => {
  const registry = await startTestRegistry()
  const bytes = Buffer.from('short-lived')
  const path = `/v2/app/blobs/${digestOf(bytes)}`
  await registry.pushBlob('app', bytes)

  const deleted = await registry.call('DELETE', path)
  const after = await registry.call('GET', path)
  const again = await registry.call('DELETE', path)
  const pushed = await registry.pushBlob('app', bytes)
  const back = await registry.call('GET', path)

  expect([deleted.status, after.status, again.status, pushed.status, back.status]).toEqual([202, 404, 404, 201, 200])
})

test('what two repositories share is kept once, and goes with the second of them', async () => {
  const registry = await startTestRegistry()
  const bytes = Buffer.from('a base layer')
  const digest = digestOf(bytes)
  const stored = () => readdir(join(registry.store, 'blobs', 'sha256'))
  await registry.pushBlob('a', bytes)
  await registry.pushBlob('b', bytes)

  await registry.call('DELETE', `/v2/a/blobs/${digest}`)
  const kept = await registry.call('GET', `/v2/b/blobs/${digest}`)
  // It can be read before the disk has it: its file moves to its place when that is so.
  await expect.poll(stored, { timeout: 20_000 }).toHaveLength(1)
  await registry.call('DELETE', `/v2/b/blobs/${digest}`)

  expect(kept.status).toBe(200)
  expect(await stored()).toEqual([])
})

test('a client that goes away in the middle of a blob leaves no file open', async () => {
  const registry = await startTestRegistry()
  const bytes = noise(8_000_000, 'interrupted')
  await registry.pushBlob('app', bytes)
  const stop = new AbortController()
  const url = `${registry.running.url}/v2/app/blobs/${digestOf(bytes)}`

  const response = await fetch(url, { signal: stop.signal })
  await response.body?.getReader().read()
  stop.abort()

  await registry.close()
  expect(registry.lines.at(-1)).toMatchObject({ method: 'GET', status: 0 })
  expect(registry.lines.at(-1)?.problem).toBeUndefined()
})
