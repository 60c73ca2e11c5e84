import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { OpensslChain } from './openssl.js'
import type { Workspace } from './workspace.js'

const MODULES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/softhsm/libsofthsm.so']

/** A software token in a folder of the workspace. */
export interface SoftToken {
  readonly label: string
  readonly pin: string
  /** path of the PKCS#11 library */
  readonly module: string
  /** without which the library finds no token */
  readonly env: { readonly SOFTHSM2_CONF: string }
  /** Puts a key on the token and, where it is wanted, its certificates under the key's ID. */
  readonly add: (name: string, files: OpensslChain, options: AddOptions) => Promise<void>
  /** Makes a P-256 key that never leaves the token; gives its public half, DER. */
  readonly generate: (name: string, id: string, options?: readonly string[]) => Buffer
  /** the URI of a key, with more attributes where they are given */
  readonly uri: (attributes: string, query?: string) => string
}

export interface AddOptions {
  readonly id: string
  /** which certificates of the chain, leaf first; all of them unless it is given */
  readonly certificates?: number
}

export async function openSoftToken(space: Workspace, label: string): Promise<SoftToken> {
  const module = MODULES.find((path) => existsSync(path))
  if (module === undefined) throw new Error('softhsm2 is not installed: run test/peers/install.sh')
  const pin = '123456'
  await mkdir(space.path('tokens'), { recursive: true })
  const conf = `directories.tokendir = ${space.path('tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`
  const env = { SOFTHSM2_CONF: await space.write('softhsm2.conf', conf) }
  const util = (...args: readonly string[]) => space.text('softhsm2-util', args, { env })
  const tool = (...args: readonly string[]) =>
    space.text('pkcs11-tool', ['--module', module, '--token-label', label, '--login', '--pin', pin, ...args], { env })
  util('--init-token', '--free', '--label', label, '--pin', pin, '--so-pin', '87654321')
  return {
    label,
    pin,
    module,
    env,
    add: async (name, files, { id, certificates = Number.POSITIVE_INFINITY }) => {
      util('--import', files.key, '--token', label, '--label', name, '--id', id, '--pin', pin)
      const pem = space.text('openssl', ['storeutl', '-noout', '-text', '-certs', files.chain])
      const count = Math.min(pem.match(/^\d+: Certificate$/gm)?.length ?? 0, certificates)
      for (let at = 0; at < count; at += 1) {
        const der = await space.write(`${name}-${at}.der`, certificateAt(space, files.chain, at))
        // Only the leaf has the key's ID; its issuers are there under others.
        tool('--write-object', der, '--type', 'cert', '--id', at === 0 ? id : `f${at}${id}`, '--label', name)
      }
    },
    generate: (name, id, options = []) => {
      tool('--keypairgen', '--key-type', 'EC:prime256v1', '--label', name, '--id', id, '--usage-sign', ...options)
      tool('--read-object', '--type', 'pubkey', '--id', id, '--output-file', space.path(`${name}.pub`))
      return space.bytes('openssl', ['pkey', '-pubin', '-inform', 'DER', '-in', `${name}.pub`, '-outform', 'DER'])
    },
    uri: (attributes, query = '') =>
      `pkcs11:token=${encodeURIComponent(label)}${attributes}?module-path=${module}${query}`,
  }
}

function certificateAt(space: Workspace, chain: string, at: number): Buffer {
  const blocks = space.text('cat', [chain]).match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  return space.bytes('openssl', ['x509', '-outform', 'DER'], { input: `${blocks[at] ?? ''}\n` })
}
