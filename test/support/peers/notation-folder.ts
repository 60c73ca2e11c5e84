import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { policyBytes } from '../trust-policies.js'
import { sha256 } from './compare.js'
import type { Workspace } from './workspace.js'

/** A signature on a layout, and the certificate that it was made with, which is its own root. */
export interface SignedLayout {
  readonly path: string
  readonly certificate: string
}

/** notation's configuration folder, and layouts that it signs and verifies by it. */
export interface NotationFolder {
  readonly dir: string
  readonly store: (name: string) => string
  /** Signs with a new self-signed certificate of this subject (as openssl writes it). */
  readonly sign: (name: string, subject: string) => Promise<SignedLayout>
  /** Whether notation takes the signature, with this policy in its folder, or with the one that is there. */
  readonly verifies: (signed: SignedLayout, given?: VerifyOptions) => Promise<boolean>
}

interface VerifyOptions {
  readonly statements?: readonly unknown[]
  /** what the layout is called in the policy */
  readonly scope?: string
}

const EXPERIMENTAL = { env: { NOTATION_EXPERIMENTAL: '1' } }
const EXTENSIONS = ['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature']

export async function openNotationFolder(space: Workspace): Promise<NotationFolder> {
  const dir = join(space.env['XDG_CONFIG_HOME'] ?? '', 'notation')
  const layout = space.path('layout')
  const digest = await makeSmallLayout(layout)
  const policy = join(dir, 'trustpolicy.json')
  await mkdir(dir, { recursive: true })
  return {
    dir,
    store: (name) => join(dir, 'truststore/x509/ca', name),
    sign: async (name, subject) => {
      const [key, certificate, path] = ['key', 'crt', 'layout'].map((suffix) => space.path(`${name}.${suffix}`))
      if (key === undefined || certificate === undefined || path === undefined) throw new Error('three paths')
      space.text('openssl', [
        'genpkey',
        '-quiet',
        '-algorithm',
        'EC',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-out',
        key,
      ])
      const what = ['-subj', subject, '-utf8', '-days', '30', ...EXTENSIONS.flatMap((text) => ['-addext', text])]
      space.text('openssl', ['req', '-x509', '-new', '-key', key, ...what, '-out', certificate])
      const keys = [{ name, keyPath: key, certPath: certificate }]
      await writeFile(join(dir, 'signingkeys.json'), JSON.stringify({ default: name, keys }))
      await cp(layout, path, { recursive: true })
      space.text('notation', ['sign', '--oci-layout', `${path}@${digest}`], EXPERIMENTAL)
      return { path, certificate }
    },
    verifies: async ({ path }, { statements, scope = 'local/test' } = {}) => {
      if (statements !== undefined) {
        await rm(policy, { force: true })
        await writeFile(policy, policyBytes(statements))
      }
      const args = ['verify', '--oci-layout', '--scope', scope, `${path}@${digest}`]
      return space.run('notation', args, EXPERIMENTAL).status === 0
    },
  }
}

/** An image layout with an artifact that has nothing in it. */
async function makeSmallLayout(folder: string): Promise<string> {
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true })
  const put = async (mediaType: string, content: unknown) => {
    const bytes = Buffer.from(JSON.stringify(content))
    await writeFile(join(folder, 'blobs', sha256(bytes).replace(':', '/')), bytes)
    return { mediaType, digest: sha256(bytes), size: bytes.byteLength }
  }
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const config = await put('application/vnd.oci.empty.v1+json', {})
  const manifest = await put(mediaType, { schemaVersion: 2, mediaType, config, layers: [] })
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }))
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  return manifest.digest
}
