import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Root, rootName } from '../../../src/bundle/document.js'
import type { TransferEvent } from '../../../src/events.js'
import { folderJournals } from '../../../src/import/journal/journal.js'
import { describeImport } from '../../../src/import/receipt/describe-import.js'
import type { AskPerson, Reviewable } from '../../../src/import/review/ask-person.js'
import type { ImportResult } from '../../../src/import/run.js'
import type { Verification } from '../../../src/import/verification.js'
import { LIMITS } from '../../../src/limits.js'
import { anImage } from '../../support/build.js'
import { APP } from '../../support/bundles.js'
import { VERIFIED_AT } from '../../support/clock.js'
import { aNumberedBundle, ImportWorld, REGISTRY, TOOL, tagsOf } from '../../support/import-world.js'
import { tmpFolder } from '../../support/tmp.js'

const NO_ONE: AskPerson = async () => new Map()

function rootOf({ bundle }: Verification, reference: string): Root {
  const found = bundle.document.roots.find((root) => rootName(root) === reference)
  if (found === undefined) throw new Error(`no root ${reference}`)
  return found
}

/** Somebody who refuses one root, for a reason. */
function refusing(reference: string, reason: string): AskPerson {
  return async ({ verification }) => new Map([[rootOf(verification, reference), reason]])
}

function refusedBy({ decision }: ImportResult): (string | undefined)[] {
  return decision.rulings.flatMap((ruling) => (ruling.kind === 'refuse' ? [ruling.because[0]?.code] : []))
}

/** Another program has set a name of the bundle at the target. */
async function taggedBySomebody(world: ImportWorld, what: string): Promise<void> {
  const store = world.store('team/app')
  await anImage({ seed: what, size: 10 }).tagged('latest').into(store)
}

async function written(world: ImportWorld): Promise<boolean> {
  return (await readdir(world.folder)).length > 0 || [...world.stores.values()].some(({ stored }) => stored.length > 0)
}

describe('a person who reviews an import', () => {
  test('is asked when the target has been looked at, and nothing has been written', async () => {
    const world = new ImportWorld(await tmpFolder())
    const seen: Reviewable[] = []
    const nothing: boolean[] = []

    await world.import(await aNumberedBundle(1), {
      review: async (asked) => {
        seen.push(asked)
        nothing.push(!(await written(world)))
        return new Map()
      },
    })

    expect(seen).toHaveLength(1)
    expect(seen[0]?.outlook?.look.roots.map(({ change }) => change)).toEqual(['new', 'new', 'new'])
    expect(nothing).toEqual([true])
  })

  test('who refuses nothing gets what nobody would have been asked about', async () => {
    const found = await aNumberedBundle(1)
    const world = new ImportWorld(await tmpFolder())

    await world.import(found, { review: NO_ONE })

    expect(world.tags()).toEqual(await tagsOf(found, await tmpFolder()))
  })

  test('refuses one artifact, and the others are loaded without a policy that allows parts', async () => {
    const world = new ImportWorld(await tmpFolder())
    const events: TransferEvent[] = []

    const result = await world.import(await aNumberedBundle(1), {
      review: refusing(`${TOOL}:latest`, 'not before the audit'),
      emit: (event) => events.push(event),
    })

    expect(refusedBy(result)).toEqual(['ERR_REFUSED_BY_PERSON'])
    expect(Object.keys(world.tags())).not.toContain('team/tool:latest')
    expect(Object.keys(world.tags())).toContain('team/app:latest')
    expect(await world.missing()).toEqual([])
    expect(events).toContainEqual({ type: 'checked', check: 'policy', subject: `${TOOL}:latest`, result: 'fail' })
  })

  test('has the reason in the receipt, and that it was a person', async () => {
    const world = new ImportWorld(await tmpFolder())
    const found = await aNumberedBundle(1)

    const result = await world.import(found, { review: refusing(`${TOOL}:latest`, 'not before the audit') })
    const receipt = describeImport(result, {
      destination: { registry: REGISTRY },
      verifiedAt: VERIFIED_AT,
      finishedAt: VERIFIED_AT,
      generator: 'waybill/test',
      countersignatures: [],
    })

    const tool = receipt.roots.find(({ source }) => source === `${TOOL}:latest`)
    expect(tool).toMatchObject({ ruling: 'refused' })
    expect(JSON.stringify(tool)).toContain('a person refuses it: not before the audit')
    expect(JSON.stringify(tool)).toContain('ERR_REFUSED_BY_PERSON')
  })

  test('can have loaded later what was refused: it is neither old nor done', async () => {
    const found = await aNumberedBundle(1)
    const world = new ImportWorld(await tmpFolder())
    await world.import(found, { review: refusing(`${TOOL}:latest`, 'later') })

    const again = await world.import(found, { review: NO_ONE })

    expect(again.outlook?.nothingToDo).toBe(false)
    expect(world.tags()).toEqual(await tagsOf(found, await tmpFolder()))
    expect(await world.missing()).toEqual([])
  })

  test('refuses all of it, and nothing is written or remembered', async () => {
    const world = new ImportWorld(await tmpFolder())

    const result = await world.import(await aNumberedBundle(1), {
      review: async ({ verification }) =>
        new Map(verification.bundle.document.roots.map((root) => [root, 'none of it'] as const)),
    })

    expect(result.report).toBeUndefined()
    expect(result.place).toBeUndefined()
    expect(refusedBy(result)).toEqual(Array(3).fill('ERR_REFUSED_BY_PERSON'))
    expect(world.tags()).toEqual({})
    expect(world.acts.filter((act) => act.startsWith('push'))).toEqual([])
    expect(await readdir(world.folder)).not.toContain('streams')
  })

  test('has a reason that stays in the receipt where all of it is refused by now', async () => {
    const world = new ImportWorld(await tmpFolder())
    const found = await aNumberedBundle(1)
    const latest = found.bundle.document.roots[0] as Root
    let asked = 0

    const result = await world.import(found, {
      immutableTags: () => ['*'],
      review: async () => {
        asked += 1
        if (asked === 1) await taggedBySomebody(world, 'something else')
        return new Map([[latest, 'not today']])
      },
    })

    const reasons = result.decision.rulings.flatMap((ruling) => (ruling.kind === 'refuse' ? ruling.because : []))
    expect(asked).toBe(2)
    expect(reasons.map(({ code }) => code)).toContain('ERR_REFUSED_BY_PERSON')
    expect(reasons.map(({ detail }) => detail).join()).toContain('not today')
    expect(result.report).toBeUndefined()
  })

  test('cannot let in what is refused, whatever the answer is', async () => {
    const world = new ImportWorld(await tmpFolder())
    await world.import(await aNumberedBundle(2))
    const before = world.tags()
    const old = await aNumberedBundle(1)
    const failed: Verification = {
      ...old,
      checks: [...old.checks, { name: 'rollback', subject: 'x', result: 'fail', detail: 'old', code: 'ERR_ROLLBACK' }],
    } as Verification
    const asked: boolean[] = []

    const result = await world.import(failed, {
      review: async ({ outlook }) => {
        asked.push(outlook === undefined)
        return new Map()
      },
    })

    expect(asked).toEqual([true])
    expect(result.report).toBeUndefined()
    expect(world.tags()).toEqual(before)
  })

  test('holds no lock while reading: another import of the same target can take it', async () => {
    const world = new ImportWorld(await tmpFolder())
    const journals = folderJournals(join(world.folder, 'journal'))

    const result = await world.import(await aNumberedBundle(1), {
      review: async () => {
        await (await journals.take(REGISTRY)).close()
        return new Map()
      },
    })

    expect(result.report?.loaded).toHaveLength(3)
  })

  test('loses to another import of the stream that was done meanwhile', async () => {
    const found = await aNumberedBundle(1)
    const world = new ImportWorld(await tmpFolder())

    const importing = world.import(found, {
      review: async () => {
        await world.import(found)
        return new Map()
      },
    })

    await expect(importing).rejects.toMatchObject({ code: 'ERR_STATE_BUSY' })
    expect(world.tags()).toEqual(await tagsOf(found, await tmpFolder()))
  })

  test('is asked again where a name has come to mean something else meanwhile', async () => {
    const world = new ImportWorld(await tmpFolder())
    const changes: unknown[] = []

    await world.import(await aNumberedBundle(1), {
      review: async ({ outlook }) => {
        changes.push(outlook?.look.roots.map(({ change }) => change))
        if (changes.length === 1) await taggedBySomebody(world, 'something else')
        return new Map()
      },
    })

    expect(changes).toEqual([
      ['new', 'new', 'new'],
      ['moved', 'new', 'new'],
    ])
    expect(await world.missing()).toEqual([])
  })

  test('is not asked for ever about a target that is never twice the same', async () => {
    const world = new ImportWorld(await tmpFolder())
    let asked = 0

    const importing = world.import(await aNumberedBundle(1), {
      review: async () => {
        asked += 1
        await taggedBySomebody(world, `something else, ${asked}`)
        return new Map()
      },
    })

    await expect(importing).rejects.toMatchObject({ code: 'ERR_TARGET_BUSY' })
    expect(asked).toBe(5)
  })

  test.each([
    ['nothing', ''],
    ['spaces', ' \t '],
  ])('must give a reason: %s is none', async (_what, reason) => {
    const world = new ImportWorld(await tmpFolder())

    const importing = world.import(await aNumberedBundle(1), { review: refusing(`${TOOL}:latest`, reason) })

    await expect(importing).rejects.toMatchObject({ code: 'ERR_USAGE' })
    expect(world.tags()).toEqual({})
  })

  test('cannot write escapes, other lines or a book into the receipt', async () => {
    const world = new ImportWorld(await tmpFolder())
    const reason = `\u001b[2Jclean\nLOADED\u202e\ud800${'x'.repeat(10_000)}`

    const result = await world.import(await aNumberedBundle(1), { review: refusing(`${APP}:latest`, reason) })

    const [detail = ''] = result.decision.rulings.flatMap((ruling) =>
      ruling.kind === 'refuse' ? [ruling.because[0]?.detail] : [],
    )
    expect(detail).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
    expect(detail.length).toBeLessThan(LIMITS.reviewReasonLength + 200)
  })

  test('who goes away leaves everything as it was', async () => {
    const world = new ImportWorld(await tmpFolder())
    const stop = new Error('stopped')

    const importing = world.import(await aNumberedBundle(1), { review: () => Promise.reject(stop) })

    await expect(importing).rejects.toBe(stop)
    expect(world.tags()).toEqual({})
    expect(await readdir(join(world.folder))).toEqual([])
  })
})
