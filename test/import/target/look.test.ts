import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { rootName } from '../../../src/bundle/document.js'
import { outlookLines, outlookOutput } from '../../../src/cli/render/outlook.js'
import type { ContentSink, ContentSource } from '../../../src/content/store.js'
import { type ErrorCode, TransferError } from '../../../src/errors.js'
import { readState } from '../../../src/import/memory/read-state.js'
import type { ImportOptions } from '../../../src/import/run.js'
import type { Verification } from '../../../src/import/verification.js'
import type { Repository } from '../../../src/oci/reference.js'
import { aCosignSignature, anImage } from '../../support/build.js'
import { APP, aBundle, aRepository, opened, verification } from '../../support/bundles.js'
import { aNumberedBundle, ImportWorld } from '../../support/import-world.js'
import { digestFor, STREAM } from '../../support/streams.js'
import { tmpFolder } from '../../support/tmp.js'

async function aWorld(): Promise<ImportWorld> {
  return new ImportWorld(await tmpFolder())
}

/** A bundle without a stream, of one image under one tag. */
async function plain(
  seed: string,
  given: { readonly tag?: string; readonly createdAt?: Date } = {},
): Promise<Verification> {
  const { tag = 'latest', ...spec } = given
  const store = await aRepository(anImage({ seed }).tagged(tag))
  return await verification(
    await opened(await aBundle([], { from: { [APP]: store }, sources: [`${APP}:${tag}`], ...spec })),
  )
}

/** As an import policy sees it that says `partial`, and refuses one root. */
function partly(found: Verification, refused?: string): Verification {
  const roots = found.bundle.document.roots.map((root) => ({
    root,
    admitted: rootName(root) !== refused,
    detail: '',
    signatures: [],
    documents: [],
    recorded: false,
  }))
  const bundle = { admitted: true, detail: '', signers: [] }
  return { ...found, policy: { path: 'policy.yaml', digest: digestFor('policy'), partial: true, bundle, roots } }
}

function writes({ acts }: ImportWorld): readonly string[] {
  return acts.filter((act) => act.startsWith('push') || act.startsWith('tag'))
}

/** A target that answers so when it is asked for a tag. */
function answering(world: ImportWorld, code: ErrorCode): ImportOptions['open'] {
  return async (repository: Repository): Promise<ContentSource & ContentSink> => ({
    ...(await world.open(repository)),
    resolve: async () => {
      throw new TransferError(code, 'no')
    },
  })
}

const changes = (result: Awaited<ReturnType<ImportWorld['import']>>) =>
  result.outlook?.look.roots.map(({ target, change }) => `${target} ${change}`)

describe('the look at the target', () => {
  it('tells what is new, the same, and moved', async () => {
    const world = await aWorld()

    const first = await world.import(await aNumberedBundle(1))
    const next = await world.import(await aNumberedBundle(2))
    const again = await world.import(await aNumberedBundle(2))

    const names = ['team/app:latest', 'team/app:v2', 'team/tool:latest'].map((name) => `target.example/${name}`)
    expect(changes(first)?.every((one) => one.endsWith(' new'))).toBe(true)
    expect(changes(next)).toEqual([`${names[0]} moved`, `${names[1]} new`, `${names[2]} moved`])
    expect(changes(again)).toEqual(names.map((name) => `${name} same`))
    expect(next.outlook?.look.roots[0]?.was).toBe(first.outlook?.look.roots[0]?.root.descriptor.digest)
  })

  it('tells where a signature under a tag of cosign’s takes the place of another one', async () => {
    const world = await aWorld()
    const image = anImage({ seed: 'x' }).tagged('latest')
    const signed = async (by: string) =>
      await verification(
        await opened(await aBundle([image, aCosignSignature(image, by)], { sources: [`${APP}:latest`] })),
      )

    await world.import(await signed('b25l'))
    const next = await world.import(await signed('dHdv'))

    expect(next.outlook?.look.roots[0]?.change).toBe('same')
    expect(next.outlook?.look.toSet).toMatchObject([{ root: false, was: expect.stringContaining('sha256:') }])
    expect(outlookOutput(next)).toMatchObject({ movedTags: [{ was: expect.any(String) }] })
    expect(outlookLines(next)).toEqual([expect.stringMatching(/^team\/app:sha256-[0-9a-f]{64}\.sig moves from /)])
    const rulings = next.decision.rulings.map(({ root }) => ({ kind: 'refuse' as const, root, because: [] }))
    expect(outlookLines({ ...next, decision: { ...next.decision, rulings } })).toEqual([])
  })

  it('finds a root without a tag by its digest', async () => {
    const world = await aWorld()
    const image = anImage({ seed: 'x' })
    const store = await aRepository(image)
    const path = await aBundle([], { from: { [APP]: store }, sources: [`${APP}@${image.root.digest}`] })
    const found = await verification(await opened(path))

    const first = await world.import(found)
    world.start()
    const again = await world.import(found)

    expect(changes(first)).toEqual([`target.example/team/app@${image.root.digest} new`])
    expect(changes(again)).toEqual([`target.example/team/app@${image.root.digest} same`])
    expect(again.outlook?.nothingToDo).toBe(true)
    expect(world.acts).toEqual(['resolve team/app'])
  })

  it('refuses to move a tag that never moves, before anything is written', async () => {
    const world = await aWorld()
    await world.import(await plain('a', { tag: 'v1' }))
    const before = world.tags()
    world.start()

    const result = await world.import(await plain('b', { tag: 'v1' }), { immutableTags: () => ['w*', 'v*'] })

    expect(result.report).toBeUndefined()
    expect(result.verification.verified).toBeUndefined()
    expect(result.verification.checks.at(-1)).toMatchObject({ code: 'ERR_TAG_IMMUTABLE', subject: `${APP}:v1` })
    expect(writes(world)).toEqual([])
    expect(world.tags()).toEqual(before)
  })

  it('keeps only the root out whose tag never moves, where the policy lets the others in', async () => {
    const world = await aWorld()
    const options = {
      immutableTags: ({ repository }: { readonly repository: string }) => (repository === APP ? ['latest'] : []),
    }
    await world.import(await aNumberedBundle(1))
    const before = world.tags()
    const two = partly(await aNumberedBundle(2))

    const result = await world.import(two, options)
    const again = await world.import(two, options)

    expect(result.report?.loaded.map(({ target }) => target)).toEqual([
      'target.example/team/app:v2',
      'target.example/team/tool:latest',
    ])
    expect(result.verification.checks.at(-1)).toMatchObject({ code: 'ERR_TAG_IMMUTABLE', result: 'logged' })
    expect(world.tags()['team/app:latest']).toBe(before['team/app:latest'])
    expect(await world.missing()).toEqual([])
    expect(again.outlook?.nothingToDo).toBe(true)
  })

  it('keeps out what was refused before, also after it has looked', async () => {
    const world = await aWorld()
    await world.import(await aNumberedBundle(1))
    const two = partly(await aNumberedBundle(2), `${APP}:v2`)

    const result = await world.import(two, {
      immutableTags: ({ repository }) => (repository === APP ? ['latest'] : []),
    })

    expect(result.report?.loaded.map(({ target }) => target)).toEqual(['target.example/team/tool:latest'])
    expect(Object.keys(world.tags())).not.toContain('team/app:v2')
  })

  it('lets a tag that never moves be set once, and mean the same again', async () => {
    const world = await aWorld()
    const options = { immutableTags: () => ['*'] }

    await world.import(await plain('a', { tag: 'v1' }), options)
    const again = await world.import(await plain('a', { tag: 'v1' }), { ...options, recheck: true })

    expect(again.report?.loaded).toHaveLength(1)
  })

  it.each<[ErrorCode, readonly string[], ErrorCode | undefined]>([
    ['ERR_FORBIDDEN', [], undefined],
    ['ERR_FORBIDDEN', ['*'], 'ERR_FORBIDDEN'],
    ['ERR_SINK_UNREACHABLE', [], 'ERR_SINK_UNREACHABLE'],
    ['ERR_UNAUTHORIZED', [], 'ERR_UNAUTHORIZED'],
    ['ERR_CONTENT_AMBIGUOUS', [], undefined],
    ['ERR_REGISTRY_PROTOCOL', [], undefined],
  ])('where the target answers %s, and %j never move, ends with %s', async (code, immutable, outcome) => {
    const world = await aWorld()

    const work = world.import(await plain('a'), { open: answering(world, code), immutableTags: () => immutable })

    if (outcome === undefined) expect((await work).report?.loaded).toHaveLength(1)
    else await expect(work).rejects.toMatchObject({ code: outcome })
    if (outcome !== undefined) expect(writes(world)).toEqual([])
  })

  it('takes what it cannot read under a tag for something that moves', async () => {
    const world = await aWorld()
    const open = answering(world, 'ERR_CONTENT_AMBIGUOUS')

    const moved = await world.import(await plain('a'), { open })
    const refused = await world.import(await plain('b'), { open, immutableTags: () => ['latest'] })

    expect(moved.outlook?.look.roots[0]).toMatchObject({ change: 'moved', was: 'unreadable' })
    expect(refused.verification.checks.at(-1)?.code).toBe('ERR_TAG_IMMUTABLE')
  })

  it('does not give a name of a stream back to an older bundle without one, but for a reason', async () => {
    const world = await aWorld()
    await world.import(await aNumberedBundle(1))
    const older = await plain('older', { createdAt: new Date('2026-11-01T00:00:00Z') })

    const refused = await world.import(older)
    const allowed = await world.import(older, { rollback: { ...(await world.rollback()), allow: 'it has to be' } })

    expect(refused.report).toBeUndefined()
    expect(refused.verification.checks.at(-1)).toMatchObject({ code: 'ERR_ROLLBACK', result: 'fail' })
    expect(allowed.goneBackFor).toBe('it has to be')
    expect(allowed.verification.checks.at(-1)).toMatchObject({ code: 'ERR_ROLLBACK', result: 'logged' })
    expect(allowed.report?.loaded).toHaveLength(1)
  })

  it('looks again before it sets names: a tag that never moves and has come meanwhile stays', async () => {
    const world = await aWorld()
    const found = await plain('a', { tag: 'v1' })
    const other = await plain('b', { tag: 'v1' })
    let pushed = false
    world.before = async (act) => {
      if (!act.startsWith('push') || pushed) return
      pushed = true
      const elsewhere = new ImportWorld(await tmpFolder())
      await elsewhere.import(other)
      for (const [name, store] of elsewhere.stores) world.stores.set(name, store)
    }

    const work = world.import(found, { immutableTags: () => ['v1'] })

    await expect(work).rejects.toMatchObject({ code: 'ERR_TAG_IMMUTABLE', subject: `${APP}:v1` })
    expect(world.acts.some((act) => act.startsWith('tag'))).toBe(false)
    expect((await readState(world.folder)).get(STREAM)).toBeUndefined()
  })

  it('writes nothing anywhere in a dry run', async () => {
    const world = await aWorld()

    const result = await world.import(await aNumberedBundle(1), { dryRun: true })

    expect(changes(result)).toHaveLength(3)
    expect(result.report).toBeUndefined()
    expect(new Set(world.acts)).toEqual(new Set(['resolve team/app', 'resolve team/tool']))
    expect(await readdir(world.folder)).toEqual([])
  })
})
