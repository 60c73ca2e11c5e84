import { open } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { type MemoryStore, memoryStore } from '../../../src/content/memory.js'
import { TransferError } from '../../../src/errors.js'
import type { TransferEvent } from '../../../src/events.js'
import { type LoadReport, load } from '../../../src/import/target/load.js'
import type { Descriptor } from '../../../src/oci/descriptor.js'
import type { Digest } from '../../../src/oci/digest.js'
import { isManifestType } from '../../../src/oci/media-types.js'
import { formatRepository, type Repository } from '../../../src/oci/reference.js'
import { anArtifact, anImage, anIndex, type Built, together } from '../../support/build.js'
import { APP, aBundle, aRelease, aRepository, opened, verification } from '../../support/bundles.js'
import { Target } from '../../support/bundles-target.js'
import { decided } from '../../support/decided.js'
import { CALL } from '../../support/tmp.js'

const OTHER = 'other.example:5000/library/tool'

interface Loading {
  readonly prefix?: string
  readonly events?: TransferEvent[]
  readonly concurrency?: number
  readonly signal?: AbortSignal
}

async function loaded(path: string, target: Target, given: Loading = {}): Promise<LoadReport> {
  const bundle = await opened(path)
  const destination = { registry: 'target.example', ...(given.prefix === undefined ? {} : { prefix: given.prefix }) }
  return await load(decided(await verification(bundle), destination), {
    signal: given.signal ?? CALL.signal,
    open: target.open,
    emit: (event) => given.events?.push(event),
    concurrency: given.concurrency ?? 4,
  })
}

const THERE = 'target.example/team/app'

describe('load', () => {
  it.each([1, 8])('pushes parts before what needs them, and tags last, %i at a time', async (concurrency) => {
    const release = aRelease()
    const target = new Target()

    await loaded(await aBundle(release.all), target, { concurrency })

    const firstTag = target.acts.findIndex(({ kind }) => kind === 'tag')
    expect(target.acts.slice(firstTag).every(({ kind }) => kind === 'tag')).toBe(true)
    expect(new Set(target.pushed())).toEqual(new Set(release.all.contents.map(({ descriptor }) => descriptor.digest)))
  })

  it('names the image after everything that hangs on it', async () => {
    const release = aRelease()
    const target = new Target()

    await loaded(await aBundle(release.all), target)

    const tags = target.acts.flatMap(({ tag }) => (tag === undefined ? [] : [tag]))
    const stem = `sha256-${release.index.root.digest.slice(7)}`
    expect(tags).toEqual([`${stem}.sig`, `${stem}.att`, '1.0'])
  })

  it('leaves the target with the same bytes, tags and referrers', async () => {
    const release = aRelease()
    const target = new Target()

    await loaded(await aBundle(release.all), target)

    const store = target.store(THERE)
    for (const { descriptor, bytes } of release.all.contents) {
      for await (const found of store.fetch(descriptor, CALL)) expect(Buffer.compare(found, bytes)).toBe(0)
    }
    expect((await store.resolve({ kind: 'tag', tag: '1.0' }, CALL)).digest).toBe(release.index.root.digest)
    expect(await referrersOf(store, release.sbom)).toEqual([release.sbomSignature.root.digest])
  })

  it('tells what it loaded, and counts it', async () => {
    const release = aRelease()
    const events: TransferEvent[] = []

    const report = await loaded(await aBundle(release.all), new Target(), { prefix: 'mirror', events })

    const manifests = release.all.contents.filter(({ descriptor }) => isManifestType(descriptor.mediaType)).length
    expect(report).toEqual({
      loaded: [
        { source: `${APP}:1.0`, target: 'target.example/mirror/team/app:1.0', digest: release.index.root.digest },
      ],
      blobs: { copied: release.all.contents.length - manifests, present: 0, mounted: 0 },
      manifests: { copied: manifests, present: 0, mounted: 0 },
    })
    expect(events.filter(({ type }) => type === 'blob-ended')).toHaveLength(release.all.contents.length)
    expect(events.filter(({ type }) => type === 'tagged')).toHaveLength(3)
  })

  it('copies nothing a second time', async () => {
    const path = await aBundle()
    const target = new Target()
    await loaded(path, target)
    target.acts.length = 0

    const report = await loaded(path, target)

    expect([report.blobs.copied, report.manifests.copied]).toEqual([0, 0])
    const types = target.pushed().map((digest) => descriptorIn(target, digest)?.mediaType)
    expect(types.every((type) => type !== undefined && isManifestType(type))).toBe(true)
  })

  it('goes on where an earlier run was interrupted, wherever that was', async () => {
    const path = await aBundle()
    const whole = new Target()
    await loaded(path, whole)
    const writes = whole.acts.length

    for (let at = 0; at < writes; at += 1) {
      const target = new Target()
      target.before = () => {
        if (target.acts.length === at) throw new TransferError('ERR_SINK_UNREACHABLE', 'reset')
      }
      await expect(loaded(path, target, { concurrency: 1 })).rejects.toMatchObject({ code: 'ERR_SINK_UNREACHABLE' })
      if (at < writes - 3) expect(target.store(THERE).tags.size).toBe(0)
      target.before = () => {}
      await loaded(path, target)
      expect(target.store(THERE).tags).toEqual(whole.store(THERE).tags)
      expect(target.store(THERE).stored).toHaveLength(whole.store(THERE).stored.length)
    }
  })

  it('does not believe that what is below a manifest is there because the manifest is', async () => {
    const release = aRelease()
    const target = new Target()
    const index = release.index.contents.at(-1)
    if (index === undefined) throw new Error('no index')
    target.store(THERE).hold(index.descriptor, index.bytes)

    await loaded(await aBundle(release.all), target)

    expect(target.store(THERE).stored).toHaveLength(release.all.contents.length)
  })

  it.each(['manifest', 'layer'])('writes no tag where a %s changed after it was verified', async (what) => {
    const release = aRelease(3000)
    const path = await aBundle(release.all)
    const bundle = await opened(path)
    const decision = decided(await verification(bundle), { registry: 'target.example' })
    const victim = bundle.inventory.find(({ role }) => role === what)
    await overwrite(path, bundle.places.get(victim?.digest ?? release.index.root.digest)?.bodyAt ?? 0)
    const target = new Target()

    const work = load(decision, { ...CALL, open: target.open, emit: () => {}, concurrency: 4 })

    await expect(work).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
    expect(target.store(THERE).tags.size).toBe(0)
    expect(target.pushed()).not.toContain(victim?.digest)
  })

  it('asks a target for nothing where the bundle was refused', async () => {
    const bundle = await opened(await aBundle())
    const refused = await verification(bundle, { anchors: [], now: new Date('2026-11-22T12:00:00Z') })
    const open = async () => {
      throw new Error('the target was asked')
    }

    const report = await load(decided(refused, { registry: 'target.example' }), {
      ...CALL,
      open,
      emit: () => {},
      concurrency: 4,
    })

    expect(report.loaded).toEqual([])
  })

  it('mounts in one repository what it has put into another', async () => {
    const shared = anImage({ layers: 3, platform: 'linux/amd64' })
    const [one, two] = [anIndex([shared], { n: '1' }).tagged('1.0'), anIndex([shared], { n: '2' }).tagged('2.0')]
    const path = await aBundle([], {
      from: { [APP]: await aRepository(one), [OTHER]: await aRepository(two) },
      sources: [`${APP}:1.0`, `${OTHER}:2.0`],
    })
    const target = new Target()

    const report = await loaded(path, target)

    expect(report.blobs).toEqual({ copied: 4, present: 0, mounted: 4 })
    expect(target.store('target.example/library/tool').stored).toHaveLength(6)
  })

  it.each([1, 8])(
    'pushes a part first also where another root has it as a referrer, %i at a time',
    async (concurrency) => {
      const deep = anIndex([anIndex([anIndex([anImage()])])]).tagged('2.0')
      const shallow = anIndex([anArtifact({ subject: deep })]).tagged('1.0')
      const path = await aBundle([shallow, deep], { sources: [`${APP}:1.0`, `${APP}:2.0`] })
      const target = new Target()
      target.subjectsToo = false

      await loaded(path, target, { concurrency })

      expect([...target.store(THERE).tags.keys()]).toEqual(['1.0', '2.0'])
    },
  )

  it('copies it where the target does not mount', async () => {
    const image = anImage()
    const path = await aBundle([], {
      from: { [APP]: await aRepository(image.tagged('1.0')), [OTHER]: await aRepository(image.tagged('2.0')) },
      sources: [`${APP}:1.0`, `${OTHER}:2.0`],
    })
    const target = new Target()
    target.mounts = false

    const report = await loaded(path, target)

    expect(report.blobs).toEqual({ copied: 4, present: 0, mounted: 0 })
  })

  it('never puts what comes from two registries into one repository: the signatures of one would be found for the other', async () => {
    const path = await aBundle([], {
      from: {
        'a.example/app': await aRepository(anImage({ seed: 'a' }).tagged('1.0')),
        'b.example/app': await aRepository(anImage({ seed: 'b' }).tagged('2.0')),
      },
      sources: ['a.example/app:1.0', 'b.example/app:2.0'],
    })
    const target = new Target()

    const report = await loaded(path, target)

    expect(report.loaded).toEqual([])
    expect([...target.store('target.example/app').tags.keys()]).toEqual([])
  })

  it('loads an index of which platforms were left out, for targets that take one', async () => {
    const release = aRelease()
    const path = await aBundle(release.all, { platforms: ['linux/arm64'] })
    const bundle = await opened(path)
    const stores = new Map<string, MemoryStore>()
    const openStore = async (repository: Repository) => {
      const store = memoryStore()
      stores.set(formatRepository(repository), store)
      return store
    }

    await load(decided(await verification(bundle), { registry: 'target.example' }), {
      ...CALL,
      open: openStore,
      emit: () => {},
      concurrency: 2,
    })

    const digests = stores.get(THERE)?.stored.map(({ digest }) => digest)
    expect(digests).toContain(release.index.root.digest)
    expect(digests).toContain(release.imageSignature.root.digest)
    expect(digests).not.toContain(release.amd64.root.digest)
  })

  it('loads a signature that was exported without its image', async () => {
    const image = anImage()
    const signature = anArtifact({ subject: image })
    const path = await aBundle(together(signature, image), { sources: [`${APP}@${signature.root.digest}`] })
    const store = memoryStore()
    const bundle = await opened(path)

    const report = await load(decided(await verification(bundle), { registry: 'target.example' }), {
      ...CALL,
      open: async () => store,
      emit: () => {},
      concurrency: 2,
    })

    expect(report.loaded[0]?.target).toBe(`${THERE}@${signature.root.digest}`)
    expect(store.stored.map(({ digest }) => digest)).not.toContain(image.root.digest)
    expect(store.tags.size).toBe(0)
  })

  it('stops when it is told to, and has set no tag', async () => {
    const target = new Target()
    const stop = new AbortController()
    target.before = () => {
      if (target.acts.length === 5) stop.abort(new TransferError('ERR_CANCELLED', 'enough'))
    }

    const work = loaded(await aBundle(), target, { signal: stop.signal })

    await expect(work).rejects.toMatchObject({ code: 'ERR_CANCELLED' })
    expect(target.store(THERE).tags.size).toBe(0)
  })
})

function descriptorIn(target: Target, digest: Digest): Descriptor | undefined {
  return target.store(THERE).stored.find((one) => one.digest === digest)
}

async function referrersOf(store: MemoryStore, built: Built): Promise<readonly Digest[]> {
  const found: Digest[] = []
  for await (const { digest } of store.referrers(built.root, CALL)) found.push(digest)
  return found
}

async function overwrite(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(Buffer.from('evil'), 0, 4, at)
  await file.close()
}
