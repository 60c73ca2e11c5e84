import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/content/memory.js'
import { fetchAll, readAll } from '../../src/content/read-all.js'
import { once } from '../../src/content/reopenable.js'
import type { Bytes } from '../../src/content/store.js'
import { content } from '../support/build.js'
import { CALL } from '../support/tmp.js'

describe('readAll', () => {
  it('joins the pieces of a stream', async () => {
    async function* pieces(): Bytes {
      yield new Uint8Array([1, 2])
      yield new Uint8Array(0)
      yield new Uint8Array([3])
    }

    const read = await readAll(pieces(), 3, 'x')

    expect([...read]).toEqual([1, 2, 3])
  })

  it('stops an endless stream one piece beyond the limit', async () => {
    let given = 0
    async function* endless(): Bytes {
      for (;;) {
        given += 1
        yield new Uint8Array(10)
      }
    }

    const reading = readAll(endless(), 35, 'the answer')

    await expect(reading).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED', subject: 'the answer' })
    expect(given).toBe(4)
  })

  it('reads the same bytes again where they can be reopened', async () => {
    const bytes = once(new Uint8Array([7]))

    const read = [await readAll(bytes, 1, 'x'), await readAll(bytes, 1, 'x')]

    expect(read.map((one) => [...one])).toEqual([[7], [7]])
  })
})

describe('fetchAll', () => {
  it('does not ask for a document that says it is too large', async () => {
    const large = content('a/b', new Uint8Array(100))

    const reading = fetchAll(memoryStore(), large.descriptor, { ...CALL, maxBytes: 99 })

    await expect(reading).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  })

  it('gives a document that is just small enough', async () => {
    const store = memoryStore()
    const document = content('a/b', new Uint8Array(100))
    await store.push(document.descriptor, once(document.bytes), CALL)

    const read = await fetchAll(store, document.descriptor, { ...CALL, maxBytes: 100 })

    expect(read.byteLength).toBe(100)
  })
})
