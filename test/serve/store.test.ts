import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { limited } from '../../src/content/limited.js'
import { once } from '../../src/content/reopenable.js'
import { type Digest, digestOf } from '../../src/oci/digest.js'
import { childrenOf, parseManifest } from '../../src/oci/manifest.js'
import { isManifestType } from '../../src/oci/media-types.js'
import { type Disk, nodeDisk } from '../../src/serve/disk.js'
import { digestOfFileName } from '../../src/serve/file-names.js'
import { openStore } from '../../src/serve/open-store.js'
import type { Store } from '../../src/serve/store.js'
import { anArtifact, anImage, type Built } from '../support/build.js'
import { CALL, tmpFolder } from '../support/tmp.js'
import { FaultyDisk } from './faulty-disk.js'
import { opened } from './opened.js'

const IMAGE = anImage({ layers: 2 }).tagged('v1').tagged('stable')
const NEXT = anImage({ layers: 1, seed: 'next' }).tagged('v1')
const SIGNATURE = anArtifact({ subject: IMAGE })

async function addBlob(store: Store, repository: string, bytes: Uint8Array): Promise<void> {
  const upload = await store.uploads.open({ algorithm: 'sha256', size: bytes.byteLength })
  await upload.append(once(bytes), bytes.byteLength)
  await store.addBlob(repository, upload, await upload.digest('sha256'))
}

async function push(store: Store, repository: string, built: Built): Promise<void> {
  for (const { descriptor, bytes } of built.contents) {
    const { mediaType, digest } = descriptor
    if (!isManifestType(mediaType)) await addBlob(store, repository, bytes)
    else {
      const tags = Object.keys(built.tags).filter((tag) => built.tags[tag]?.digest === digest)
      const manifest = parseManifest(bytes, mediaType, digest)
      await store.addManifest(repository, { digest, mediaType, bytes, manifest, tags })
    }
  }
}

interface Seen {
  readonly tags: Readonly<Record<string, Digest>>
  readonly manifests: readonly Digest[]
  readonly referrers: readonly Digest[]
}

/** What the store shows, after a check that all of it is whole. */
async function look(folder: string): Promise<Seen> {
  const store = await openStore(folder)
  const app = store.repository('app')
  const tags: Record<string, Digest> = {}
  for (const tag of await app.tags()) {
    const digest = await app.tagged(tag)
    if (digest === undefined || !(await app.holdsManifest(digest))) throw new Error(`${tag} names nothing`)
    tags[tag] = digest
  }
  const manifests = (await readdir(join(app.path, 'manifests')).catch(() => [])).map(digestOfFileName)
  const found = manifests.filter((digest) => digest !== undefined)
  for (const digest of found) await expectWhole(store, digest)
  for (const hex of await readdir(join(folder, 'blobs', 'sha256'))) {
    const bytes = await blobBytes(store, `sha256:${hex}` as Digest)
    if (!hex.includes('before') && digestOf(bytes) !== `sha256:${hex}`) throw new Error(`${hex} has other bytes`)
  }
  const referrers = await readdir(app.referrersPath(IMAGE.root.digest)).catch(() => [])
  const listed = referrers.map(digestOfFileName).filter((digest) => digest !== undefined)
  await store.close()
  return { tags, manifests: found, referrers: listed }
}

async function expectWhole(store: Store, digest: Digest): Promise<void> {
  const stored = await store.repository('app').manifest(digest)
  if (stored === undefined || digestOf(stored.bytes) !== digest) throw new Error(`the manifest ${digest} is not whole`)
  const manifest = parseManifest(stored.bytes, stored.mediaType, digest)
  for (const child of childrenOf(manifest)) {
    if (!(await store.holdsBlob('app', child.digest))) throw new Error(`${digest} lacks ${child.digest}`)
    const bytes = await blobBytes(store, child.digest)
    if (digestOf(bytes) !== child.digest) throw new Error(`${child.digest} has other bytes`)
  }
}

async function blobBytes(store: Store, digest: Digest): Promise<Uint8Array> {
  const file = await store.blobs.open(digest)
  try {
    return (await file?.readFile()) ?? Buffer.alloc(0)
  } finally {
    await file?.close()
  }
}

/** The lock of a program that is gone; here it was our own. */
async function dropLock(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) if (name.startsWith('lock.')) await rm(join(folder, name))
}

/** Does everything a store does, and says how far it came. */
async function live(folder: string, disk: Disk): Promise<readonly string[]> {
  const done: string[] = []
  try {
    const store = await openStore(folder, disk)
    await push(store, 'app', IMAGE)
    done.push('image')
    await push(store, 'app', SIGNATURE)
    done.push('signature')
    await push(store, 'app', NEXT)
    done.push('next')
    await store.removeManifest('app', SIGNATURE.root.digest)
    done.push('signature removed')
    await store.removeTag('app', 'v1')
    done.push('tag removed')
    await store.removeManifest('app', IMAGE.root.digest)
    done.push('image removed')
    await store.close()
  } catch {
    // The program is gone, or the disk told it so: both end here.
  }
  return done
}

type Loss = (disk: FaultyDisk) => Promise<void>

const LOSSES: readonly (readonly [string, Loss])[] = [
  ['the program is killed', async () => {}],
  ['the power fails, and takes bytes that were not synced', (disk) => disk.loseBytes()],
  [
    'the power fails, and takes names that were not synced',
    async (disk) => {
      await disk.loseBytes()
      await disk.loseNames(() => true)
    },
  ],
  [
    'the power fails, and takes names of manifests but not of tags',
    (disk) => disk.loseNames((folder) => !folder.endsWith('tags')),
  ],
  [
    'the power fails, and takes names of all but manifests',
    (disk) => disk.loseNames((folder) => !folder.endsWith('manifests')),
  ],
]

function expectStateAfter(done: readonly string[], seen: Seen): void {
  const [image, signature, next] = [IMAGE.root.digest, SIGNATURE.root.digest, NEXT.root.digest]
  // What was answered is there; what was removed is not.
  if (done.includes('image removed')) expect([seen.tags, seen.manifests]).toEqual([{}, [next]])
  else if (done.includes('image') && !done.includes('tag removed')) expect(seen.manifests).toContain(image)
  if (done.includes('signature removed')) expect(seen.manifests).not.toContain(signature)
  else if (done.includes('signature') && !done.includes('next')) expect(seen.manifests).toContain(signature)
  if (seen.manifests.includes(signature)) expect(seen.referrers).toContain(signature)
  const v1 = seen.tags['v1']
  if (done.includes('tag removed')) expect(v1).toBeUndefined()
  else if (done.includes('next')) expect([next, undefined]).toContain(v1)
  else if (done.includes('image')) expect([image, next]).toContain(v1)
  if (done.includes('image') && !done.includes('tag removed')) expect(seen.tags['stable']).toBe(image)
}

test.each(LOSSES)('whenever %s, what can be seen is whole, and what was answered is there', async (_, lose) => {
  const whole = new FaultyDisk()
  const first = await tmpFolder()
  expect(await live(first, whole)).toHaveLength(6)

  const points = Array.from({ length: whole.steps }, (_, at) => at + 1)
  await limited(points, { limit: 8, ...CALL }, async (crashAt) => {
    const folder = join(first, `crash-${crashAt}`)
    const disk = new FaultyDisk(crashAt)
    const done = await live(folder, disk)
    await disk.closeAll()
    await lose(disk)
    await dropLock(folder)

    const seen = await look(folder).catch((error: unknown) => {
      throw new Error(`stopped before step ${crashAt}, after ${done.at(-1)}`, { cause: error })
    })

    expectStateAfter(done, seen)
  })
})

test('an error of the disk while a blob is synced is told to whoever pushes the manifest, and a second try succeeds', async () => {
  const folder = await tmpFolder()
  let fails = true
  const syncFile: Disk['syncFile'] = async (file) => {
    if (fails) throw Object.assign(new Error('the disk failed'), { code: 'EIO' })
    await nodeDisk.syncFile(file)
  }
  const store = await openStore(folder, { ...nodeDisk, syncFile })

  await expect(push(store, 'app', IMAGE)).rejects.toThrow()
  const shown = await store.repository('app').tags()
  fails = false
  await push(store, 'app', IMAGE)
  await store.close()

  expect(shown).toEqual([])
  expect((await look(folder)).tags).toMatchObject({ v1: IMAGE.root.digest })
})

test('a full disk refuses the blob, and nothing of it stays', async () => {
  const folder = await tmpFolder()
  const write = async (): Promise<never> => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  }
  const store = await openStore(folder, { ...nodeDisk, write })
  const upload = await store.uploads.open({ algorithm: 'sha256' })

  await expect(upload.append(once(Buffer.alloc(3_000_000)), 3_000_000)).rejects.toMatchObject({ code: 'ENOSPC' })
  const { broken } = upload
  await upload.discard()
  await store.close()

  expect(broken).toBe(true)
  expect(await readdir(join(folder, 'work'))).toEqual([])
})

/** A disk that stops before one step and goes on when it is told. */
function stoppingDisk(step: 'rename' | 'remove', where: RegExp) {
  const [reached, goOn] = [opened(), opened()]
  const wait = async (path: string): Promise<void> => {
    if (!where.test(path)) return
    reached.open()
    await goOn.promise
  }
  const disk: Disk = {
    ...nodeDisk,
    rename: async (from, to) => {
      if (step === 'rename') await wait(to)
      await nodeDisk.rename(from, to)
    },
    remove: async (path) => {
      if (step === 'remove') await wait(path)
      await nodeDisk.remove(path)
    },
  }
  return { disk, reached: reached.promise, goOn: goOn.open }
}

const LAYER = IMAGE.contents[0]?.descriptor.digest ?? digestOf(Buffer.alloc(0))

test('a blob cannot be deleted between the look at it and the manifest that needs it', async () => {
  const { disk, reached, goOn } = stoppingDisk('rename', /manifests/)
  const store = await openStore(await tmpFolder(), disk)

  const pushing = push(store, 'app', IMAGE)
  await reached
  const removing = store.removeBlob('app', LAYER)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const heldMeanwhile = await store.holdsBlob('app', LAYER)
  goOn()
  await Promise.all([pushing, removing])
  await store.close()

  expect(heldMeanwhile).toBe(true)
})

test('a manifest whose blob is being deleted is refused', async () => {
  const { disk, reached, goOn } = stoppingDisk('remove', /blobs/)
  const store = await openStore(await tmpFolder(), disk)
  const { bytes, descriptor } = IMAGE.contents.at(-1) ?? Object.assign(new Error())
  const { digest, mediaType } = descriptor
  const manifest = parseManifest(bytes, mediaType, digest)
  await push(store, 'app', IMAGE)
  await store.removeManifest('app', digest)

  const removing = store.removeBlob('app', LAYER)
  await reached
  const adding = store.addManifest('app', { digest, mediaType, bytes, manifest, tags: [] })
  adding.catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 50))
  goOn()

  await expect(adding).rejects.toMatchObject({ code: 'MANIFEST_BLOB_UNKNOWN' })
  await removing
  await store.close()
})
