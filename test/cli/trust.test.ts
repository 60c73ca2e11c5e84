import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CommandContext } from '../../src/cli/context.js'
import { importerTrust, type TrustOptions } from '../../src/cli/trust.js'
import { addToTrustStore } from '../../src/trust/store/trust-store.js'
import { type MintedChain, mintChain } from '../support/keys.js'
import { tmpFolder } from '../support/tmp.js'

const EXPORTERS = { type: 'ca', name: 'exporters' } as const

let own: MintedChain
let other: MintedChain

beforeAll(async () => {
  own = await mintChain('Own')
  other = await mintChain('Other')
})

async function trusting(folder: string, chain: MintedChain): Promise<void> {
  await addToTrustStore(folder, Buffer.from(chain.root.pem), { store: EXPORTERS, fileName: 'root.crt' })
}

async function policy(folder: string, statement: Readonly<Record<string, unknown>>): Promise<void> {
  const common = { name: 'one', trustStores: ['ca:acme'], trustedIdentities: ['*'] }
  const json = { version: '1.0', trustPolicies: [{ ...common, ...statement }] }
  await writeFile(join(folder, 'trustpolicy.json'), JSON.stringify(json))
}

function trustOf(configDir: string, options: TrustOptions = {}) {
  const context = { configDir, emit: () => {}, findPlugin: () => async () => undefined }
  return importerTrust(options, context as unknown as CommandContext)
}

/** Subjects of those whom this trust lets sign bundles. */
async function exporters(configDir: string, options: TrustOptions = {}): Promise<readonly string[]> {
  const trust = await trustOf(configDir, options)
  const found = await (trust.exporterStore ?? trust.store)(EXPORTERS)
  return found.map(({ subject }) => subject)
}

describe('who may sign bundles', () => {
  it('are the exporters of the configuration folder', async () => {
    const config = await tmpFolder()
    await trusting(config, own)

    expect(await exporters(config)).toEqual([own.root.certificate.subject])
  })

  it('are the same with a trust folder that knows nothing of bundles, as notation’s own does not', async () => {
    const [config, notation] = [await tmpFolder(), await tmpFolder()]
    await trusting(config, own)
    await policy(notation, { registryScopes: ['*'], signatureVerification: { level: 'strict' } })

    expect(await exporters(config, { trust: notation })).toEqual([own.root.certificate.subject])
  })

  it('are those of the trust folder where it has some, and then only they', async () => {
    const [config, folder] = [await tmpFolder(), await tmpFolder()]
    await trusting(config, own)
    await trusting(folder, other)

    expect(await exporters(config, { trust: folder })).toEqual([other.root.certificate.subject])
  })

  it('are never looked for elsewhere where the policy has a statement about bundles', async () => {
    const [config, folder] = [await tmpFolder(), await tmpFolder()]
    await trusting(config, own)
    const stores = { registryScopes: ['waybill/bundle'], trustStores: ['ca:exporters'] }
    await policy(folder, { ...stores, signatureVerification: { level: 'strict' } })

    await expect(exporters(config, { trust: folder })).rejects.toMatchObject({ code: 'ERR_TRUST_STORE_INVALID' })
  })

  it('are decided by the policy or by --store, and not by both', async () => {
    const folder = await tmpFolder()
    await policy(folder, { registryScopes: ['waybill/bundle'], signatureVerification: { level: 'strict' } })

    await expect(trustOf(folder, { store: ['mine'] })).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  it.each(['audit'])('cannot be everybody: a statement about bundles at level %s is refused', async (level) => {
    const folder = await tmpFolder()
    await policy(folder, { registryScopes: ['waybill/bundle'], signatureVerification: { level } })

    const work = trustOf(folder)
    await expect(work).rejects.toMatchObject({ code: 'ERR_TRUST_POLICY_INVALID' })
    await expect(work).rejects.toThrow(folder)
  })
})

describe('a trust folder', () => {
  it('must be named where --trust is given', async () => {
    await expect(trustOf(await tmpFolder(), { trust: '' })).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  it('without a policy says nothing about artifacts', async () => {
    const config = await tmpFolder()
    await trusting(config, own)

    expect((await trustOf(config)).artifacts).toBeUndefined()
  })
})
