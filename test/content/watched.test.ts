import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAll } from '../../src/content/read-all.js'
import { once } from '../../src/content/reopenable.js'
import type { Bytes } from '../../src/content/store.js'
import { watched } from '../../src/content/watched.js'
import { noise } from '../support/build.js'
import { CALL } from '../support/tmp.js'

async function* pieces(all: readonly Uint8Array[]): Bytes {
  yield* all
}

const never = (): Promise<void> => new Promise(() => {})

describe('watched', () => {
  test('loses no byte, however it is cut and held, and counts each once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), fc.array(fc.boolean()), async (cut, holds) => {
        let asked = 0
        let counted = 0
        const ready = async (): Promise<void> => {
          const held = holds[asked++ % Math.max(1, holds.length)]
          if (held === true) await new Promise((resolve) => setImmediate(resolve))
        }

        const bytes = watched(pieces(cut), { ...CALL, ready, moved: (count) => (counted += count) })
        const read = await readAll(bytes, 10_000, 'x')

        expect(Buffer.compare(read, Buffer.concat(cut))).toBe(0)
        expect(counted).toBe(read.byteLength)
      }),
    )
  })

  test('says each time that reading begins, where a push is tried again', async () => {
    let begun = 0
    const bytes = watched(once(noise(10, 'x')), { ...CALL, started: () => (begun += 1) })

    await readAll(bytes, 10, 'x')
    await readAll(bytes, 10, 'x')

    expect(begun).toBe(2)
  })

  test('ends at once where all of it is stopped while it is held', async () => {
    const stop = new AbortController()
    const reason = new Error('stopped')
    const reading = readAll(watched(once(noise(10, 'x')), { signal: stop.signal, ready: never }), 10, 'x')

    stop.abort(reason)

    await expect(reading).rejects.toBe(reason)
  })

  test('reads nothing where all of it was stopped before', async () => {
    const reason = new Error('stopped')
    const signal = AbortSignal.abort(reason)

    await expect(readAll(watched(once(noise(10, 'x')), { signal, ready: never }), 10, 'x')).rejects.toBe(reason)
  })

  test('closes what it reads where its reader leaves', async () => {
    let closed = false
    async function* source(): Bytes {
      try {
        yield noise(1, 'a')
        yield noise(1, 'b')
      } finally {
        closed = true
      }
    }

    for await (const _ of watched(source(), { ...CALL, ready: async () => {} })) break

    expect(closed).toBe(true)
  })
})
