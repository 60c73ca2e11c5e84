import { exporterStatement, type ImporterTrust } from '../../src/import/trust.js'
import type { Verification } from '../../src/import/verification.js'
import { verify } from '../../src/import/verify.js'
import type { VerifyOptions } from '../../src/import/verify-options.js'
import { digestOf } from '../../src/oci/digest.js'
import type {
  ArtifactRule,
  DocumentRequirement,
  ImportPolicy,
  PolicySigner,
  SignatureRequirement,
} from '../../src/policy/import-policy.js'
import type { Certificate } from '../../src/trust/certificate/certificate.js'
import { aBundle, type ExportSpec, opened } from './bundles.js'
import { VERIFIED_AT } from './clock.js'
import { fixedTrust } from './keys-fixed.js'
import { CALL } from './tmp.js'

/** A policy that lets the fixed exporter send bundles without a stream, and says nothing of artifacts. */
export function aPolicy(changes: Partial<ImportPolicy> = {}): ImportPolicy {
  return {
    path: 'import-policy.yaml',
    digest: digestOf(Buffer.from('policy')),
    signers: signersOf('exporter', 'vendor', 'certifier', 'lab'),
    bundles: { maxAgeMs: undefined, requireExpiry: false },
    streams: [],
    unstreamed: { signedBy: ['exporter'] },
    artifacts: [],
    names: { registries: [], allowed: [], rename: [] },
    partial: false,
    opa: undefined,
    ...changes,
  }
}

/** Signers, each whoever a store of its own name trusts. */
export function signersOf(...names: readonly string[]): ReadonlyMap<string, PolicySigner> {
  return new Map(names.map((name) => [name, aPolicySigner(name)]))
}

/** Whoever a store of a name trusts. */
export function aPolicySigner(name: string, store = name): PolicySigner {
  return { name, kinds: [], by: 'statement', statement: { ...exporterStatement([store]), name } }
}

/** A rule for everything that asks for nothing but what is given. */
export function aRule(changes: Partial<ArtifactRule> = {}): ArtifactRule {
  return {
    name: 'all',
    sources: ['*'],
    signatures: [],
    documents: [],
    unsigned: 'refuse',
    immutableTags: [],
    ...changes,
  }
}

export function wants(...of: readonly string[]): SignatureRequirement {
  return { atLeast: of.length, of }
}

export function wantsSome(atLeast: number, ...of: readonly string[]): SignatureRequirement {
  return { atLeast, of }
}

export const SBOM = 'application/spdx+json'

export function wantsSbom(changes: Partial<DocumentRequirement> = {}): DocumentRequirement {
  return { types: [SBOM], atLeast: 1, on: 'root', signatures: [], ...changes }
}

type Stores = Readonly<Record<string, readonly Certificate[]>>

/** An importer with these stores of type `ca`, beside those of the fixed exporter. */
export function importerWith(stores: Stores, artifacts?: ImporterTrust['artifacts']): ImporterTrust {
  const all: Stores = { exporters: fixedTrust(), exporter: fixedTrust(), ...stores }
  return {
    waybill: exporterStatement(['exporters']),
    ...(artifacts === undefined ? {} : { artifacts }),
    store: async ({ name }) => all[name] ?? [],
  }
}

export interface UnderPolicy extends Partial<VerifyOptions> {
  readonly policy: ImportPolicy
  readonly stores: Stores
}

/** Verifies a new bundle of this under a policy. */
export async function underPolicy(
  content: Parameters<typeof aBundle>[0],
  { stores, ...given }: UnderPolicy,
  spec: Partial<ExportSpec> = {},
): Promise<Verification> {
  const bundle = await opened(await aBundle(content, spec))
  return await verify(bundle, {
    trust: importerWith(stores),
    rollback: undefined,
    now: VERIFIED_AT,
    ...CALL,
    emit: () => {},
    ...given,
  })
}
