import { beforeAll, describe, expect, it } from 'vitest'
import type { MemoryStore } from '../../../src/content/memory.js'
import { notarySignatures } from '../../../src/content/notary-signatures.js'
import { countersign } from '../../../src/import/target/countersign.js'
import { load } from '../../../src/import/target/load.js'
import { formatRepository, type Repository } from '../../../src/oci/reference.js'
import type { SigningOptions } from '../../../src/sign/signing-options.js'
import { openEnvelope } from '../../../src/trust/envelope/open.js'
import type { Signer } from '../../../src/trust/key/signer.js'
import { anImage } from '../../support/build.js'
import { APP, aBundle, aRelease, aRepository, opened, verification } from '../../support/bundles.js'
import { Target } from '../../support/bundles-target.js'
import { decided } from '../../support/decided.js'
import { mintChain, NOW, signerOf } from '../../support/keys.js'
import { aService, signingWith } from '../../support/signing.js'
import { CALL } from '../../support/tmp.js'

const IMAGE = anImage()
let signer: Signer
let stranger: Signer

beforeAll(async () => {
  signer = signerOf(await mintChain())
  stranger = signerOf(await mintChain())
})

async function signaturesOn(store: MemoryStore, root = IMAGE.root) {
  return await notarySignatures(store, root, CALL)
}

describe('a countersignature', () => {
  it('is the importer’s own, and hangs on the root', async () => {
    const store = await aRepository(IMAGE)

    const done = await countersign(IMAGE.root, store, signingWith(signer))

    const [found] = await signaturesOn(store)
    expect(done).toEqual({ subject: IMAGE.root.digest, signature: found?.signature, added: true })
    if (found?.kind !== 'envelope') throw new Error('no envelope')
    const { chain } = await openEnvelope(await found.read(), found.type)
    expect(chain[0]?.thumbprint).toBe(signer.chain[0]?.thumbprint)
  })

  it.each<[string, (given: SigningOptions) => SigningOptions]>([
    ['with the same key', (given) => given],
    ['with a service that has the same key', (given) => ({ ...given, signer: aService(signer) })],
  ])('is not made again %s', async (_how, again) => {
    const store = await aRepository(IMAGE)
    const first = await countersign(IMAGE.root, store, signingWith(signer))

    const second = await countersign(IMAGE.root, store, again(signingWith(signer)))

    expect(second).toEqual({ ...first, added: false })
    expect(await signaturesOn(store)).toHaveLength(1)
  })

  it('is made beside those of others', async () => {
    const store = await aRepository(IMAGE)

    await countersign(IMAGE.root, store, signingWith(stranger))
    const { added } = await countersign(IMAGE.root, store, signingWith(signer))

    expect(added).toBe(true)
    expect(await signaturesOn(store)).toHaveLength(2)
  })

  it('is made again when the earlier one has expired', async () => {
    const store = await aRepository(IMAGE)
    const given = signingWith(signer, { lifetimeMs: 1000 })
    await countersign(IMAGE.root, store, given)

    const later = new Date(NOW.getTime() + 1000)
    const { added } = await countersign(IMAGE.root, store, { ...given, now: later, signingTime: later })

    expect(added).toBe(true)
  })
})

describe('an import that countersigns', () => {
  it('hangs the signature on each root before any name is set, once for each digest', async () => {
    const release = aRelease()
    const path = await aBundle([release.all.tagged('1.1')], { sources: [`${APP}:1.0`, `${APP}:1.1`] })
    const target = new Target()
    const signed: string[] = []

    await load(decided(await verification(await opened(path)), { registry: 'target.example' }), {
      signal: CALL.signal,
      open: target.open,
      emit: () => {},
      concurrency: 4,
      signRoot: async (root, repository, call) => {
        expect(target.acts.filter(({ kind }) => kind === 'tag')).toEqual([])
        expect(target.pushed()).toContain(root.digest)
        const done = await countersign(root, both(target, repository), { ...signingWith(signer), ...call })
        signed.push(done.subject)
      },
    })

    expect(signed).toEqual([release.index.root.digest])
    expect(target.acts.filter(({ kind }) => kind === 'tag').map(({ tag }) => tag)).toEqual(
      expect.arrayContaining(['1.0', '1.1']),
    )
  })

  it('sets no name where a signature cannot be made', async () => {
    const target = new Target()
    const refused = new Error('no')

    const loading = load(decided(await verification(await opened(await aBundle())), { registry: 'target.example' }), {
      signal: CALL.signal,
      open: target.open,
      emit: () => {},
      concurrency: 4,
      signRoot: async () => {
        throw refused
      },
    })

    await expect(loading).rejects.toBe(refused)
    expect(target.acts.filter(({ kind }) => kind === 'tag')).toEqual([])
  })
})

function both(target: Target, repository: Repository): MemoryStore {
  return target.store(formatRepository(repository))
}
