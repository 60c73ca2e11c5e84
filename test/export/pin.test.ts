import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/content/memory.js'
import type { ContentSource } from '../../src/content/store.js'
import type { TransferEvent } from '../../src/events.js'
import { pin } from '../../src/export/pin.js'
import { parseSource } from '../../src/export/request.js'
import { anImage, content } from '../support/build.js'
import { APP, aRepository, openFrom } from '../support/bundles.js'
import { CALL } from '../support/tmp.js'

const OTHER = 'other.example/team/app'

async function pinned(from: Readonly<Record<string, ContentSource>>, ...sources: readonly string[]) {
  const events: TransferEvent[] = []
  const found = await pin(sources.map(parseSource), openFrom(from), {
    ...CALL,
    concurrency: 4,
    emit: (event) => events.push(event),
  })
  return { found, events }
}

describe('pin', () => {
  it('turns tags into digests and says so', async () => {
    const image = anImage().tagged('1.0')

    const { found, events } = await pinned({ [APP]: await aRepository(image) }, `${APP}:1.0`)

    expect(found.map(({ tag, root }) => [tag, root.digest])).toEqual([['1.0', image.root.digest]])
    expect(events).toEqual([{ type: 'pinned', reference: `${APP}:1.0`, digest: image.root.digest }])
  })

  it('keeps to the digest when the tag moves', async () => {
    const [before, after] = [anImage({ seed: 'before' }).tagged('1.0'), anImage({ seed: 'after' }).tagged('1.0')]
    const store = await aRepository(before)
    const { found } = await pinned({ [APP]: store }, `${APP}:1.0`)

    await after.into(store)

    expect(found[0]?.root.digest).toBe(before.root.digest)
  })

  it('takes a digest under the tag that is given with it', async () => {
    const [good, moved] = [anImage({ seed: 'good' }), anImage({ seed: 'moved' }).tagged('1.0')]
    const store = await aRepository(good, moved)

    const { found } = await pinned({ [APP]: store }, `${APP}:1.0@${good.root.digest}`)

    expect(found.map(({ tag, root }) => [tag, root.digest])).toEqual([['1.0', good.root.digest]])
  })

  it('takes a source that is named twice once', async () => {
    const image = anImage().tagged('1.0')
    const store = await aRepository(image)

    const { found } = await pinned({ [APP]: store }, `${APP}:1.0`, `${APP}:1.0`)

    expect(found).toHaveLength(1)
  })

  it('gives the same order whatever was named first', async () => {
    const store = await aRepository(anImage().tagged('1.0').tagged('2.0'))
    const from = { [APP]: store, [OTHER]: store }

    const one = await pinned(from, `${APP}:2.0`, `${OTHER}:1.0`)
    const two = await pinned(from, `${OTHER}:1.0`, `${APP}:2.0`)

    expect(one.found.map(({ tag }) => tag)).toEqual(['1.0', '2.0'])
    expect(two.found.map(({ tag }) => tag)).toEqual(['1.0', '2.0'])
  })

  it('refuses two sources that would become one name, before it asks for either', async () => {
    const nobody = memoryStore()

    const work = pinned({ [APP]: nobody, [OTHER]: nobody }, `${APP}:1.0`, `${OTHER}:1.0`)

    await expect(work).rejects.toMatchObject({ code: 'ERR_COLLISION', side: 'operator' })
  })

  it('refuses what is neither an image nor an index', async () => {
    const store = memoryStore()
    const { descriptor, bytes } = content('application/octet-stream', new Uint8Array([1]))
    store.hold(descriptor, bytes)
    await store.tag(descriptor, '1.0', CALL)

    await expect(pinned({ [APP]: store }, `${APP}:1.0`)).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
  })

  it('says what is not there', async () => {
    await expect(pinned({ [APP]: memoryStore() }, `${APP}:1.0`)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
})
