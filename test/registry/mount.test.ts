import { expect, it } from 'vitest'
import { content, noise } from '../support/build.js'
import { aClient } from '../support/registry-client.js'
import { type Step, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const { descriptor } = content('application/octet-stream', noise(10, 'blob'))

async function mounting(step: Step, from: { registry?: string; name?: string } = {}) {
  const registry = await scriptedRegistry()
  registry.on('POST /v2/team/app/blobs/uploads/', step)
  registry.on(/^DELETE /, { status: 204 })
  const repository = aClient().repository(registry.host)
  const source = { registry: registry.host, name: 'team/base', ...from }
  return { registry, mounted: await repository.mount(descriptor, source, CALL) }
}

it('takes a blob from a sister repository', async () => {
  const { registry, mounted } = await mounting({ status: 201 })

  expect(mounted).toBe(true)
  expect(registry.requests.map(({ url }) => url)).toEqual([
    `/v2/team/app/blobs/uploads/?mount=${descriptor.digest}&from=team%2Fbase`,
  ])
})

it('cancels the upload that a registry opens instead', async () => {
  const { registry, mounted } = await mounting({ status: 202, headers: { location: '/up/1' } })

  expect(mounted).toBe(false)
  expect(registry.asked('DELETE /up/1')).toHaveLength(1)
})

it.each([{ status: 404 }, { status: 401 }, { status: 500 }, { status: 202 }, 'drop'] satisfies Step[])(
  'says no after %j, without trying again',
  async (step) => {
    const { registry, mounted } = await mounting(step)

    expect(mounted).toBe(false)
    expect(registry.asked(/^POST /)).toHaveLength(1)
  },
)

it('does not ask one registry for what another has', async () => {
  const { registry, mounted } = await mounting({ status: 201 }, { registry: 'other.example' })

  expect(mounted).toBe(false)
  expect(registry.requests).toEqual([])
})

it('throws when the call is cancelled', async () => {
  const registry = await scriptedRegistry()
  registry.on(/POST/, 'stall')
  const stop = new AbortController()
  setTimeout(() => stop.abort(new Error('enough')), 50)

  const mounting = aClient()
    .repository(registry.host)
    .mount(descriptor, { registry: registry.host, name: 'team/base' }, { signal: stop.signal })

  await expect(mounting).rejects.toThrow('enough')
})
