import { beforeAll, describe, expect, it } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import { type IssueOptions, issueReceipt } from '../../../src/import/receipt/issue-receipt.js'
import { waybillTag } from '../../../src/import/receipt/keep-receipt.js'
import type { ImportResult } from '../../../src/import/run.js'
import type { Verification } from '../../../src/import/verification.js'
import { parseReceiptFile } from '../../../src/receipt/receipt-file.js'
import { verifyReceipt } from '../../../src/receipt/verify-receipt.js'
import type { SigningOptions } from '../../../src/sign/signing-options.js'
import type { Signer } from '../../../src/trust/key/signer.js'
import { aBundle, opened, verification } from '../../support/bundles.js'
import { ImportWorld, REGISTRY } from '../../support/import-world.js'
import { mintChain, NOW, signerOf } from '../../support/keys.js'
import { trusting } from '../../support/receipts.js'
import { aService, signingWith } from '../../support/signing.js'
import { CALL, tmpFolder } from '../../support/tmp.js'

const RECORDS = { registry: REGISTRY, name: 'waybill' }
let signer: Signer

beforeAll(async () => {
  signer = signerOf(await mintChain())
})

/** An import into a world, and its receipt. */
async function imported(world: ImportWorld, found: Verification, given: Partial<IssueOptions> = {}) {
  world.start()
  const result = await world.import(found)
  return { result, issued: await issued(world, result, given) }
}

async function issued(world: ImportWorld, result: ImportResult, given: Partial<IssueOptions> = {}) {
  return await issueReceipt(result, {
    destination: { registry: REGISTRY },
    verifiedAt: NOW,
    finishedAt: NOW,
    generator: 'test',
    countersignatures: [],
    signing: signingWith(signer),
    open: world.open,
    records: RECORDS,
    state: new Map(),
    ...given,
  })
}

async function referrers(world: ImportWorld, found: Verification): Promise<readonly string[]> {
  const store = world.store(RECORDS.name)
  const digests: string[] = []
  for await (const { digest } of store.referrers(found.bundle.waybill.descriptor, CALL)) digests.push(digest)
  return digests
}

describe('the receipt of an import', () => {
  it('hangs on the waybill at the target, and says what was loaded', async () => {
    const world = new ImportWorld(await tmpFolder())
    const found = await verification(await opened(await aBundle()))

    const { issued, result } = await imported(world, found)

    const file = parseReceiptFile(issued.bytes)
    const outcome = await verifyReceipt(file, trusting(signer.chain.slice(-1)))
    expect(outcome.verdict).toBe('verified')
    expect(file.receipt).toMatchObject({
      result: 'loaded',
      waybill: { digest: found.bundle.waybill.descriptor.digest },
    })
    expect(file.receipt.roots[0]).toMatchObject({
      ruling: 'admitted',
      change: 'new',
      target: result.report?.loaded[0]?.target,
    })
    expect(await referrers(world, found)).toContain(issued.digest)
    const tagged = await world.store(RECORDS.name).resolve({ kind: 'tag', tag: waybillTag(found.bundle) }, CALL)
    expect(tagged.digest).toBe(found.bundle.waybill.descriptor.digest)
  })

  it('does not say where the bundle lay', async () => {
    const world = new ImportWorld(await tmpFolder())
    const path = await aBundle()
    const found = await verification(await opened(path))

    const { issued } = await imported(world, found)

    expect(Buffer.from(issued.bytes).toString()).not.toContain(path)
  })

  it('holds everything of what was admitted, in order', async () => {
    const world = new ImportWorld(await tmpFolder())
    const found = await verification(await opened(await aBundle()))

    const { issued } = await imported(world, found)

    const all = found.bundle.inventory.map(({ digest }) => digest)
    expect(issued.receipt.held).toEqual(all.toSorted())
  })

  it.each<[string, (given: SigningOptions) => SigningOptions]>([
    ['the same key', (given) => given],
    ['a service that has the same key', (given) => ({ ...given, signer: aService(signer) })],
  ])('is written once by %s, however often the import is run', async (_, again) => {
    const world = new ImportWorld(await tmpFolder())
    const found = await verification(await opened(await aBundle()))
    const first = await imported(world, found)
    const before = await referrers(world, found)

    const finishedAt = new Date(NOW.getTime() + 5000)
    const second = await imported(world, found, { finishedAt, signing: again(signingWith(signer)) })

    expect(second.issued).toMatchObject({ digest: first.issued.digest, added: false })
    expect(await referrers(world, found)).toEqual(before)
  })

  it('is refused where the target has lost something since it was loaded', async () => {
    const world = new ImportWorld(await tmpFolder())
    const found = await verification(await opened(await aBundle()))
    const { result } = await imported(world, found)
    const again = await world.import(found)
    const admitted = result.decision.rulings.find((ruling) => ruling.kind === 'admit')
    const lost = admitted?.closure.nodes.find(({ mediaType }) => mediaType.includes('layer'))
    const open: IssueOptions['open'] = async (repository) => {
      const store = await world.open(repository)
      const has: typeof store.has = async (descriptor, call) =>
        descriptor.digest !== lost?.digest && (await store.has(descriptor, call))
      return {
        resolve: (...given) => store.resolve(...given),
        fetch: (...given) => store.fetch(...given),
        referrers: (...given) => store.referrers(...given),
        push: (...given) => store.push(...given),
        tag: (...given) => store.tag(...given),
        has,
      }
    }
    const signing = signingWith(signerOf(await mintChain()))

    expect(again.outlook?.nothingToDo).toBe(true)
    await expect(issued(world, again, { open, signing })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      subject: lost?.digest,
      message: expect.stringContaining('--recheck'),
    })
    expect((await issued(world, again, { signing })).added).toBe(true)
  })

  it('is written beside that of another importer', async () => {
    const world = new ImportWorld(await tmpFolder())
    const found = await verification(await opened(await aBundle()))
    await imported(world, found, { signing: signingWith(signerOf(await mintChain())) })

    const { issued } = await imported(world, found)

    expect(issued.added).toBe(true)
  })

  it('is written again where something differs', async () => {
    const world = new ImportWorld(await tmpFolder())
    const found = await verification(await opened(await aBundle()))
    await imported(world, found)

    const { issued } = await imported(world, found, { policy: found.bundle.waybill.descriptor.digest })

    expect(issued.added).toBe(true)
  })

  it('of a refused bundle is given, and nothing is written to the target', async () => {
    const world = new ImportWorld(await tmpFolder())
    const { verified, ...refused } = await verification(await opened(await aBundle()))
    const why = {
      name: 'signature',
      subject: 'x',
      result: 'fail',
      detail: 'a\u001b[2J lie',
      code: 'ERR_SIGNATURE_MISSING',
    } as const

    const { issued } = await imported(world, { ...refused, checks: [...refused.checks, why] })

    expect(issued.receipt).toMatchObject({ result: 'refused', held: [] })
    expect(issued.receipt.roots[0]?.because?.[0]).toEqual({ detail: 'a\\u{1b}[2J lie', code: 'ERR_SIGNATURE_MISSING' })
    expect(issued).not.toHaveProperty('repository')
    expect(world.acts).toEqual([])
    expect(parseReceiptFile(issued.bytes).receipt).toEqual(issued.receipt)
  })

  it('that cannot be kept says that everything is loaded, and is added by the same command', async () => {
    const world = new ImportWorld(await tmpFolder())
    const found = await verification(await opened(await aBundle()))
    world.start()
    const result = await world.import(found)
    const open = async () => {
      throw new TransferError('ERR_FORBIDDEN', 'no', { side: 'sink' })
    }

    await expect(issued(world, result, { open })).rejects.toMatchObject({
      code: 'ERR_FORBIDDEN',
      message: expect.stringContaining('everything is loaded'),
    })

    expect((await imported(world, found)).issued.added).toBe(true)
  })

  it('has a compact form where the key signs by itself, and none of a service', async () => {
    const world = new ImportWorld(await tmpFolder())
    const found = await verification(await opened(await aBundle()))

    const { issued: own } = await imported(world, found)
    const { issued: service } = await imported(world, found, {
      signing: { ...signingWith(signer), signer: aService(signer) },
    })

    expect(own.compact).toMatch(/^WBR1:[A-Z2-7]+$/)
    expect(service.compact).toBeUndefined()
  })
})
