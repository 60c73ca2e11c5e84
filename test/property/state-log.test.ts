import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  appendEntry,
  type LogDisk,
  type LogFile,
  loggedStreams,
  logPath,
  nodeLogDisk,
  type RewriteDisk,
  readLog,
  rewriteLog,
} from '../../src/state/log-file.js'
import { parseLog } from '../../src/state/log-lines.js'
import { tmpFolder } from '../support/tmp.js'

class PowerFailure extends Error {}

/**
 * A disk that loses power after so many steps (a byte written is a step). What was not synced may be there or not, byte by
 * byte; what was synced is.
 */
class FailingDisk implements LogDisk {
  #left: number
  #synced: Buffer
  #now: Buffer

  constructor(content: Buffer, steps: number) {
    this.#left = steps
    this.#synced = content
    this.#now = content
  }

  async open(): Promise<LogFile> {
    return {
      truncate: async (size) => {
        this.#step()
        this.#now = this.#now.subarray(0, size)
      },
      write: async (bytes, at) => {
        for (const [index, byte] of bytes.entries()) {
          this.#step()
          const grown = Buffer.alloc(Math.max(this.#now.byteLength, at + index + 1))
          this.#now.copy(grown)
          grown[at + index] = byte
          this.#now = grown
        }
      },
      sync: async () => {
        this.#step()
        this.#synced = this.#now
      },
      close: async () => {},
    }
  }

  async syncFolder(): Promise<void> {
    this.#step()
  }

  #step(): void {
    if (this.#left === 0) throw new PowerFailure()
    this.#left -= 1
  }

  /** What is on it afterwards: of each byte that differs the old or the new one, and of the lengths one of them. */
  left(random: () => number): Buffer {
    const [synced, now] = [this.#synced, this.#now]
    const length = random() < 0.5 ? synced.byteLength : now.byteLength
    return Buffer.from(
      Array.from({ length }, (_, at) => (random() < 0.5 ? synced[at] : now[at]) ?? now[at] ?? synced[at] ?? 0),
    )
  }
}

/** The same seed does the same. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('a log on a disk that loses power', () => {
  it('has the old entries or the new ones, and can be written on, wherever it was stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 30 }), { maxLength: 3 }),
        fc.nat(220),
        fc.nat(),
        async (texts, steps, seed) => {
          let bytes: Buffer = Buffer.alloc(0)
          const earlier = texts.map((text) => ({ text: text.toWellFormed() }))
          for (const entry of earlier) bytes = await appended(bytes, entry)
          const disk = new FailingDisk(bytes, steps)
          const log = parseLog(bytes, 'x')

          const done = await appendEntry('x', { text: 'next' }, { log, disk }).then(
            () => true,
            () => false,
          )

          const left = disk.left(randomFrom(seed))
          const after = parseLog(left, 'x').entries.map(({ text }) => text)
          const old = earlier.map(({ text }) => text)
          expect([old, [...old, 'next']]).toContainEqual(after)
          if (done) expect(after).toEqual([...old, 'next'])
          const repaired = await appended(left, { text: 'again' })
          expect(parseLog(repaired, 'x').entries.map(({ text }) => text)).toEqual([...after, 'again'])
        },
      ),
      { numRuns: 400 },
    )
  })

  it('is the same on a real disk, with a torn line of any length', async () => {
    const path = join(await tmpFolder(), 'a.jsonl')
    await appendEntry(path, { n: 1 }, { log: await readLog(path), disk: nodeLogDisk })
    const whole = await readFile(path)
    for (const torn of [1, 5, 60, 500]) {
      await writeFile(path, Buffer.concat([whole, Buffer.alloc(torn, '{')]))
      expect((await readLog(path)).entries).toHaveLength(1)

      await appendEntry(path, { n: 2 }, { log: await readLog(path), disk: nodeLogDisk })

      expect((await readLog(path)).entries).toHaveLength(2)
    }
  })
})

async function appended(bytes: Buffer, entry: object): Promise<Buffer> {
  const disk = new FailingDisk(bytes, Number.POSITIVE_INFINITY)
  await appendEntry('x', entry, { log: parseLog(bytes, 'x'), disk })
  return disk.left(() => 1)
}

describe('the files of a folder', () => {
  it('are found by the streams that they are about', async () => {
    const folder = await tmpFolder()
    for (const stream of ['acme/nightly', 'acme', 'b']) await writeFile(logPath(folder, stream), '')
    await writeFile(join(folder, 'acme.jsonl.lock.1'), '')

    expect(await loggedStreams(folder)).toEqual(['acme', 'acme/nightly', 'b'])
    expect(await loggedStreams(join(folder, 'none'))).toEqual([])
  })
})

describe('a log that is written anew on a disk that loses power', () => {
  it('is the old one or the new one, wherever it was stopped', async () => {
    const texts = fc.array(fc.string({ maxLength: 20 }), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(texts, texts, fc.nat(260), fc.nat(), async (before, after, steps, seed) => {
        const [old, next] = [before, after].map((list) => list.map((text) => ({ text: text.toWellFormed() })))
        let bytes: Buffer = Buffer.alloc(0)
        for (const entry of old ?? []) bytes = await appended(bytes, entry)
        const disk = new RenamingDisk(new FailingDisk(Buffer.from('left by an earlier one'), steps), bytes)

        const done = await rewriteLog('x', next ?? [], disk).then(
          () => true,
          () => false,
        )

        const random = randomFrom(seed)
        const found = parseLog(disk.left(random), 'x').entries.map(({ text }) => ({ text }))
        expect([old, next]).toContainEqual(found)
        if (done) expect(found).toEqual(next)
      }),
      { numRuns: 400 },
    )
  })
})

/** A name that means the old file, the new one, or, while that is not synced, one of them. */
class RenamingDisk implements RewriteDisk {
  readonly #made: FailingDisk
  readonly #old: Buffer
  #state: 'old' | 'either' | 'new' = 'old'

  constructor(made: FailingDisk, old: Buffer) {
    this.#made = made
    this.#old = old
  }

  open(): Promise<LogFile> {
    return this.#made.open()
  }

  async rename(): Promise<void> {
    await this.#made.syncFolder()
    this.#state = 'either'
  }

  async syncFolder(): Promise<void> {
    await this.#made.syncFolder()
    this.#state = 'new'
  }

  left(random: () => number): Buffer {
    const made = this.#made.left(random)
    const isNew = this.#state === 'new' || (this.#state === 'either' && random() < 0.5)
    return isNew ? made : this.#old
  }
}
