import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CommandContext } from '../../src/cli/context.js'
import { type BaseWords, heldAtFarSide } from '../../src/cli/export-base.js'
import type { TransferEvent } from '../../src/events.js'
import { addToTrustStore } from '../../src/trust/store/trust-store.js'
import { aBundle } from '../support/bundles.js'
import { type MintedChain, mintChain, NOW, signerOf } from '../support/keys.js'
import { aReceipt, aReceiptFile, aRefusal } from '../support/receipts.js'
import { CALL, tmpFolder } from '../support/tmp.js'

let importer: MintedChain
let stranger: MintedChain

beforeAll(async () => {
  importer = await mintChain('Importer')
  stranger = await mintChain('Stranger')
})

const IMPORTERS = { type: 'ca', name: 'importers' } as const

async function trusting(chain: MintedChain): Promise<string> {
  const config = await tmpFolder()
  await addToTrustStore(config, Buffer.from(chain.root.pem), { store: IMPORTERS, fileName: 'root.crt' })
  return config
}

async function receiptFile(receipt = aReceipt(), by = importer): Promise<string> {
  const path = join(await tmpFolder(), 'receipt.json')
  await writeFile(path, await aReceiptFile(receipt, signerOf(by)))
  return path
}

async function heldFor(words: BaseWords, configDir: string, events: TransferEvent[] = []) {
  const context: Partial<CommandContext> = {
    ...{ configDir, signal: CALL.signal, now: () => NOW, emit: (event) => events.push(event) },
    readFile: async (path) => await readFile(path),
  }
  return await heldAtFarSide(words, context as CommandContext)
}

describe('what an export leaves out', () => {
  it('is what an importer that counts has acknowledged, and what is assumed', async () => {
    const bundle = await aBundle()

    const held = await heldFor({ base: [await receiptFile()], assume: [bundle] }, await trusting(importer))

    expect(held.map(({ base }) => base.kind)).toEqual(['acknowledged', 'assumed'])
    expect(held[0]?.digests).toEqual(new Set(aReceipt().held))
  })

  it('is asked of nobody where nothing is said', async () => {
    expect(await heldFor({}, await tmpFolder())).toEqual([])
  })

  it('is not what a stranger says', async () => {
    const words = { base: [await receiptFile(aReceipt(), stranger)] }

    await expect(heldFor(words, await trusting(importer))).rejects.toMatchObject({ code: 'ERR_SIGNER_UNKNOWN' })
  })

  it('is not known where nobody has said which importers count', async () => {
    const words = { base: [await receiptFile()] }

    await expect(heldFor(words, await tmpFolder())).rejects.toMatchObject({ code: 'ERR_TRUST_STORE_INVALID' })
  })

  it('is not what a receipt says that was changed', async () => {
    const path = await receiptFile()
    const bytes = await readFile(path)
    await writeFile(path, bytes.toString().replace('"prefix":"mirror"', '"prefix":"mirrer"'))

    await expect(heldFor({ base: [path] }, await trusting(importer))).rejects.toMatchObject({
      code: 'ERR_SIGNATURE_INVALID',
    })
  })

  it('is nothing of a refused import, and somebody is told', async () => {
    const events: TransferEvent[] = []

    const held = await heldFor({ base: [await receiptFile(aRefusal())] }, await trusting(importer), events)

    expect(held).toEqual([])
    expect(events).toEqual([expect.objectContaining({ type: 'warning', code: 'receipt-stands-for-nothing' })])
  })
})
