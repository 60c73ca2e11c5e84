import { describe, expect, it, onTestFinished } from 'vitest'
import { readAll } from '../../src/content/read-all.js'
import { once } from '../../src/content/reopenable.js'
import type { Bytes, ContentSink, ContentSource } from '../../src/content/store.js'
import { bare, type Descriptor } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { anArtifact, anImage, type Content, content, noise } from '../support/build.js'
import { CALL } from '../support/tmp.js'

const MiB = 1024 * 1024

export interface SinkUnderTest {
  readonly sink: ContentSink
  /** Reads what the sink holds now. */
  open(): Promise<ContentSource>
  /** Names of what should not be there: temporary files, open uploads. */
  leftovers?(): Promise<readonly string[]>
  close?(): Promise<void>
}

export interface SinkMaker {
  readonly name: string
  /** An empty sink of its own. */
  make(): Promise<SinkUnderTest>
}

const BLOB = content('application/octet-stream', noise(2 * MiB + 5, 'blob'))
const EMPTY = content('application/octet-stream', new Uint8Array(0))
const one = anImage({ seed: 'one' })
const two = anImage({ seed: 'two' })
const sbom = anArtifact({ subject: one })

/** What every sink for content has to do; run it against each implementation. */
export function contentSinkContract(maker: SinkMaker): void {
  const open = async (): Promise<SinkUnderTest> => {
    const opened = await maker.make()
    onTestFinished(async () => {
      await opened.close?.()
    })
    return opened
  }

  describe(`${maker.name} as a sink`, () => {
    storing(open)
    refusing(open)
    naming(open)
  })
}

type Open = () => Promise<SinkUnderTest>

function storing(open: Open): void {
  it.each([
    ['a blob of several pieces', BLOB],
    ['an empty blob', EMPTY],
  ])('gives back %s as it was pushed', async (_what, { descriptor, bytes }) => {
    const store = await open()

    await store.sink.push(descriptor, once(bytes), CALL)

    const read = await fetchWhole(await store.open(), descriptor)
    expect(Buffer.compare(read, bytes)).toBe(0)
    expect(await store.sink.has(descriptor, CALL)).toBe(true)
  })

  it('gives back a manifest byte for byte, spaces and all', async () => {
    const store = await open()
    await one.into(store.sink)
    const original = one.contents.at(-1)?.bytes ?? new Uint8Array(0)
    const spaced = content(one.root.mediaType, Buffer.concat([Buffer.from(' \n'), original, Buffer.from('\n')]))

    await store.sink.push(spaced.descriptor, once(spaced.bytes), CALL)

    const read = await fetchWhole(await store.open(), spaced.descriptor)
    expect(Buffer.compare(read, spaced.bytes)).toBe(0)
  })

  it('has neither blob nor manifest before it is pushed', async () => {
    const store = await open()

    const has = [await store.sink.has(BLOB.descriptor, CALL), await store.sink.has(one.root, CALL)]

    expect(has).toEqual([false, false])
  })

  it('takes the same content twice', async () => {
    const store = await open()

    await one.into(store.sink)
    await one.into(store.sink)

    const found = await (await store.open()).resolve({ kind: 'digest', digest: one.root.digest }, CALL)
    expect(bare(found)).toEqual(bare(one.root))
  })

  it('takes the same blob from several at the same time', async () => {
    const store = await open()

    await Promise.all([1, 2, 3, 4].map(() => store.sink.push(BLOB.descriptor, once(BLOB.bytes), CALL)))

    const read = await fetchWhole(await store.open(), BLOB.descriptor)
    expect(digestOf(read)).toBe(BLOB.descriptor.digest)
    expect((await store.leftovers?.()) ?? []).toEqual([])
  })

  it('lists a manifest with a subject among the subject’s referrers', async () => {
    const store = await open()
    await one.into(store.sink)

    await sbom.into(store.sink)

    const found: Descriptor[] = []
    for await (const descriptor of (await store.open()).referrers(one.root, CALL)) found.push(descriptor)
    expect(found.map((descriptor) => bare(descriptor))).toEqual([bare(sbom.root)])
  })
}

function refusing(open: Open): void {
  const wrong: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array])[] = [
    ['that differ', (bytes) => noise(bytes.byteLength, 'other')],
    ['that end early', (bytes) => bytes.subarray(0, -1)],
    ['that go on', (bytes) => Buffer.concat([bytes, new Uint8Array(1)])],
    ['that are missing', () => new Uint8Array(0)],
  ]
  const targets: readonly (readonly [string, Content])[] = [
    ['a blob', BLOB],
    ['a manifest', one.contents.at(-1) ?? BLOB],
  ]

  for (const [what, { descriptor, bytes }] of targets) {
    it.each(wrong)(`stores nothing of ${what} with bytes %s`, async (_how, alter) => {
      const store = await open()

      const pushing = store.sink.push(descriptor, once(alter(bytes)), CALL)

      await expect(pushing).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
      await expectNothing(store, descriptor)
    })
  }

  it('stores nothing of a stream that fails', async () => {
    const store = await open()
    const failure = new Error('the other side went away')

    const pushing = store.sink.push(BLOB.descriptor, interrupted(failure), CALL)

    await expect(pushing).rejects.toThrow()
    await expectNothing(store, BLOB.descriptor)
  })

  it('stores nothing of a push that is cancelled in the middle', async () => {
    const store = await open()
    const stop = new AbortController()
    const call = { signal: stop.signal }

    const pushing = store.sink.push(BLOB.descriptor, cancelling(stop), call)

    await expect(pushing).rejects.toThrow()
    await expectNothing(store, BLOB.descriptor)
  })

  it('stores nothing of a push that is cancelled before it begins', async () => {
    const store = await open()
    const call = { signal: AbortSignal.abort(new Error('cancelled')) }

    const pushing = store.sink.push(BLOB.descriptor, once(BLOB.bytes), call)

    await expect(pushing).rejects.toThrow()
    await expectNothing(store, BLOB.descriptor)
  })

  it('takes the right bytes after it refused wrong ones', async () => {
    const store = await open()
    await expect(store.sink.push(BLOB.descriptor, once(noise(9, 'x')), CALL)).rejects.toThrow()

    await store.sink.push(BLOB.descriptor, once(BLOB.bytes), CALL)

    const read = await fetchWhole(await store.open(), BLOB.descriptor)
    expect(digestOf(read)).toBe(BLOB.descriptor.digest)
  })

  it('keeps what is there when wrong bytes are pushed over it', async () => {
    const store = await open()
    await store.sink.push(BLOB.descriptor, once(BLOB.bytes), CALL)

    await store.sink.push(BLOB.descriptor, once(noise(BLOB.descriptor.size, 'other')), CALL).catch(() => undefined)

    const read = await fetchWhole(await store.open(), BLOB.descriptor)
    expect(digestOf(read)).toBe(BLOB.descriptor.digest)
  })
}

function naming(open: Open): void {
  it('resolves a tag to what was tagged', async () => {
    const store = await open()

    await one.tagged('v1').into(store.sink)

    const found = await (await store.open()).resolve({ kind: 'tag', tag: 'v1' }, CALL)
    expect(bare(found)).toEqual(bare(one.root))
  })

  it('moves a tag to what it is given last, and loses nothing', async () => {
    const store = await open()
    await one.tagged('latest').into(store.sink)

    await two.tagged('latest').into(store.sink)

    const source = await store.open()
    const found = await source.resolve({ kind: 'tag', tag: 'latest' }, CALL)
    const before = await source.resolve({ kind: 'digest', digest: one.root.digest }, CALL)
    expect(bare(found)).toEqual(bare(two.root))
    expect(bare(before)).toEqual(bare(one.root))
  })

  it('keeps many tags that are set at the same time', async () => {
    const store = await open()
    await one.into(store.sink)
    const tags = Array.from({ length: 20 }, (_, at) => `v${at}`)

    await Promise.all(tags.map((tag) => store.sink.tag(one.root, tag, CALL)))

    const source = await store.open()
    const found = await Promise.all(tags.map((tag) => source.resolve({ kind: 'tag', tag }, CALL)))
    expect(new Set(found.map(({ digest }) => digest))).toEqual(new Set([one.root.digest]))
  })

  it('does not name what it does not have', async () => {
    const store = await open()

    const naming = store.sink.tag(one.root, 'v1', CALL)

    await expect(naming).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
}

async function expectNothing(store: SinkUnderTest, descriptor: Descriptor): Promise<void> {
  const source = await store.open()
  expect(await store.sink.has(descriptor, CALL)).toBe(false)
  expect((await store.leftovers?.()) ?? []).toEqual([])
  await expect(fetchWhole(source, descriptor)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
}

async function fetchWhole(source: ContentSource, descriptor: Descriptor): Promise<Uint8Array> {
  return await readAll(source.fetch(descriptor, CALL), 10 * MiB, descriptor.digest)
}

async function* interrupted(failure: Error): Bytes {
  yield BLOB.bytes.subarray(0, MiB)
  throw failure
}

async function* cancelling(stop: AbortController): Bytes {
  yield BLOB.bytes.subarray(0, MiB)
  stop.abort(new Error('cancelled'))
  yield BLOB.bytes.subarray(MiB)
}
