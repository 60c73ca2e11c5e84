import { copyFile, mkdir } from 'node:fs/promises'
import { parseJson } from './compare.js'
import type { OpensslChain } from './openssl.js'
import type { Ran } from './tool.js'
import { waybill } from './waybill.js'
import type { Workspace } from './workspace.js'

const SCOPE = 'local/artifact'

/** A statement of a trust policy, but for its name and scope. */
export type Statement = Readonly<Record<string, unknown>>

export interface HomeOptions {
  /** paths of certificates by `type:name` */
  readonly stores: Readonly<Record<string, readonly string[]>>
  readonly signer?: OpensslChain
}

/** One folder of settings, trust stores and policy that notation and Waybill both read as it is. */
export interface NotaryHome {
  /** what `waybill --trust` is given */
  readonly dir: string
  readonly sign: (layout: SignedLayout, args: readonly string[]) => void
  readonly setPolicy: (statement: Statement) => Promise<void>
  /** `notation verify`, of what the layout holds */
  readonly notation: (layout: SignedLayout, args?: readonly string[]) => Ran
  /** `waybill verify`, of the same */
  readonly waybill: (layout: SignedLayout, args?: readonly string[]) => Ran
}

export interface SignedLayout {
  readonly folder: string
  readonly digest: string
}

export async function openHome(space: Workspace, name: string, options: HomeOptions): Promise<NotaryHome> {
  const home = space.path(name)
  const dir = `${home}/notation`
  await mkdir(dir, { recursive: true })
  for (const [store, paths] of Object.entries(options.stores)) {
    const folder = `${dir}/truststore/x509/${store.replace(':', '/')}`
    await mkdir(folder, { recursive: true })
    for (const [at, path] of paths.entries()) await copyFile(path, `${folder}/root-${at}.crt`)
  }
  if (options.signer !== undefined) {
    const { key, chain } = options.signer
    const keys = { default: 'chain', keys: [{ name: 'chain', keyPath: key, certPath: chain }] }
    await space.write(`${name}/notation/signingkeys.json`, JSON.stringify(keys))
  }
  const env = { XDG_CONFIG_HOME: home, NOTATION_EXPERIMENTAL: '1' }
  let caches = 0
  const of = ({ folder, digest }: SignedLayout) => `${folder}@${digest}`
  return {
    dir,
    sign: (layout, args) => {
      space.text('notation', ['sign', '--oci-layout', '--key', 'chain', ...args, of(layout)], { env })
    },
    setPolicy: async (statement) => {
      const policy = { version: '1.0', trustPolicies: [{ name: 'test', registryScopes: ['*'], ...statement }] }
      await space.write(`${name}/notation/trustpolicy.json`, JSON.stringify(policy))
    },
    notation: (layout, args = []) => {
      caches += 1
      // A cache of its own each time: what was answered before is remembered there.
      const fresh = { ...env, XDG_CACHE_HOME: space.path(`cache-${name}-${caches}`) }
      return space.run('notation', ['verify', '--oci-layout', '--scope', SCOPE, ...args, of(layout)], { env: fresh })
    },
    waybill: ({ folder }, args = []) =>
      waybill(space, ['verify', `oci:${folder}`, '--trust', dir, '--scope', SCOPE, '--json', ...args]),
  }
}

/** A layout with one artifact of its own, and nothing signed. */
export async function newLayout(space: Workspace, name: string): Promise<SignedLayout> {
  await space.write('artifact.txt', `the artifact ${name}\n`)
  const pushed = space.text('oras', [
    'push',
    '--oci-layout',
    `${name}:v1`,
    'artifact.txt:text/plain',
    '--format',
    'json',
  ])
  return { folder: space.path(name), digest: parseJson<{ digest: string }>(pushed).digest }
}
