import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discover } from '../support/peers/compare.js'
import { type Notation, openNotation } from '../support/peers/notation.js'
import { makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { copyIn, makeLayout } from '../support/peers/release.js'
import { openSoftToken, type SoftToken } from '../support/peers/softhsm.js'
import { waybill } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'
import { installPlugin as installTestPlugin, type PluginRecipe } from '../support/plugins.js'

const PASSWORD = 'correct horse'

let space: Workspace
let registry: RunningRegistry
let token: SoftToken
let image: string

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  registry = await startRegistryPeer(space, 'olareg')
  token = await openSoftToken(space, 'release keys')
  image = `${registry.host}/app/keys:v1`
  copyIn(space, 'single', image)
})

afterAll(async () => {
  await registry.stop()
  await space.remove()
})

/** Signs with what these words name, and gives how it ended. */
function sign(words: readonly string[]) {
  const { status, stdout } = waybill(space, ['sign', image, ...words, '--json'], { env: token.env })
  return { status, ...JSON.parse(stdout.toString()) }
}

async function pem(file: string): Promise<string> {
  return await readFile(file, 'utf8')
}

/** Installs a plugin that has this key. */
async function installPlugin(name: string, chain: OpensslChain, recipe: PluginRecipe): Promise<void> {
  const blocks = (await pem(chain.chain)).match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  const certificates = blocks.map((block) => block.replaceAll(/-----[A-Z ]+-----|\s/g, ''))
  await installTestPlugin(space.path('waybill/plugins'), name, {
    key: await pem(chain.key),
    chain: certificates,
    keySpec: 'EC-256',
    ...recipe,
  })
}

const SERVICE = {
  capabilities: ['SIGNATURE_GENERATOR.ENVELOPE'],
  metadata: { now: Date.now() },
} as const

const PLACES: Readonly<Record<string, (chain: OpensslChain) => Promise<readonly string[]>>> = {
  'an encrypted PEM file': async ({ key, chain }) => {
    const file = space.path('encrypted.key')
    space.text('openssl', ['pkcs8', '-topk8', '-in', key, '-out', file, '-passout', `pass:${PASSWORD}`])
    return ['--key', file, '--cert', chain, '--password-file', await space.write('pem-password', `${PASSWORD}\n`)]
  },
  'a PKCS#12 file': async ({ key, chain }) => {
    const file = space.path('key.p12')
    space.text('openssl', [
      'pkcs12',
      '-export',
      '-inkey',
      key,
      '-in',
      chain,
      '-out',
      file,
      '-passout',
      `pass:${PASSWORD}`,
    ])
    return ['--key', file, '--password-file', await space.write('p12-password', `${PASSWORD}\n`)]
  },
  'a token': async (chain) => {
    await token.add('signer', chain, { id: '01' })
    return ['--key', token.uri(';object=signer'), '--password-file', await space.write('pin', token.pin)]
  },
  'a plugin that makes raw signatures': async (chain) => {
    await installPlugin('raw', chain, { capabilities: ['SIGNATURE_GENERATOR.RAW'] })
    return ['--key', 'plugin:raw', '--key-id', 'release', '--plugin-config', 'region=here']
  },
  'a plugin that makes whole envelopes': async (chain) => {
    await installPlugin('service', chain, SERVICE)
    return ['--key', 'plugin:service', '--key-id', 'release']
  },
}

describe.each(Object.keys(PLACES))('a key in %s', (place) => {
  let chain: OpensslChain
  let notation: Notation
  let words: readonly string[]

  beforeAll(async () => {
    const name = place.replaceAll(/[^a-z]+/gi, '-').toLowerCase()
    chain = await makeChain(space, name)
    notation = await openNotation(space, { name, roots: [chain.ca] })
    words = (await PLACES[place]?.(chain)) ?? []
  })

  it('makes a signature that notation accepts', () => {
    const { status, digest, algorithm } = sign([...words, '--metadata', 'build=7'])

    expect(status).toBe(0)
    expect(algorithm).toBe('ES256')
    const { stdout } = notation.verify(image.replace(':v1', `@${digest}`), ['-m', 'build=7'])
    expect(stdout.toString()).toContain('Successfully verified signature')
  })
})

describe('a key that does not sign as it should', () => {
  const hanging = () => discover(space, image).length

  it('is refused where its password is wrong, and nothing is pushed', async () => {
    const chain = await makeChain(space, 'locked')
    const words = (await PLACES['a PKCS#12 file']?.(chain)) ?? []
    const count = hanging()

    const wrong = await space.write('wrong-password', 'incorrect\n')
    const { status, code } = sign([...words.slice(0, 2), '--password-file', wrong])

    expect({ status, code }).toEqual({ status: 2, code: 'ERR_KEY_UNUSABLE' })
    expect(hanging()).toBe(count)
  })

  it.each<[string, PluginRecipe]>([
    ['answers with another key’s signature', { capabilities: ['SIGNATURE_GENERATOR.RAW'], key: '' }],
    ['signs something else', { ...SERVICE, metadata: { ...SERVICE.metadata, payload: { targetArtifact: {} } } }],
    ['lets its signature live longer', { ...SERVICE, metadata: { ...SERVICE.metadata, lifetime: 999_999 } }],
  ])('is refused where a plugin %s, and nothing is pushed', async (_what, recipe) => {
    const [chain, other] = [await makeChain(space, 'liar'), await makeChain(space, 'other')]
    const count = hanging()
    await installPlugin('liar', chain, { ...recipe, ...('key' in recipe ? { key: await pem(other.key) } : {}) })

    const { status } = sign(['--key', 'plugin:liar', '--key-id', 'release', '--expiry', '1h'])

    expect(status).toBe(5)
    expect(hanging()).toBe(count)
  })
})
