import { describe, expect, it } from 'vitest'
import type { TransferEvent } from '../../src/events.js'
import { parseSource } from '../../src/export/request.js'
import { planRequest } from '../../src/export/run.js'
import type { Built } from '../support/build.js'
import { APP, aRelease, aRepository, exportOptions } from '../support/bundles.js'
import { anNv2Signature, nv2Artifact } from '../support/nv2.js'

const { index, all } = aRelease()
const ELSEWHERE = 'signatures.example/team/nv2'

async function planWith(signature: Built, sources: readonly string[] = [`${APP}:1.0`], events: TransferEvent[] = []) {
  const from = { [APP]: await aRepository(all), [ELSEWHERE]: await aRepository(signature.tagged('one')) }
  const request = {
    sources: sources.map(parseSource),
    nv2: [`${ELSEWHERE}:one`].map(parseSource),
    allowUnknownReferrers: false,
  }
  return await planRequest(request, exportOptions({ from, sources, events }))
}

describe('a signature of the prototype that is named', () => {
  it('travels with what it is about, under its own name', async () => {
    const signature = await anNv2Signature(index.root)

    const { contents } = await planWith(signature)

    expect(contents.document.roots.map(({ repository }) => repository)).toEqual([APP, ELSEWHERE])
    expect(contents.document.links).toEqual([{ signature: signature.root.digest, subject: index.root.digest }])
  })

  it('may be of a platform of what is exported', async () => {
    const { arm64 } = aRelease()

    const { contents } = await planWith(await anNv2Signature(arm64.root))

    expect(contents.document.links).toMatchObject([{ subject: arm64.root.digest }])
  })

  it('is one if it is named as a source as well', async () => {
    const { contents } = await planWith(await anNv2Signature(index.root), [`${APP}:1.0`, `${ELSEWHERE}:one`])

    expect(contents.document.roots).toHaveLength(2)
  })

  it('is refused if what it is about stays behind', async () => {
    const planning = planWith(await anNv2Signature(aRelease(9, 'another').index.root))

    await expect(planning).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  it('is refused if it is something else', async () => {
    await expect(planWith(aRelease(9, 'another').amd64)).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  it('is refused if it cannot be read, and a warning says why', async () => {
    const events: TransferEvent[] = []

    const planning = planWith(nv2Artifact(new Uint8Array([1])), undefined, events)

    await expect(planning).rejects.toMatchObject({ code: 'ERR_USAGE' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'signature-unreadable' }))
  })
})
