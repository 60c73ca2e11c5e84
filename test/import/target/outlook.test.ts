import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { outlookLines } from '../../../src/cli/render/outlook.js'
import { type ErrorCode, TransferError } from '../../../src/errors.js'
import { folderJournals, journalPath } from '../../../src/import/journal/journal.js'
import { nodeLogDisk } from '../../../src/state/log-file.js'
import { aNumberedBundle, ImportWorld, Killed, REGISTRY, tagsOf } from '../../support/import-world.js'
import { tmpFolder } from '../../support/tmp.js'

async function aWorld(): Promise<ImportWorld> {
  return new ImportWorld(await tmpFolder())
}

function journalsOf({ folder }: ImportWorld) {
  return folderJournals(join(folder, 'journal'))
}

function journalOf(world: ImportWorld): string {
  return journalPath(join(world.folder, 'journal'), REGISTRY)
}

/** Kills the import of number 2 when it has set so many tags. */
async function halfNamed(tags: number): Promise<ImportWorld> {
  const world = await aWorld()
  await world.import(await aNumberedBundle(1))
  let left = tags
  world.before = (act) => {
    if (act.startsWith('tag') && left-- === 0) throw new Killed()
  }
  await expect(world.import(await aNumberedBundle(2))).rejects.toThrow(Killed)
  world.before = () => {}
  world.start()
  return world
}

describe('an import that was done before', () => {
  it('asks for no content, and says that there is nothing to do', async () => {
    const world = await aWorld()
    await world.import(await aNumberedBundle(1))
    const journal = await readFile(journalOf(world))
    world.start()

    const again = await world.import(await aNumberedBundle(1))

    expect(again.outlook?.nothingToDo).toBe(true)
    expect(new Set(world.acts)).toEqual(new Set(['resolve team/app', 'resolve team/tool']))
    expect(again.report).toMatchObject({ blobs: { copied: 0, present: 0, mounted: 0 } })
    expect(again.report?.loaded).toHaveLength(3)
    expect(again.place).toMatchObject({ sequence: 1, added: false })
    expect(await readFile(journalOf(world))).toEqual(journal)
  })

  it('asks for everything where it is told to', async () => {
    const world = await aWorld()
    await world.import(await aNumberedBundle(1))
    world.start()

    const again = await world.import(await aNumberedBundle(1), { recheck: true })

    expect(again.outlook?.nothingToDo).toBe(false)
    expect(again.report?.blobs.present).toBeGreaterThan(0)
    expect(again.report?.blobs.copied).toBe(0)
  })

  it.each([
    ['another name', { destination: { registry: REGISTRY, prefix: 'other' } }],
    ['another registry', { destination: { registry: 'second.example' } }],
  ])('is another import under %s', async (_what, given) => {
    const world = await aWorld()
    await world.import(await aNumberedBundle(1))

    const again = await world.import(await aNumberedBundle(1), given)

    expect(again.outlook?.nothingToDo).toBe(false)
  })

  it('is done again where a tag was moved or removed since', async () => {
    const world = await aWorld()
    const two = await aNumberedBundle(2)
    await world.import(await aNumberedBundle(1))
    const old = world.tags()
    await world.import(two)
    const moved = world.tags()
    const image = world.store('team/app').stored.find(({ digest }) => digest === old['team/app:latest'])
    if (image === undefined) throw new Error('no image')
    await world.store('team/app').tag(image, 'latest', { signal: new AbortController().signal })

    const again = await world.import(two)

    expect(again.outlook?.nothingToDo).toBe(false)
    expect(world.tags()).toEqual(moved)
  })

  it('signs again what it is told to sign', async () => {
    const world = await aWorld()
    await world.import(await aNumberedBundle(1))
    const signed: string[] = []

    await world.import(await aNumberedBundle(1), {
      countersign: async (_root, { name }) => {
        signed.push(name)
      },
    })

    expect(signed.toSorted()).toEqual(['team/app', 'team/app', 'team/tool'])
  })
})

describe('names that were left', () => {
  it.each([0, 1, 2, 3])('are set by the same import: %i were', async (tags) => {
    const world = await halfNamed(tags)

    const again = await world.import(await aNumberedBundle(2))

    expect(again.late?.filter(({ action }) => action === 'set')).toHaveLength(4 - tags)
    expect(again.outlook?.nothingToDo).toBe(true)
    expect(world.acts.filter((act) => act.startsWith('has') || act.startsWith('push'))).toEqual([])
    expect(Object.keys(world.tags())).toContain('team/app:v2')
  })

  it('are shown in a dry run, and not set', async () => {
    const world = await halfNamed(1)
    const before = world.tags()

    const result = await world.import(await aNumberedBundle(2), { dryRun: true })

    expect(result.outlook?.late?.names.map(({ action }) => action)).toContain('set')
    expect(result.outlook?.nothingToDo).toBe(true)
    expect(world.tags()).toEqual(before)
  })

  it('are left where somebody else has set them since', async () => {
    const world = await halfNamed(0)
    const three = new ImportWorld(await tmpFolder())
    await three.import(await aNumberedBundle(3))
    const there = three.store('team/tool')
    for (const descriptor of there.stored)
      for await (const bytes of there.fetch(descriptor, CALL)) world.store('team/tool').hold(descriptor, bytes)
    for (const [tag, descriptor] of there.tags) await world.store('team/tool').tag(descriptor, tag, CALL)

    const next = await world.import(await aNumberedBundle(4))

    expect(next.late?.map(({ name, action }) => `${name.repository}:${name.tag} ${action}`)).toContain(
      'team/tool:latest left',
    )
  })

  it('are left where the target has thrown their content away, and nobody waits for ever', async () => {
    const world = await halfNamed(0)
    for (const name of ['team/app', 'team/tool']) world.stores.delete(name)

    const next = await world.import(await aNumberedBundle(3))

    expect(next.late?.every(({ action }) => action === 'left')).toBe(true)
    expect(next.report?.loaded).toHaveLength(3)
  })

  it('are left where the target refuses them for good', async () => {
    const world = await halfNamed(0)
    world.before = (act) => {
      if (act.startsWith('tag v2')) throw new TransferError('ERR_REGISTRY_PROTOCOL', 'immutable', { status: 412 })
    }

    const next = await world.import(await aNumberedBundle(3))

    expect(next.late?.find(({ name }) => name.tag === 'v2')?.action).toBe('left')
    expect(outlookLines(next).join('\n')).toContain('team/app:v2 was to mean sha256:')
  })

  it.each<[ErrorCode, string, { readonly status?: number }]>([
    ['ERR_SINK_UNREACHABLE', 'tag', {}],
    ['ERR_FORBIDDEN', 'tag', { status: 403 }],
    ['ERR_REGISTRY_PROTOCOL', 'tag', { status: 500 }],
    ['ERR_REGISTRY_PROTOCOL', 'resolve', { status: 500 }],
  ])('stay for the next run where the target says %s when it is asked to %s', async (code, what, options) => {
    const world = await halfNamed(1)
    world.before = (act) => {
      if (act.startsWith(what)) throw new TransferError(code, 'not now', options)
    }

    const work = world.import(await aNumberedBundle(3))
    await expect(work).rejects.toMatchObject({ code })
    if (what === 'tag') await expect(work).rejects.toThrow('of an earlier import are to be set first: not now')
    world.before = () => {}

    const { unfinished } = await journalsOf(world).read(REGISTRY)
    expect(unfinished?.naming).toBeDefined()
    expect((await world.import(await aNumberedBundle(3))).late).not.toEqual([])
  })

  it('count as set when a bundle is refused for them: nothing is written then', async () => {
    const world = await halfNamed(0)
    const before = world.tags()
    const fresh = await tagsOf(await aNumberedBundle(2), await tmpFolder())

    const result = await world.import(await aNumberedBundle(3), { immutableTags: () => ['latest'] })

    expect(result.report).toBeUndefined()
    const [refused] = result.verification.checks.filter(({ code }) => code === 'ERR_TAG_IMMUTABLE')
    expect(refused?.detail).toContain(`means ${fresh['team/app:latest']}`)
    expect(world.tags()).toEqual(before)
  })
})

describe('a target', () => {
  it('takes one import at a time', async () => {
    const world = await aWorld()
    const two = await aNumberedBundle(2)
    const journals = journalsOf(world)
    const journal = await journals.take('TARGET.example')

    await expect(world.import(two)).rejects.toMatchObject({ code: 'ERR_TARGET_BUSY' })
    await expect(world.import(two)).rejects.toThrow(`process ${process.pid}`)
    expect(world.acts).toEqual([])
    await world.import(two, { dryRun: true })
    await journal.close()

    expect((await world.import(two)).report?.loaded).toHaveLength(3)
    expect(await readdir(join(world.folder, 'journal'))).toEqual(['target.example.jsonl'])
  })

  it('gets one of two imports that start at once, and both bundles in the end', async () => {
    const world = await aWorld()
    const [one, two] = [await aNumberedBundle(1), await aNumberedBundle(2)]

    const results = await Promise.allSettled([world.import(one), world.import(two)])

    for (const result of results)
      if (result.status === 'rejected') expect(['ERR_TARGET_BUSY', 'ERR_STATE_BUSY']).toContain(result.reason.code)
    expect(await world.missing()).toEqual([])
    await world.import(two)
    expect(Object.keys(world.tags())).toContain('team/app:v2')
  })

  it('is sent nothing where the journal cannot be written', async () => {
    const world = await aWorld()
    const full = async () => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    }
    const journals = folderJournals(join(world.folder, 'journal'), { ...nodeLogDisk, open: full })

    const work = world.import(await aNumberedBundle(1), { journals })

    await expect(work).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
    expect(world.acts.filter((act) => !act.startsWith('resolve'))).toEqual([])
    expect((await world.import(await aNumberedBundle(1))).report?.loaded).toHaveLength(3)
  })

  it.each([
    ['damaged', (text: string) => text.replace('"step"', '"sTep"')],
    ['empty lines', (text: string) => `\n${text}`],
    ['cut in the middle', (text: string) => text.slice(text.indexOf('\n') + 1)],
  ])('is not written to where its journal is %s', async (_what, change) => {
    const world = await halfNamed(1)
    await writeFile(journalOf(world), change(await readFile(journalOf(world), 'utf8')))

    await expect(world.import(await aNumberedBundle(2))).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
    await expect(world.import(await aNumberedBundle(2))).rejects.toThrow('When an import was interrupted')
    expect(world.acts).toEqual([])
    expect(await readdir(join(world.folder, 'journal'))).toHaveLength(1)
  })

  it('is not written to with the journal of another one', async () => {
    const world = await halfNamed(1)
    await mkdir(join(world.folder, 'journal'), { recursive: true })
    await writeFile(journalPath(join(world.folder, 'journal'), 'second.example'), await readFile(journalOf(world)))

    const work = world.import(await aNumberedBundle(2), { destination: { registry: 'second.example' } })

    await expect(work).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
    await expect(work).rejects.toThrow('it is about target.example')
  })

  it.each(['resolve', 'has', 'push', 'tag'])(
    'that goes away when it is asked to %s is loaded by the next run',
    async (what) => {
      const world = await aWorld()
      const two = await aNumberedBundle(2)
      let asked = 0
      world.before = (act) => {
        if (act.startsWith(what) && asked++ >= 2) throw new TransferError('ERR_SINK_UNREACHABLE', 'away')
      }

      await expect(world.import(two)).rejects.toMatchObject({ code: 'ERR_SINK_UNREACHABLE' })
      expect(await world.missing()).toEqual([])
      world.before = () => {}

      await world.import(two)
      expect(Object.keys(world.tags())).toHaveLength(4)
      expect((await journalsOf(world).read(REGISTRY)).unfinished).toBeUndefined()
    },
  )

  it.each(['resolve', 'has', 'push', 'tag'])(
    'is left in order where the import is cancelled at the first %s',
    async (what) => {
      const world = await aWorld()
      const two = await aNumberedBundle(2)
      const stop = new AbortController()
      world.before = (act) => {
        if (act.startsWith(what)) stop.abort(new TransferError('ERR_CANCELLED', 'enough'))
      }

      await expect(world.import(two, { signal: stop.signal })).rejects.toMatchObject({ code: 'ERR_CANCELLED' })
      expect(await world.missing()).toEqual([])
      world.before = () => {}

      expect((await world.import(two)).report?.loaded).toHaveLength(3)
      expect(await readdir(join(world.folder, 'journal'))).toHaveLength(1)
    },
  )
})

const CALL = { signal: new AbortController().signal }
