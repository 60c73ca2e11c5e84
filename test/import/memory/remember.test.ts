import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { StreamPlace } from '../../../src/bundle/stream.js'
import type { RollbackOptions } from '../../../src/import/checks/rollback.js'
import { folderMemory } from '../../../src/import/memory/folder-memory.js'
import { readState } from '../../../src/import/memory/read-state.js'
import { takePlace } from '../../../src/import/memory/remember.js'
import type { Verification } from '../../../src/import/verification.js'
import { digestOf } from '../../../src/oci/digest.js'
import { logPath } from '../../../src/state/log-file.js'
import { aBundle, aRelease, judgementOf, opened, trusted, verification } from '../../support/bundles.js'
import { VERIFIED_AT } from '../../support/clock.js'
import { STREAM } from '../../support/streams.js'
import { tmpFolder } from '../../support/tmp.js'

async function numbered(sequence: number, given: Partial<StreamPlace> = {}): Promise<string> {
  const place = { stream: STREAM, sequence, ...given }
  return await aBundle(aRelease(50, `release ${sequence}`).all, { place })
}

function remembering(folder: string, rollback: RollbackOptions) {
  return { memory: folderMemory(folder), rollback, now: () => VERIFIED_AT, signal: new AbortController().signal }
}

/** Verifies a bundle against what is remembered in a folder. */
async function against(folder: string, path: string, allow?: string) {
  const rollback = {
    state: await readState(folder),
    requireChain: false,
    ...(allow === undefined ? {} : { allow }),
  }
  const found = await verification(await opened(path), { ...trusted(), rollback })
  return { found, rollback }
}

/** Verifies and remembers, as an import does that has nothing to load; the code where it is refused. */
async function imported(folder: string, path: string, allow?: string): Promise<string | boolean | undefined> {
  const { found, rollback } = await against(folder, path, allow)
  if (found.verified === undefined) return judgementOf(found).code
  const place = await takePlace(found, remembering(folder, rollback))
  try {
    return (await place?.begin(true))?.added
  } finally {
    await place?.close()
  }
}

function checkOf({ checks }: Verification) {
  return checks.find(({ name }) => name === 'rollback')
}

describe('an importer with a folder', () => {
  it('lets bundles in that go forward, refuses those that go back, and says nothing twice', async () => {
    const folder = join(await tmpFolder(), 'new', 'state')
    const [one, two, three] = [await numbered(1), await numbered(2), await numbered(3)]

    expect(await imported(folder, one)).toBe(true)
    expect(await imported(folder, three)).toBe(true)
    expect(await imported(folder, three)).toBe(false)
    expect(await imported(folder, one)).toBe('ERR_ROLLBACK')
    expect(await imported(folder, two)).toBe('ERR_ROLLBACK')
    expect(await imported(folder, await aBundle(undefined, { place: { stream: STREAM, sequence: 3 } }))).toBe(
      'ERR_EQUIVOCATION',
    )
    expect(await readdir(folder)).toEqual(['acme~nightly.jsonl'])
  })

  it('goes back for a reason, keeps it, and needs a new one the next time', async () => {
    const folder = await tmpFolder()
    const [one, two] = [await numbered(1), await numbered(2)]
    await imported(folder, one)
    await imported(folder, two)

    expect(await imported(folder, one, 'number 2 does not start')).toBe(true)
    expect(await imported(folder, one)).toBe('ERR_ROLLBACK')
    expect(await imported(folder, two)).toBe(true)

    const lines = (await readFile(logPath(folder, STREAM), 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).entry)).toMatchObject([
      { sequence: 1, tags: [{ name: 'registry.example/team/app:1.0' }] },
      { sequence: 2 },
      { sequence: 1, reason: 'number 2 does not start' },
      { sequence: 2 },
    ])
  })

  it('remembers nothing of a bundle without a stream', async () => {
    const folder = await tmpFolder()

    expect(await imported(folder, await aBundle())).toBeUndefined()
    expect(await readdir(folder)).toEqual([])
  })

  it('remembers nothing before it is told that all content is there', async () => {
    const folder = await tmpFolder()
    const { found, rollback } = await against(folder, await numbered(2))
    const memory = await takePlace(found, remembering(folder, rollback))
    await memory?.close()

    expect(await readState(folder)).toEqual(new Map())
    expect(await imported(folder, await numbered(2))).toBe(true)
  })

  it('lets one of two imports of a stream go on, and the other one look again', async () => {
    const folder = await tmpFolder()
    const [older, newer] = [await against(folder, await numbered(1)), await against(folder, await numbered(2))]
    const open = ({ found, rollback }: typeof older) => takePlace(found, remembering(folder, rollback))
    const memory = await open(newer)

    await expect(open(older)).rejects.toMatchObject({ code: 'ERR_STATE_BUSY' })
    await memory?.begin(true)
    await memory?.close()
    await expect(open(older)).rejects.toMatchObject({ code: 'ERR_STATE_BUSY' })

    expect(await imported(folder, await numbered(1))).toBe('ERR_ROLLBACK')
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('keeps every line of many imports that race', async () => {
    const folder = await tmpFolder()
    const paths = await Promise.all([1, 2, 3, 4, 5, 6].map((sequence) => numbered(sequence)))

    const results = await Promise.allSettled(paths.map((path) => imported(folder, path)))

    const state = (await readState(folder)).get(STREAM)
    const done = results.filter((one) => one.status === 'fulfilled' && one.value === true).length
    expect(state?.accepted.size ?? 0).toBe(done)
    for (const one of results) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'ERR_STATE_BUSY' })
      else expect([true, 'ERR_ROLLBACK']).toContain(one.value)
    }
  })

  it.each([
    ['is damaged', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 40), Buffer.from('x'), bytes.subarray(41)])],
    ['says something that it cannot say', (bytes: Buffer) => Buffer.from(bytes.toString().replace('"gone"', '"g0ne"'))],
  ])('refuses everything where its memory %s', async (_what, change) => {
    const folder = await tmpFolder()
    await imported(folder, await numbered(1))
    const path = logPath(folder, STREAM)
    await writeFile(path, change(await readFile(path)))

    await expect(readState(folder)).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
  })

  it('refuses a memory of one stream under the name of another', async () => {
    const folder = await tmpFolder()
    await imported(folder, await numbered(1))
    await writeFile(logPath(folder, 'other'), await readFile(logPath(folder, STREAM)))

    await expect(readState(folder)).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
  })

  it('looks at no number of a bundle that a stranger signed', async () => {
    const folder = await tmpFolder()
    await imported(folder, await numbered(2))
    const rollback = { state: await readState(folder), requireChain: false }

    const found = await verification(await opened(await numbered(1)), { ...trusted(), anchors: [], rollback })

    expect(judgementOf(found).code).toBe('ERR_SIGNER_UNKNOWN')
    expect(checkOf(found)?.result).toBe('not-applicable')
  })

  it('reports another chain', async () => {
    const folder = await tmpFolder()
    await imported(folder, await numbered(1))

    const { found } = await against(folder, await numbered(2, { previous: digestOf(new Uint8Array([7])) }))

    expect(found.verified).toBeDefined()
    expect(checkOf(found)?.detail).toContain('follows sha256:')
  })
})
