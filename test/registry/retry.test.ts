import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import { anImage } from '../support/build.js'
import { aClient } from '../support/registry-client.js'
import { type Reply, type Step, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const { root } = anImage()
const FOUND: Reply = {
  status: 200,
  headers: { 'content-type': OCI_MANIFEST, 'content-length': String(root.size), 'docker-content-digest': root.digest },
}

async function opened(...steps: readonly Step[]) {
  const registry = await scriptedRegistry()
  registry.on('HEAD /v2/team/app/manifests/v1', ...steps)
  const client = aClient({ side: 'source' })
  const resolve = (signal = CALL.signal) =>
    client.repository(registry.host).resolve({ kind: 'tag', tag: 'v1' }, { signal })
  return { registry, client, resolve }
}

it.each([408, 429, 500, 502, 503, 504])('tries again after a %i', async (status) => {
  const { client, resolve } = await opened({ status }, FOUND)

  expect((await resolve()).digest).toBe(root.digest)
  expect(client.events).toMatchObject([{ type: 'retrying', waitMs: client.waits[0] }])
})

it('tries again after a broken connection', async () => {
  const { resolve } = await opened('drop', 'drop', FOUND)

  expect((await resolve()).digest).toBe(root.digest)
})

it.each([400, 403, 404, 409, 501])('does not try again after a %i', async (status) => {
  const { client, resolve } = await opened({ status })

  await expect(resolve()).rejects.toThrow()
  expect(client.waits).toEqual([])
})

it('waits longer each time, and gives up after the fifth', async () => {
  const { registry, client, resolve } = await opened({ status: 503 })

  await expect(resolve()).rejects.toMatchObject({ code: 'ERR_SOURCE_UNREACHABLE' })
  expect(registry.requests).toHaveLength(5)
  expect(client.waits).toEqual([375, 750, 1500, 3000])
})

it.each([
  ['seconds', '7', 7_000],
  ['a date', 'Sun, 22 Nov 2026 12:00:09 GMT', 9_000],
  ['a date that is over', 'Sun, 22 Nov 2020 12:00:00 GMT', 375],
  ['less than our own patience', '0', 375],
  ['nonsense', 'soon', 375],
  ['a negative number', '-5', 375],
])('honours a Retry-After of %s', async (_what, value, waited) => {
  const { client, resolve } = await opened({ status: 429, headers: { 'retry-after': value } }, FOUND)

  await resolve()

  expect(client.waits).toEqual([waited])
})

it.each(['301', '999999999', '99999999999999999999', 'Mon, 23 Nov 2026 12:00:00 GMT'])(
  'does not wait for a registry that asks for %s',
  async (value) => {
    const { registry, client, resolve } = await opened({ status: 429, headers: { 'retry-after': value } })

    const error: unknown = await resolve().catch((cause: unknown) => cause)

    expect(error).toMatchObject({ code: 'ERR_RATE_LIMITED', retryAfterMs: expect.any(Number) })
    expect(client.waits).toEqual([])
    expect(registry.requests).toHaveLength(1)
  },
)

it('says that it was rate limited when nothing helped', async () => {
  const { resolve } = await opened({ status: 429 })

  await expect(resolve()).rejects.toMatchObject({ code: 'ERR_RATE_LIMITED', side: 'source' })
})

it('ends a wait when the call is cancelled, with the reason as it is', async () => {
  const registry = await scriptedRegistry()
  registry.on(/HEAD/, { status: 503, headers: { 'retry-after': '200' } })
  const stop = new AbortController()
  const reason = new Error('enough')
  const client = aClient({
    sleep: async (ms, signal) => {
      setTimeout(() => stop.abort(reason), 10)
      await sleep(ms, undefined, { signal })
    },
  })

  const resolving = client.repository(registry.host).resolve({ kind: 'tag', tag: 'v1' }, { signal: stop.signal })

  await expect(resolving).rejects.toBe(reason)
})

it('does not try again where nobody ever listened', async () => {
  const registry = await scriptedRegistry()
  await registry.close()
  const client = aClient({ side: 'sink' })

  const resolving = client.repository(registry.host).resolve({ kind: 'tag', tag: 'v1' }, CALL)

  await expect(resolving).rejects.toMatchObject({ code: 'ERR_SINK_UNREACHABLE', side: 'sink', subject: registry.host })
  expect(client.waits).toEqual([])
})

it('tries again where somebody has stopped listening', async () => {
  const { registry, client, resolve } = await opened(FOUND)
  await resolve()
  await registry.close()

  await expect(resolve()).rejects.toMatchObject({ code: 'ERR_SOURCE_UNREACHABLE' })
  expect(client.waits).toHaveLength(4)
})
