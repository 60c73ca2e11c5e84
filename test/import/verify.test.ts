import { open, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { TransferError } from '../../src/errors.js'
import type { TransferEvent } from '../../src/events.js'
import { CHECKS, type Verification } from '../../src/import/verification.js'
import { verify } from '../../src/import/verify.js'
import { aBundle, aRelease, importing, judgementOf, opened, trusted, verification } from '../support/bundles.js'
import { entriesIn } from '../support/bundles-by-hand.js'
import { mintChain } from '../support/keys.js'
import { fixedSigner } from '../support/keys-fixed.js'
import { CALL } from '../support/tmp.js'

function results({ checks }: Verification) {
  return Object.fromEntries(checks.map(({ name, result }) => [name, result]))
}

describe('verify', () => {
  it('makes every check on a sound bundle, and says who signed it', async () => {
    const bundle = await opened(await aBundle())

    const found = await verification(bundle)

    expect(found.verified).toBeDefined()
    expect([...new Set(found.checks.map(({ name }) => name))]).toEqual([...CHECKS])
    expect(results(found)).toMatchObject({ signature: 'pass', signer: 'pass', closure: 'pass', content: 'pass' })
    expect(found.signers).toEqual([
      expect.objectContaining({
        thumbprint: fixedSigner().chain[0]?.thumbprint,
        rootThumbprint: trusted().anchors[0]?.thumbprint,
        signedAt: '2026-11-20T10:00:00Z',
      }),
    ])
  })

  it('trusts nobody where the trust store is empty', async () => {
    const bundle = await opened(await aBundle())

    const found = await verification(bundle, { ...trusted(), anchors: [] })

    expect(judgementOf(found)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_SIGNER_UNKNOWN' })
    expect(found.verified).toBeUndefined()
  })

  it('trusts a leaf or a root that is in the store, and no other', async () => {
    const bundle = await opened(await aBundle())
    const [leaf] = fixedSigner().chain
    const stranger = await mintChain()

    const byLeaf = await verification(bundle, { ...trusted(), anchors: leaf === undefined ? [] : [leaf] })
    const byStranger = await verification(bundle, { ...trusted(), anchors: stranger.certificates })

    expect(byLeaf.verified).toBeDefined()
    expect(byStranger.verified).toBeUndefined()
  })

  it('reads no content where a signer is unknown, and says that it did not', async () => {
    const bundle = await opened(await aBundle())

    const found = await verification(bundle, { ...trusted(), anchors: [] })

    expect(results(found)).toMatchObject({ closure: 'not-applicable', content: 'not-applicable' })
  })

  it('names each blob that is damaged', async () => {
    const path = await aBundle(aRelease(20_000).all)
    const bytes = await readFile(path)
    const layers = entriesIn(bytes).filter(({ size }) => size > 20_000)
    for (const { bodyAt } of layers) bytes[bodyAt + 1000] = (bytes[bodyAt + 1000] ?? 0) ^ 1
    await writeFile(path, bytes)

    const found = await verification(await opened(path))

    const failed = found.checks.filter(({ result }) => result === 'fail')
    expect(failed.map(({ name, code }) => `${name} ${code}`)).toEqual(layers.map(() => 'content ERR_CONTENT_MISMATCH'))
    expect(failed.map(({ subject }) => subject.slice(7)).sort()).toEqual(
      layers.map(({ name }) => name.slice(13)).sort(),
    )
    expect(found.verified).toBeUndefined()
  })

  it('says each check as it reports it', async () => {
    const events: TransferEvent[] = []
    const bundle = await opened(await aBundle())

    const found = await verify(bundle, { ...importing(trusted()), ...CALL, emit: (event) => events.push(event) })

    const said = events.flatMap((event) => (event.type === 'checked' ? [[event.check, event.result]] : []))
    expect(said).toEqual(found.checks.map(({ name, result }) => [name, result]))
    expect(events.at(0)).toMatchObject({ type: 'stage-started', stage: 'verify' })
    expect(events.at(-1)).toEqual({ type: 'stage-ended', stage: 'verify' })
  })

  it('says of each check what came of it when it was made, the first before anything was hashed', async () => {
    const events: TransferEvent[] = []
    const bundle = await opened(await aBundle())

    await verify(bundle, { ...importing(trusted()), ...CALL, emit: (event) => events.push(event) })

    const said = events.map((event) => (event.type === 'checked' ? event.check : event.type))
    expect(said.slice(0, 2)).toEqual(['stage-started', 'structure'])
    expect(said.indexOf('signer')).toBeLessThan(said.indexOf('content'))
  })

  it('throws the fault of a trust store that cannot be read, and judges nobody without it', async () => {
    const bundle = await opened(await aBundle())
    const broken = Promise.reject(new TransferError('ERR_TRUST_STORE_INVALID', 'no such store'))
    broken.catch(() => undefined)

    const work = verify(bundle, { trust: broken, now: trusted().now, rollback: undefined, ...CALL, emit: () => {} })

    await expect(work).rejects.toMatchObject({ code: 'ERR_TRUST_STORE_INVALID' })
  })

  it('stops when it is told to', async () => {
    const bundle = await opened(await aBundle())
    const stop = new AbortController()
    stop.abort(new TransferError('ERR_CANCELLED', 'enough'))

    const work = verify(bundle, { ...importing(trusted()), signal: stop.signal, emit: () => {} })

    await expect(work).rejects.toMatchObject({ code: 'ERR_CANCELLED' })
  })

  it('notices a file that became shorter since it was opened', async () => {
    const path = await aBundle()
    const bundle = await opened(path)
    const file = await open(path, 'r+')
    await file.truncate(bundle.size - 3000)
    await file.close()

    const found = await verification(bundle)

    expect(found.verified).toBeUndefined()
    expect(judgementOf(found)).toMatchObject({ verdict: 'damaged' })
  })
})
