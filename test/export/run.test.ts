import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ContentSource } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'
import type { TransferEvent } from '../../src/events.js'
import { APP, aRelease, aRepository, exportTo, judge } from '../support/bundles.js'
import { tmpFolder } from '../support/tmp.js'

const SOURCES = [`${APP}:1.0`]

async function outputPath(): Promise<string> {
  return join(await tmpFolder(), 'bundle.tar')
}

describe('an export', () => {
  it('writes a file that verifies, and says how large it is', async () => {
    const path = await outputPath()

    const summary = await exportTo(path, { from: { [APP]: await aRepository(aRelease().all) }, sources: SOURCES })

    expect(await judge(path)).toEqual({ verdict: 'verified' })
    expect(summary.size).toBe((await stat(path)).size)
    expect(await readdir(dirname(path))).toEqual(['bundle.tar'])
  })

  it('tells its stages in order, and every blob', async () => {
    const events: TransferEvent[] = []
    const release = aRelease()
    const from = { [APP]: await aRepository(release.all) }

    await exportTo(await outputPath(), { from, sources: SOURCES, events })

    const stages = events.flatMap((event) => (event.type === 'stage-started' ? [event.stage] : []))
    expect(stages).toEqual(['pin', 'walk', 'write', 'seal'])
    const written = events.flatMap((event) => (event.type === 'blob-progress' ? [event.bytes] : []))
    expect(written.reduce((sum, bytes) => sum + bytes, 0)).toBe(
      release.all.contents.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
    )
    expect(events.filter(({ type }) => type === 'blob-ended')).toHaveLength(release.all.contents.length)
  })

  it('leaves an existing file as it is', async () => {
    const path = await outputPath()
    await writeFile(path, 'precious')
    const from = { [APP]: await aRepository(aRelease().all) }

    await expect(exportTo(path, { from, sources: SOURCES })).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })

    expect(await readFile(path, 'utf8')).toBe('precious')
    expect(await readdir(dirname(path))).toEqual(['bundle.tar'])
  })

  it.each([1, 6])('leaves nothing where a source fails in the middle of a blob, %i at a time', async (concurrency) => {
    const path = await outputPath()
    const store = await aRepository(aRelease(5000).all)
    const source = breaking(store)

    const work = exportTo(path, { from: { [APP]: source }, sources: SOURCES, concurrency })

    await expect(work).rejects.toMatchObject({ code: 'ERR_SOURCE_UNREACHABLE' })
    expect(await readdir(dirname(path))).toEqual([])
  })

  it('leaves nothing where a source gives other bytes than it promised', async () => {
    const path = await outputPath()
    const release = aRelease()
    const store = await aRepository(release.all)
    const layer = release.amd64.contents[0]
    if (layer === undefined) throw new Error('no layer')
    store.hold(layer.descriptor, new Uint8Array(layer.descriptor.size))

    const work = exportTo(path, { from: { [APP]: store }, sources: SOURCES })

    await expect(work).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
    expect(await readdir(dirname(path))).toEqual([])
  })

  it('leaves nothing where it is told to stop', async () => {
    const path = await outputPath()
    const stop = new AbortController()
    const store = await aRepository(aRelease().all)
    const source: ContentSource = {
      ...breaking(store),
      fetch: (descriptor, call) => {
        if (descriptor.mediaType.includes('layer')) stop.abort(new TransferError('ERR_CANCELLED', 'enough'))
        return store.fetch(descriptor, call)
      },
    }

    const work = exportTo(path, { from: { [APP]: source }, sources: SOURCES, signal: stop.signal })

    await expect(work).rejects.toMatchObject({ code: 'ERR_CANCELLED' })
    expect(await readdir(dirname(path))).toEqual([])
  })
})

/** A source whose layers break off after their first bytes. */
function breaking(store: ContentSource): ContentSource {
  return {
    resolve: (selector, call) => store.resolve(selector, call),
    referrers: (subject, call) => store.referrers(subject, call),
    fetch: (descriptor, call) => (descriptor.mediaType.includes('layer') ? brokenOff() : store.fetch(descriptor, call)),
  }
}

async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(100)
  throw new TransferError('ERR_SOURCE_UNREACHABLE', 'reset')
}
