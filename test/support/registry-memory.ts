import { randomBytes } from 'node:crypto'
import type { ImporterMemory } from '../../src/import/memory/memory.js'
import type { RegistryMemoryOptions } from '../../src/import/memory/registry/options.js'
import { registryMemory } from '../../src/import/memory/registry/registry-memory.js'
import type { RecordsStore } from '../../src/import/memory/registry/snapshots.js'
import { STATE_STATEMENT } from '../../src/import/memory/registry/statement.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { type MintedChain, NOW, signerOf } from './keys.js'
import { signingWith } from './signing.js'

export const RECORDS: Repository = { registry: 'registry.acme.test', name: 'mirror/waybill' }

/** An importer that keeps nothing: everything it knows is in the store. */
export function anImporter(
  store: RecordsStore,
  chain: MintedChain,
  given: Partial<RegistryMemoryOptions> & { readonly signer?: Signer } = {},
): ImporterMemory {
  const { signer = signerOf(chain), ...options } = given
  return registryMemory({
    repository: RECORDS,
    open: async () => store,
    verification: async () => ({
      statement: STATE_STATEMENT,
      store: async () => [chain.root.certificate],
      now: NOW,
      judgeRevocation: async () => ({ result: 'not-revocable', certificates: [], allowedStale: false }),
    }),
    signing: signingWith(signer),
    run: randomBytes(16).toString('hex'),
    now: () => NOW,
    sleep: async () => {},
    requireState: false,
    ...options,
  })
}
