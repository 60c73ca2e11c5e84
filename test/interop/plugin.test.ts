import { mkdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pluginEnvironment } from '../../src/plugin/environment.js'
import { openPluginKey } from '../../src/plugin/open-plugin-key.js'
import { openNotation } from '../support/peers/notation.js'
import { makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { makeLayout } from '../support/peers/release.js'
import { openSoftToken, type SoftToken } from '../support/peers/softhsm.js'
import { toolPath } from '../support/peers/tool.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

/** The plugin as `npm run build` makes it. */
const PLUGIN = fileURLToPath(new URL('../../dist/cli/notation-waybill.js', import.meta.url))

let space: Workspace
let token: SoftToken
let reference: string

beforeAll(async () => {
  space = await openWorkspace()
  token = await openSoftToken(space, 'plugin keys')
  const layout = await makeLayout(space)
  const { manifests } = JSON.parse(await readFile(space.path(layout, 'index.json'), 'utf8'))
  const { digest } = manifests.find(
    (one: { readonly annotations?: Readonly<Record<string, string>> }) =>
      one.annotations?.['org.opencontainers.image.ref.name'] === 'single',
  )
  reference = `${layout}@${digest}`
})

afterAll(() => space.remove())

/** Installs the plugin as an administrator does: a script of two lines in the folder of its name. */
async function installPlugin(folder: string): Promise<void> {
  await mkdir(space.path(folder, 'waybill'), { recursive: true })
  const script = `#!/bin/sh\nexec '${process.execPath}' '${PLUGIN}' "$@"\n`
  await space.write(`${folder}/waybill/notation-waybill`, script, 0o755)
}

interface Key {
  readonly id: string
  readonly config: readonly string[]
  readonly chain: OpensslChain
}

const KEYS: Readonly<Record<string, () => Promise<Key>>> = {
  'in a PEM file': async () => {
    const chain = await makeChain(space, 'pem')
    return { id: 'release', config: [`key=${chain.key}`, `cert=${chain.chain}`], chain }
  },
  'in a PKCS#12 file': async () => {
    const chain = await makeChain(space, 'p12', { kind: 'RSA 3072' })
    const password = await space.write('p12-password', 'correct horse\n')
    const files = ['-inkey', chain.key, '-in', chain.chain, '-out', space.path('key.p12')]
    space.text('openssl', ['pkcs12', '-export', ...files, '-passout', `file:${password}`])
    return { id: space.path('key.p12'), config: [`password-file=${password}`], chain }
  },
  'on a token': async () => {
    const chain = await makeChain(space, 'token', { kind: 'EC P-384' })
    await token.add('signer', chain, { id: '01' })
    const pin = await space.write('pin', token.pin)
    return { id: token.uri(';object=signer', `&pin-source=file:${pin}`), config: [], chain }
  },
}

describe('notation with waybill as its plugin', () => {
  it.each(Object.keys(KEYS))('signs with a key %s, and verifies the signatures', async (where) => {
    const key = await KEYS[where]?.()
    if (key === undefined) throw new Error('no such key')
    const name = where.replaceAll(/[ #]/g, '-')
    const notation = await openNotation(space, { name, roots: [key.chain.ca] })
    await installPlugin(`notation-${name}/notation/plugins`)

    for (const format of ['jws', 'cose']) {
      const how = ['--signature-format', format, '--plugin', 'waybill', '--id', key.id, '--expiry', '24h']
      const config = key.config.flatMap((word) => ['--plugin-config', word])
      space.text('notation', ['sign', '--oci-layout', ...how, ...config, '--user-metadata', 'build=7', reference], {
        env: { ...token.env, XDG_CONFIG_HOME: space.path(`notation-${name}`), NOTATION_EXPERIMENTAL: '1' },
      })
    }

    const [layout = '', digest = ''] = reference.split('@')
    expect(notation.verifyLayout(layout, digest).stdout.toString()).toContain('Successfully verified signature')
  })

  it('is told why nothing was signed', async () => {
    const chain = await makeChain(space, 'wrong')
    await openNotation(space, { name: 'wrong', roots: [chain.ca] })
    await installPlugin('notation-wrong/notation/plugins')

    const { status, stderr } = space.run(
      toolPath('notation'),
      ['sign', '--oci-layout', '--plugin', 'waybill', '--id', chain.key, reference],
      { env: { XDG_CONFIG_HOME: space.path('notation-wrong'), NOTATION_EXPERIMENTAL: '1' } },
    )

    expect(status).not.toBe(0)
    expect(stderr).toContain('needs its certificate chain')
  })
})

describe('waybill with itself as its plugin', () => {
  it('signs with a key in a file', async () => {
    const key = await KEYS['in a PEM file']?.()
    await installPlugin('plugins')
    const config = Object.fromEntries((key?.config ?? []).map((word) => word.split('=') as [string, string]))

    const signer = await openPluginKey(
      { name: 'waybill', keyId: 'release', config },
      {
        folder: space.path('plugins'),
        now: new Date(),
        environment: pluginEnvironment({ ...space.env, ...token.env, LD_PRELOAD: 'none' }),
        signal: new AbortController().signal,
      },
    )

    expect(signer).toMatchObject({ algorithm: 'ES256' })
    await signer.close()
  })
})
