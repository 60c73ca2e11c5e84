import { describe, expect, it } from 'vitest'
import { KilledImporter, numberedBundles } from '../support/killed-importer.js'
import { aLoopbackProxy, type Fault, type Passed } from '../support/loopback-proxy.js'
import { aServedRegistry } from '../support/program.js'
import { tmpFolder } from '../support/tmp.js'

const FAULTS: readonly Fault[] = ['reset', { status: 500 }, { status: 503 }, { status: 429 }]

/** The kind of request from which on the registry is away, and how many of them it answers first. */
const PHASES: readonly (readonly [string, Passed['kind'], number])[] = [
  ['before the content', 'read', 0],
  ['in the content', 'write', 4],
  ['before the first name', 'name', 0],
  ['between the names', 'name', 2],
]

/** Goes away at a request, and stays away. */
function goingAway(kind: Passed['kind'], answers: number, fault: Fault): (one: Passed) => Fault {
  let left = answers
  let away = false
  return (one) => {
    if (one.kind === kind) left -= 1
    away ||= one.kind === kind && left < 0
    return away ? fault : 'pass'
  }
}

describe.each(PHASES)('a registry that goes away %s', (_, kind, answers) => {
  it('is said, loses nothing, and the same command comes to its end when it is back', {
    timeout: 240_000,
  }, async () => {
    const registry = await aServedRegistry(await tmpFolder())
    const bundles = await numberedBundles(2)
    const [older, newer] = bundles
    if (older === undefined || newer === undefined) throw new Error('no bundles')
    await Promise.all(
      FAULTS.map(async (fault, at) => {
        const proxy = await aLoopbackProxy(registry)
        const importer = await KilledImporter.make({ proxy, prefix: `fault${at}`, bundles })
        expect((await importer.run(older)).exit).toBe(0)
        proxy.forget()
        proxy.before = goingAway(kind, answers, fault)

        const { exit, stderr } = await importer.start(newer).end

        expect(exit, stderr).toBe(7)
        expect(stderr).not.toContain('this is a bug')
        proxy.forget()
        await importer.agreed(newer)
        const again = await importer.run(newer)
        expect(again.exit, again.stderr).toBe(0)
        expect(await importer.tags()).toMatchObject(newer.tags)
        expect((await importer.journal()).unfinished).toBeUndefined()
        expect((await importer.run(older)).exit).toBe(4)
      }),
    )
  })

  it('and never answers is left with an interrupt, and the same command comes to its end', async () => {
    const proxy = await aLoopbackProxy(await aServedRegistry(await tmpFolder()))
    const bundles = await numberedBundles(2)
    const [older, newer] = bundles
    if (older === undefined || newer === undefined) throw new Error('no bundles')
    const importer = await KilledImporter.make({ proxy, prefix: 'deaf', bundles })
    expect((await importer.run(older)).exit).toBe(0)
    proxy.forget()
    const away = goingAway(kind, answers, 'stall')
    const running = importer.start(newer)
    proxy.before = (one) => {
      const fault = away(one)
      if (fault === 'stall') running.child.kill('SIGINT')
      return fault
    }

    const { exit, stderr } = await running.end

    expect(exit, stderr).toBe(130)
    proxy.forget()
    await importer.agreed(newer)
    const again = await importer.run(newer)
    expect(again.exit, again.stderr).toBe(0)
    expect(await importer.tags()).toMatchObject(newer.tags)
  })
})
