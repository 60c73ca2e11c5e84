import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { foldJournal, hasEnded } from '../../../src/import/journal/fold.js'
import { folderJournals, journalPath } from '../../../src/import/journal/journal.js'
import { LIMITS } from '../../../src/limits.js'
import { OCI_MANIFEST } from '../../../src/oci/media-types.js'
import { endAfter, formatLine, parseLog } from '../../../src/state/log-lines.js'
import { digestFor } from '../../support/streams.js'
import { tmpFolder } from '../../support/tmp.js'

const REGISTRY = 'target.example:5000'
const AT = '2026-11-22T12:00:00Z'

function begun(what: string) {
  return { waybill: digestFor(what), names: digestFor('names'), bundle: 'a.tar', at: AT, roots: [] }
}

const NAME = {
  repository: 'team/app',
  tag: 'v1',
  descriptor: { mediaType: OCI_MANIFEST, digest: digestFor('image'), size: 7 },
  root: true,
  was: 'unreadable' as const,
}

describe('a journal', () => {
  it('has every step of an import when it is opened again', async () => {
    const folder = await tmpFolder()
    const journal = await folderJournals(folder).take(REGISTRY)
    await journal.begin(begun('one'))
    await journal.content('team/app')
    await journal.content('team/app')
    await journal.reached('signed')
    await journal.reached('remembered')
    await journal.naming([NAME])
    await journal.close()

    const { unfinished } = await folderJournals(folder).read(REGISTRY)

    expect(unfinished?.begun).toMatchObject(begun('one'))
    expect([...(unfinished?.content ?? [])]).toEqual(['team/app'])
    expect([...(unfinished?.steps ?? [])]).toEqual(['begun', 'content', 'signed', 'remembered', 'naming'])
    expect(unfinished?.naming).toEqual([NAME])
    expect((await readFile(journalPath(folder, REGISTRY), 'utf8')).trim().split('\n')).toHaveLength(5)
  })

  it('goes on with an import that was begun, and says nothing twice', async () => {
    const folder = await tmpFolder()
    for (let run = 0; run < 3; run += 1) {
      const journal = await folderJournals(folder).take(REGISTRY)
      await journal.begin(begun('one'))
      await journal.content('team/app')
      await journal.reached('signed')
      await journal.close()
    }

    const text = await readFile(journalPath(folder, REGISTRY), 'utf8')

    expect(text.trim().split('\n')).toHaveLength(3)
  })

  it('keeps a line of each import that is finished, and of no more than it has to', async () => {
    const folder = await tmpFolder()
    const journal = await folderJournals(folder).take(REGISTRY)
    for (let n = 0; n < 3; n += 1) {
      await journal.begin(begun(`import ${n}`))
      await journal.content('team/app')
      await journal.settle(n === 1 ? 'abandoned' : 'ended', AT)
    }
    await journal.close()

    const state = await folderJournals(folder).read(REGISTRY)

    expect(state.history.map(({ step }) => step)).toEqual(['ended', 'abandoned', 'ended'])
    expect([0, 1, 2].map((n) => hasEnded(state, begun(`import ${n}`)))).toEqual([true, false, true])
    expect(hasEnded(state, { ...begun('import 0'), names: digestFor('others') })).toBe(false)
    expect((await readFile(journalPath(folder, REGISTRY), 'utf8')).trim().split('\n')).toHaveLength(5)
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('forgets what was finished long ago', () => {
    const end = { step: 'ended', registry: REGISTRY, names: digestFor('names'), at: AT }
    const entries = Array.from({ length: LIMITS.journalHistory + 5 }, (_, n) => ({
      ...end,
      waybill: digestFor(`${n}`),
    }))

    expect(fold(...entries).history).toHaveLength(LIMITS.journalHistory)
    expect(fold(...entries).history.at(-1)?.waybill).toBe(digestFor(`${LIMITS.journalHistory + 4}`))
  })

  const first = { step: 'begun', registry: REGISTRY, ...begun('one') }
  const { descriptor, ...place } = NAME
  const flat = { ...place, ...descriptor }
  it.each<[string, readonly object[]]>([
    ['a step before the first', [{ step: 'signed' }]],
    ['two imports at once', [first, first]],
    ['another registry', [{ ...first, registry: 'other.example' }]],
    ['no step', [{ registry: REGISTRY }]],
    ['an unknown step', [first, { step: 'toString' }]],
    ['an unknown member', [{ ...first, more: 1 }]],
    ['a member of another step', [first, { step: 'signed', repository: 'team/app' }]],
    ['no digest', [{ ...first, waybill: 'sha256:1' }]],
    ['no time', [{ ...first, at: 'now' }]],
    ['no list', [{ ...first, roots: {} }]],
    ['a list of something else', [{ ...first, roots: ['team/app'] }]],
    ['a repository that is none', [first, { step: 'content', repository: '../up' }]],
    ['a tag that is none', [first, { step: 'naming', set: [{ ...flat, tag: '../x' }] }]],
    ['a name of no repository', [first, { step: 'naming', set: [{ ...flat, repository: 'A' }] }]],
    ['a name of no manifest', [first, { step: 'naming', set: [{ ...flat, mediaType: 'text/html' }] }]],
    ['a size that is none', [first, { step: 'naming', set: [{ ...flat, size: -1 }] }]],
    ['a former meaning that is none', [first, { step: 'naming', set: [{ ...flat, was: 'gone' }] }]],
  ])('is refused with %s', (_what, entries) => {
    expect(() => fold(...entries)).toThrowError(expect.objectContaining({ code: 'ERR_STATE_DAMAGED' }))
  })

  it('has a file of its own for every registry, on every file system', () => {
    const hosts = [
      'a.example',
      'a.example:5000',
      '[::1]:5000',
      '[::1:5000]',
      `${'a'.repeat(90)}.example`,
      'a'.repeat(200),
    ]
    const paths = hosts.map((host) => journalPath('folder', host))

    expect(new Set(paths).size).toBe(hosts.length)
    for (const path of paths) {
      expect(path).toMatch(/^folder.[a-z0-9.~()]+\.jsonl$/)
      expect(path.length).toBeLessThan(140)
    }
    expect(paths[1]).toBe(join('folder', 'a.example~5000.jsonl'))
  })
})

function fold(...entries: readonly object[]) {
  let text = ''
  let end = parseLog(new Uint8Array(), 'x') as Parameters<typeof endAfter>[0]
  for (const entry of entries) {
    text += `${Buffer.from(formatLine(entry, end.head)).toString()}\n`
    end = endAfter(end, entry)
  }
  return foldJournal(parseLog(Buffer.from(text), 'x'), { path: 'x', registry: REGISTRY })
}
