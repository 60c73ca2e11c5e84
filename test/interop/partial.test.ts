import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { readManifest, sha256 } from '../support/peers/compare.js'
import { type Notation, openNotation } from '../support/peers/notation.js'
import { makeChain } from '../support/peers/openssl.js'
import {
  type RunningRegistry,
  startDistribution,
  startOlareg,
  startPeer,
  startRegistryPeer,
} from '../support/peers/registries.js'
import { makeLayout, publishRelease, type Release } from '../support/peers/release.js'
import { initKeys, waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

let space: Workspace
let publisher: Notation
let source: RunningRegistry
let release: Release
let bundle: string

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  const chain = await makeChain(space, 'publisher')
  publisher = await openNotation(space, { name: 'publisher', signer: chain, roots: [chain.ca] })
  source = await startRegistryPeer(space, 'olareg')
  release = await publishRelease(space, source.host, publisher)
  bundle = space.path('arm64.tar')
  const args = ['export', `${source.host}/app/pair:v1`, '--platform', 'linux/arm64', '--output', bundle]
  waybillJson(space, 'waybill.export.v1', [...args, ...initKeys(space).signer])
})

afterAll(async () => {
  await source.stop()
  await space.remove()
})

const LENIENT = {
  'waybill serve': () => startRegistryPeer(space, 'waybill'),
  'Distribution, told to take sparse indexes': () =>
    startPeer(space, 'registry', (where, place) => startDistribution(where, 'registry', { ...place, sparse: true })),
  'olareg, told to take sparse indexes': () =>
    startPeer(space, 'olareg', (where, place) => startOlareg(where, { ...place, sparse: true })),
} as const

describe.each(Object.entries(LENIENT))('a bundle of one platform, imported into %s', (_, start) => {
  let target: RunningRegistry

  beforeAll(async () => {
    target = await start()
    waybillJson(space, 'waybill.import.v1', ['import', bundle, '--to', target.host])
  })

  afterAll(() => target?.stop())

  it('has the index as it was signed, and the platform that was asked for', () => {
    const { index, child } = release.pair
    for (const digest of [index, child]) {
      expect(sha256(readManifest(space, `${target.host}/app/pair`, digest))).toBe(digest)
      expect(publisher.verify(`${target.host}/app/pair@${digest}`).status).toBe(0)
    }
  })

  it('gives skopeo the image of that platform', () => {
    const how = [
      '--override-os',
      'linux',
      '--override-arch',
      'arm64',
      '--insecure-policy',
      'copy',
      '--src-tls-verify=false',
    ]

    const { status } = space.run('skopeo', [...how, `docker://${target.host}/app/pair:v1`, `dir:${target.name}-pulled`])

    expect(status).toBe(0)
  })
})

/** These want every platform of an index to be there, as they are set up by default. */
const STRICT = ['docker-registry', 'registry', 'olareg'] as const

describe.each(STRICT)('a bundle of one platform, imported into %s as it is by default', (name) => {
  it('is refused by the registry, with a reason, and nothing is tagged', async () => {
    const target = await startRegistryPeer(space, name)
    onTestFinished(() => target.stop())

    const { status, stdout } = waybill(space, ['import', bundle, '--to', target.host, '--json'])
    const tagged = space.run('crane', ['digest', '--insecure', `${target.host}/app/pair:v1`])

    expect({ status, code: JSON.parse(stdout.toString()).code }).toEqual({ status: 7, code: 'ERR_INDEX_REFUSED' })
    expect(tagged.status).not.toBe(0)
  })
})
