import { describe, expect, it, onTestFinished } from 'vitest'
import { readAll } from '../../src/content/read-all.js'
import type { ContentSource } from '../../src/content/store.js'
import { bare, type Descriptor } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import {
  aCosignSignature,
  anArtifact,
  anImage,
  anIndex,
  type Built,
  NOTARY_SIGNATURE,
  together,
} from '../support/build.js'
import { CALL } from '../support/tmp.js'

const MiB = 1024 * 1024

export interface SourceUnderTest {
  readonly source: ContentSource
  close?(): Promise<void>
}

export interface SourceMaker {
  readonly name: string
  /** A source that holds exactly this, and keeps bytes as they are where they are not what their descriptor says. */
  make(built: Built): Promise<SourceUnderTest>
  /** False where there is no way to put wrong bytes there. */
  readonly canLie?: boolean
  /** False where referrers come without their type and annotations. */
  readonly describesReferrers?: boolean
}

const amd64 = anImage({ layers: [new Uint8Array(0), new Uint8Array([1, 2, 3])], platform: 'linux/amd64' })
const arm64 = anImage({ layers: 1, platform: 'linux/arm64', size: 3 * MiB })
const index = anIndex([amd64, arm64]).tagged('v1')
const sbom = anArtifact({ subject: index, annotations: { tool: 'syft' } })
const sbomSignature = anArtifact({ subject: sbom, artifactType: NOTARY_SIGNATURE, mediaType: 'application/jose+json' })
const cosign = aCosignSignature(index)
/** An index with two platforms, an SBOM, a signature on the SBOM, and one of cosign's tags: one closed graph. */
export const RELEASE = together(index, sbom, sbomSignature, cosign)

const EMPTY = contentOf(new Uint8Array(0))
const LARGE = largest(RELEASE)
const UNKNOWN = { mediaType: 'application/octet-stream', digest: digestOf(new Uint8Array([9])), size: 1 }

/** What every source of content has to do; run it against each implementation. */
export function contentSourceContract(maker: SourceMaker): void {
  const open = async (built: Built = RELEASE): Promise<ContentSource> => {
    const opened = await maker.make(built)
    onTestFinished(async () => {
      await opened.close?.()
    })
    return opened.source
  }

  describe(`${maker.name} as a source`, () => {
    resolving(open)
    fetching(open)
    referring(open, maker.describesReferrers !== false)
    cancelling(open)
    if (maker.canLie !== false) lying(open)
  })
}

type Open = (built?: Built) => Promise<ContentSource>

function resolving(open: Open): void {
  it('resolves a tag to the descriptor of what it names', async () => {
    const source = await open()

    const found = await source.resolve({ kind: 'tag', tag: 'v1' }, CALL)

    expect(bare(found)).toEqual(bare(index.root))
  })

  it('resolves the tag that cosign derives from a digest', async () => {
    const source = await open()
    const tag = `sha256-${index.root.digest.slice(7)}.sig`

    const found = await source.resolve({ kind: 'tag', tag }, CALL)

    expect(bare(found)).toEqual(bare(cosign.root))
  })

  it.each([
    ['that a tag names', index],
    ['below an index', arm64],
    ['that only refers to another', sbom],
  ])('resolves the digest of a manifest %s', async (_where, built) => {
    const source = await open()

    const found = await source.resolve({ kind: 'digest', digest: built.root.digest }, CALL)

    expect(bare(found)).toEqual(bare(built.root))
  })

  it.each([
    ['a tag', { kind: 'tag', tag: 'v2' }],
    ['the beginning of a tag', { kind: 'tag', tag: 'v' }],
    ['a digest', { kind: 'digest', digest: UNKNOWN.digest }],
  ] as const)('says ERR_NOT_FOUND for %s that is not there', async (_what, selector) => {
    const source = await open()

    const asking = source.resolve(selector, CALL)

    await expect(asking).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  it('does not take a layer for a manifest', async () => {
    const source = await open()

    const asking = source.resolve({ kind: 'digest', digest: LARGE.digest }, CALL)

    await expect(asking).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
}

function fetching(open: Open): void {
  it('gives every manifest, config and layer byte for byte', async () => {
    const source = await open()

    for (const { descriptor, bytes } of RELEASE.contents) {
      const read = await fetchWhole(source, descriptor)
      expect(Buffer.compare(read, bytes)).toBe(0)
    }
  })

  it('gives an empty blob as no bytes', async () => {
    const source = await open()

    const read = await fetchWhole(source, EMPTY)

    expect(read.byteLength).toBe(0)
  })

  it('gives several at the same time', async () => {
    const source = await open()

    const read = await Promise.all(RELEASE.contents.map(({ descriptor }) => fetchWhole(source, descriptor)))

    expect(read.map((bytes) => digestOf(bytes))).toEqual(RELEASE.contents.map(({ descriptor }) => descriptor.digest))
  })

  it('says ERR_NOT_FOUND for a blob that is not there', async () => {
    const source = await open()

    const reading = fetchWhole(source, UNKNOWN)

    await expect(reading).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  it.each([1, 4096, 2 * MiB + 3])('resumes at byte %i', async (from) => {
    const source = await open()
    const whole = bytesOf(LARGE)

    const read = await readAll(source.fetch(LARGE, { ...CALL, from }), 10 * MiB, 'rest')

    expect(Buffer.compare(read, whole.subarray(from))).toBe(0)
  })

  it('gives nothing when it resumes at the end', async () => {
    const source = await open()

    const read = await readAll(source.fetch(LARGE, { ...CALL, from: LARGE.size }), MiB, 'rest')

    expect(read.byteLength).toBe(0)
  })

  it('stays usable when a consumer leaves in the middle', async () => {
    const source = await open()

    for await (const _ of source.fetch(LARGE, CALL)) break

    const read = await fetchWhole(source, LARGE)
    expect(digestOf(read)).toBe(LARGE.digest)
  })

  it.each([
    ['smaller', -1],
    ['larger', 1],
  ])('refuses a descriptor that promises a %s size', async (_which, by) => {
    const source = await open()

    const reading = fetchWhole(source, { ...LARGE, size: LARGE.size + by })

    await expect(reading).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  })
}

function referring(open: Open, described: boolean): void {
  it.runIf(described)('gives the type and the annotations of what refers to a manifest', async () => {
    const source = await open()

    const [found] = await referrersOf(source, index.root)

    expect(found?.artifactType).toBe('application/spdx+json')
    expect({ ...found?.annotations }).toEqual({ tool: 'syft' })
  })

  it('gives what refers to a manifest', async () => {
    const source = await open()

    const found = await referrersOf(source, index.root)

    expect(found.map((one) => bare(one))).toEqual([bare(sbom.root)])
  })

  it('gives what refers to a referrer', async () => {
    const source = await open()

    const found = await referrersOf(source, sbom.root)

    expect(found.map((one) => bare(one))).toEqual([bare(sbomSignature.root)])
  })

  it.each([
    ['a manifest to which nothing refers', amd64.root],
    ['a digest that is not there', { ...UNKNOWN, mediaType: index.root.mediaType }],
  ])('gives no referrers of %s', async (_what, subject) => {
    const source = await open()

    const found = await referrersOf(source, subject)

    expect(found).toEqual([])
  })
}

function cancelling(open: Open): void {
  it('does nothing for a call that is cancelled already', async () => {
    const source = await open()
    const call = { signal: AbortSignal.abort(new Error('cancelled')) }

    const settled = await Promise.allSettled([
      source.resolve({ kind: 'tag', tag: 'v1' }, call),
      readAll(source.fetch(EMPTY, call), 1, 'empty'),
      readAll(source.fetch(LARGE, call), LARGE.size, 'large'),
      first(source.referrers(index.root, call)),
    ])

    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
  })

  it('stops a stream when the call is cancelled', async () => {
    const source = await open()
    const stop = new AbortController()

    const reading = (async () => {
      for await (const _ of source.fetch(LARGE, { signal: stop.signal })) stop.abort(new Error('cancelled'))
    })()

    await expect(reading).rejects.toThrow()
  })
}

function lying(open: Open): void {
  const lies: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array])[] = [
    ['one bit differs at the start', (bytes) => flipped(bytes, 0)],
    ['one bit differs at the end', (bytes) => flipped(bytes, bytes.byteLength - 1)],
    ['the last byte is missing', (bytes) => bytes.subarray(0, -1)],
    ['one byte follows', (bytes) => Buffer.concat([bytes, new Uint8Array(1)])],
    ['nothing is there', () => new Uint8Array(0)],
  ]

  it.each(lies)('never ends well on a blob of which %s', async (_what, lie) => {
    const source = await open(withWrong(LARGE, lie))
    let given = 0

    const reading = (async () => {
      for await (const chunk of source.fetch(LARGE, CALL)) given += chunk.byteLength
    })()

    await expect(reading).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
    expect(given).toBeLessThan(LARGE.size)
  })

  it.each(lies)('refuses a manifest of which %s', async (_what, lie) => {
    const source = await open(withWrong(arm64.root, lie))

    const reading = fetchWhole(source, arm64.root)

    await expect(reading).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  })
}

async function fetchWhole(source: ContentSource, descriptor: Descriptor): Promise<Uint8Array> {
  return await readAll(source.fetch(descriptor, CALL), 10 * MiB, descriptor.digest)
}

async function referrersOf(source: ContentSource, subject: Descriptor): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = []
  for await (const descriptor of source.referrers(subject, CALL)) found.push(descriptor)
  return found
}

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item
  return undefined
}

function withWrong(target: Descriptor, lie: (bytes: Uint8Array) => Uint8Array): Built {
  const contents = RELEASE.contents.map((one) =>
    one.descriptor.digest === target.digest ? { descriptor: one.descriptor, bytes: lie(one.bytes) } : one,
  )
  return { ...RELEASE, contents }
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const other = new Uint8Array(bytes)
  other[at] = (other[at] ?? 0) ^ 1
  return other
}

function contentOf(bytes: Uint8Array): Descriptor {
  const digest = digestOf(bytes)
  const found = RELEASE.contents.find(({ descriptor }) => descriptor.digest === digest)
  if (found === undefined) throw new Error('not in the release')
  return found.descriptor
}

function bytesOf(descriptor: Descriptor): Uint8Array {
  return RELEASE.contents.find((one) => one.descriptor.digest === descriptor.digest)?.bytes ?? new Uint8Array(0)
}

function largest(built: Built): Descriptor {
  return built.contents.map((one) => one.descriptor).reduce((a, b) => (b.size > a.size ? b : a))
}
