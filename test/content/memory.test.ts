import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/content/memory.js'
import { readAll } from '../../src/content/read-all.js'
import { once } from '../../src/content/reopenable.js'
import { anImage, content } from '../support/build.js'
import { listed } from '../support/registry-client.js'
import { CALL } from '../support/tmp.js'

describe('memoryStore', () => {
  it('shows what it holds, in the order in which it came', async () => {
    const store = memoryStore()
    const image = anImage({ layers: 2 }).tagged('v1')

    await image.into(store)

    expect(store.stored.map(({ digest }) => digest)).toEqual(image.contents.map(({ descriptor }) => descriptor.digest))
    expect([...store.tags.keys()]).toEqual(['v1'])
  })

  it('lists its tags in order', async () => {
    const store = memoryStore()
    for (const tag of ['v2', 'v1']) await anImage().tagged(tag).into(store)

    expect(await listed(store.listTags(CALL))).toEqual(['v1', 'v2'])
  })

  it.each([
    ['array', new Uint8Array([1, 2, 3])],
    ['buffer', Buffer.from([1, 2, 3])],
  ])('keeps its bytes when the pusher changes its own %s', async (_what, pushed) => {
    const store = memoryStore()
    const { descriptor, bytes } = content('a/b', pushed)
    await store.push(descriptor, once(bytes), CALL)

    bytes.fill(0)

    const read = await readAll(store.fetch(descriptor, CALL), 3, 'x')
    expect([...read]).toEqual([1, 2, 3])
  })

  it('does not store a manifest that can be read in two ways', async () => {
    const store = memoryStore()
    const odd = content(anImage().root.mediaType, Buffer.from('{"schemaVersion":2,"layers":[],"manifests":[]}'))

    const pushing = store.push(odd.descriptor, once(odd.bytes), CALL)

    await expect(pushing).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
    expect(store.stored).toEqual([])
  })
})
