import { copyFile, mkdir } from 'node:fs/promises'
import type { OpensslChain } from './openssl.js'
import type { Ran } from './tool.js'
import type { Workspace } from './workspace.js'

export type EnvelopeFormat = 'jws' | 'cose'

const TRUST_STORE = 'waybill-test'

/** `notation` with a signing key, and a policy that trusts the given roots for everything, strictly. */
export interface Notation {
  readonly sign: (reference: string, format: EnvelopeFormat) => void
  readonly verify: (reference: string, args?: readonly string[]) => Ran
  /** @param folder an unpacked image layout */
  readonly verifyLayout: (folder: string, digest: string) => Ran
}

export interface NotationOptions {
  /** A name for its folder. */
  readonly name: string
  readonly signer?: OpensslChain
  /** Paths of root certificates. */
  readonly roots: readonly string[]
  /** Paths of root certificates of timestamp authorities: with them every signature needs a timestamp. */
  readonly timestampRoots?: readonly string[]
}

export async function openNotation(space: Workspace, options: NotationOptions): Promise<Notation> {
  const { timestampRoots = [] } = options
  const folder = space.path(`notation-${options.name}`)
  const env = { XDG_CONFIG_HOME: folder }
  await mkdir(`${folder}/notation`, { recursive: true })
  const write = (name: string, content: unknown) =>
    space.write(`notation-${options.name}/notation/${name}`, JSON.stringify(content))
  if (options.signer !== undefined) {
    const { key, chain } = options.signer
    await write('signingkeys.json', { default: 'chain', keys: [{ name: 'chain', keyPath: key, certPath: chain }] })
  }
  await write('trustpolicy.json', {
    version: '1.0',
    trustPolicies: [
      {
        name: 'test',
        registryScopes: ['*'],
        signatureVerification: { level: 'strict' },
        trustStores: [`ca:${TRUST_STORE}`, ...(timestampRoots.length === 0 ? [] : [`tsa:${TRUST_STORE}`])],
        trustedIdentities: ['*'],
      },
    ],
  })
  const stores = [...options.roots.map((root) => ['ca', root]), ...timestampRoots.map((root) => ['tsa', root])] as const
  for (const [at, [type = '', root = '']] of stores.entries()) {
    const named = `${folder}/root-${at}.crt` // the store refuses a second file of one name
    await copyFile(root, named)
    space.text('notation', ['cert', 'add', '--type', type, '--store', TRUST_STORE, named], { env })
  }
  return {
    sign: (reference, format) => {
      const how = ['--insecure-registry', '--force-referrers-tag=false', '--signature-format', format, '--key', 'chain']
      space.text('notation', ['sign', ...how, reference], { env })
    },
    verify: (reference, args = []) =>
      space.run('notation', ['verify', '--insecure-registry', ...args, reference], { env }),
    verifyLayout: (layout, digest) =>
      space.run('notation', ['verify', '--oci-layout', '--scope', 'local/waybill', `${layout}@${digest}`], {
        env: { ...env, NOTATION_EXPERIMENTAL: '1' },
      }),
  }
}
