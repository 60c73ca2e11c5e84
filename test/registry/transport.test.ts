import { expect, it, onTestFinished } from 'vitest'
import { once } from '../../src/content/reopenable.js'
import { content, noise } from '../support/build.js'
import { aClient } from '../support/registry-client.js'
import { scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const { descriptor, bytes } = content('application/octet-stream', noise(100_000, 'blob'))

it('keeps its connections for one request after the other, after a HEAD and an error too', async () => {
  const registry = await scriptedRegistry()
  registry.on(/^HEAD /, { status: 200 }, { status: 404 })
  registry.on(/^GET .*\/v2\/team\/app\/manifests/, { status: 404, body: 'x'.repeat(30_000) })
  registry.on(/^POST /, { status: 202, headers: { location: '/up' }, body: 'opened' })
  registry.on(/^PUT /, { status: 201 })
  const repository = aClient().repository(registry.host)

  await repository.has(descriptor, CALL)
  await repository.has(descriptor, CALL)
  await repository.has(descriptor, CALL)
  await repository.has(descriptor, CALL)
  await repository.has(descriptor, CALL)
  await repository.resolve({ kind: 'tag', tag: 'v1' }, CALL).catch(() => undefined)
  await repository.push(descriptor, once(bytes), CALL)

  expect(registry.requests).toHaveLength(8)
  // The one that has just been used is free only a moment later, so that two take turns.
  expect(registry.connections).toBeLessThanOrEqual(2)
})

it('opens a bounded number of connections', async () => {
  const registry = await scriptedRegistry()
  registry.on(/./, async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    return { status: 200 }
  })
  const repository = aClient().repository(registry.host)

  await Promise.all(Array.from({ length: 100 }, () => repository.has(descriptor, CALL)))

  expect(registry.connections).toBeLessThanOrEqual(16)
})

it('gives up waiting for an answer that does not come, and asks again', async () => {
  const registry = await scriptedRegistry()
  registry.on(/./, 'stall', { status: 404 })
  const client = aClient({ timeouts: { headersMs: 100 } })

  expect(await client.repository(registry.host).has(descriptor, CALL)).toBe(false)
  expect(client.events).toMatchObject([{ type: 'retrying' }])
})

it('throws the reason of a cancelled call as it is, before, while waiting, and in a queue', async () => {
  const registry = await scriptedRegistry()
  registry.on(/./, 'stall')
  const repository = aClient().repository(registry.host)
  const stop = new AbortController()
  const reason = { why: 'enough' }

  const many = Array.from({ length: 40 }, () => repository.has(descriptor, { signal: stop.signal }))
  setTimeout(() => stop.abort(reason), 50)
  const ended = await Promise.allSettled(many)

  expect(ended.every((one) => one.status === 'rejected' && one.reason === reason)).toBe(true)
  await expect(repository.has(descriptor, { signal: stop.signal })).rejects.toBe(reason)
})

it('ends what is under way when it is closed', async () => {
  const registry = await scriptedRegistry()
  registry.on(/./, 'stall')
  const client = aClient()

  const asking = client.repository(registry.host).has(descriptor, CALL)
  setTimeout(() => void client.close(), 50)

  await expect(asking).rejects.toMatchObject({ code: 'ERR_SINK_UNREACHABLE' })
})

it('gets along with many requests under one signal', async () => {
  const registry = await scriptedRegistry()
  registry.on(/./, { status: 404 })
  const warnings: string[] = []
  const note = (warning: Error): unknown => warnings.push(warning.name)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  const repository = aClient().repository(registry.host)
  const { signal } = new AbortController()

  await Promise.all(Array.from({ length: 30 }, () => repository.has(descriptor, { signal })))
  await new Promise((resolve) => setImmediate(resolve))

  expect(warnings).toEqual([])
})

it('refuses headers without end', async () => {
  const registry = await scriptedRegistry()
  registry.on(/./, { status: 200, headers: { 'x-long': 'x'.repeat(100_000) } })

  const asking = aClient().repository(registry.host).has(descriptor, CALL)

  await expect(asking).rejects.toMatchObject({ code: 'ERR_SINK_UNREACHABLE' })
})
