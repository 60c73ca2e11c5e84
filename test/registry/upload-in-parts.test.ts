import { expect, it } from 'vitest'
import { once } from '../../src/content/reopenable.js'
import type { Bytes } from '../../src/content/store.js'
import { content, noise } from '../support/build.js'
import { aClient } from '../support/registry-client.js'
import { type Recorded, type Reply, type ScriptedRegistry, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const MiB = 1024 * 1024
const { descriptor, bytes } = content('application/octet-stream', noise(9 * MiB + 7, 'blob'))

interface Partial {
  readonly largest?: number
  readonly tooLarge?: number
  readonly least?: number
  answer?(request: Recorded, received: number): Reply
}

/** A registry that refuses bodies over a size, and puts parts together. */
async function partial(options: Partial = {}): Promise<{ registry: ScriptedRegistry; received(): Buffer }> {
  const { largest = 5 * MiB, tooLarge = 413, least } = options
  const registry = await scriptedRegistry()
  let parts: Buffer[] = []
  const received = (): Buffer => Buffer.concat(parts)
  registry.on(/^POST /, () => {
    parts = []
    const headers = { location: '/up?n=0', ...(least === undefined ? {} : { 'oci-chunk-min-length': String(least) }) }
    return { status: 202, headers }
  })
  registry.on(/^PATCH /, (request) => {
    if (request.body.byteLength > largest) return { status: tooLarge }
    parts.push(request.body)
    const size = received().byteLength
    const usual = { status: 202, headers: { location: `/up?n=${size}`, range: `0-${size - 1}` } }
    return options.answer?.(request, size) ?? usual
  })
  registry.on(/^PUT /, (request) => {
    if (request.body.byteLength > largest) return { status: 413 }
    return { status: request.url === `/up?n=${descriptor.size}&digest=${descriptor.digest}` ? 201 : 400 }
  })
  return { registry, received }
}

function push(registry: ScriptedRegistry, from: Bytes = once(bytes)): Promise<void> {
  return aClient().repository(registry.host).push(descriptor, from, CALL)
}

it.each([413, 416])('sends smaller and smaller parts where a registry answers %i', async (tooLarge) => {
  const { registry, received } = await partial({ tooLarge })

  await push(registry)

  expect(Buffer.compare(received(), bytes)).toBe(0)
  const ranges = registry.asked(/^PATCH /).map(({ headers }) => headers['content-range'])
  expect(ranges).toEqual(['0-4194303', '4194304-8388607', '8388608-9437190'])
})

it('goes down to parts of one megabyte', async () => {
  const { registry, received } = await partial({ largest: 1.5 * MiB })

  await push(registry)

  expect(Buffer.compare(received(), bytes)).toBe(0)
})

it('sends no smaller parts than the registry asks for', async () => {
  const { registry, received } = await partial({ least: 5 * MiB })

  await push(registry)

  expect(Buffer.compare(received(), bytes)).toBe(0)
  expect(registry.asked(/^PATCH /)[0]?.headers['content-range']).toBe('0-5242879')
})

it('says so where every size is too large', async () => {
  const { registry } = await partial({ largest: 1000 })

  await expect(push(registry)).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it.each([
  ['says that it has less', { status: 202, headers: { range: '0-99' } }],
  ['answers 201 and does not say how much it has', { status: 201 }],
])('does not trust a registry that %s', async (_what, reply) => {
  const { registry } = await partial({ answer: () => reply })

  await expect(push(registry)).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it('starts again after a broken part', async () => {
  let broken = false
  const { registry, received } = await partial({
    answer: (_request, size) => {
      const reply = { status: broken ? 202 : 503, headers: { location: `/up?n=${size}` } }
      broken = true
      return reply
    },
  })

  await push(registry)

  expect(Buffer.compare(received(), bytes)).toBe(0)
})

it('does not end an upload of bytes that fail at the end', async () => {
  const { registry } = await partial()
  let reads = 0
  const failing: Bytes = {
    async *[Symbol.asyncIterator]() {
      reads += 1
      yield bytes
      if (reads > 1) throw new Error('the medium is gone')
    },
  }

  await expect(push(registry, failing)).rejects.toThrow('the medium is gone')
  expect(registry.asked(/^PUT .*digest/).filter(({ body }) => body.byteLength === 0)).toEqual([])
})
