import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { discover, type Referrer } from '../support/peers/compare.js'
import { type Notation, openNotation } from '../support/peers/notation.js'
import { makeChain } from '../support/peers/openssl.js'
import { hasReferrersApi, REGISTRIES, type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { attachSbom, copyIn, makeLayout, publishRelease, type Release } from '../support/peers/release.js'
import { initKeys, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const INDEX = 'application/vnd.oci.image.index.v1+json'

let space: Workspace
let publisher: Notation
let owner: Notation
let source: RunningRegistry
let release: Release
let bundle: string

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  const [first, second] = [await makeChain(space, 'publisher'), await makeChain(space, 'owner')]
  publisher = await openNotation(space, { name: 'publisher', signer: first, roots: [first.ca] })
  owner = await openNotation(space, { name: 'owner', signer: second, roots: [second.ca] })
  source = await startRegistryPeer(space, 'docker-registry')
  release = await publishRelease(space, source.host, publisher)
  bundle = space.path('bundle.tar')
  const signer = initKeys(space).signer
  waybillJson(space, 'waybill.export.v1', ['export', ...release.sources, '--output', bundle, ...signer])
})

afterAll(async () => {
  await source.stop()
  await space.remove()
})

describe.each(REGISTRIES)('an image that %s had already, with an SBOM and signatures of its owner', (name) => {
  let target: RunningRegistry
  let pair: string
  let before: Readonly<Record<'index' | 'child', readonly Referrer[]>>

  beforeAll(async () => {
    target = await startRegistryPeer(space, name)
    pair = `${target.host}/app/pair`
    copyIn(space, 'pair', `${pair}:old`)
    await attachSbom(space, `${pair}@${release.pair.index}`, 'an inventory made at the target')
    owner.sign(`${pair}@${release.pair.index}`, 'jws')
    owner.sign(`${pair}@${release.pair.child}`, 'cose')
    before = { index: found('index'), child: found('child') }
  })

  afterAll(() => target.stop())

  const found = (which: 'index' | 'child') => discover(space, `${pair}@${release.pair[which]}`)

  it('keeps them when a bundle brings others', () => {
    const carried = (which: 'index' | 'child') =>
      discover(space, `${source.host}/app/pair@${release.pair[which]}`).map(({ digest }) => digest)

    waybillJson(space, 'waybill.import.v1', ['import', bundle, '--to', target.host])

    expect(before.index).toHaveLength(2)
    expect(before.child).toHaveLength(1)
    for (const which of ['index', 'child'] as const) {
      expect(found(which)).toEqual(expect.arrayContaining([...before[which]]))
      const digests = [...before[which].map(({ digest }) => digest), ...carried(which)].sort()
      expect(found(which).map(({ digest }) => digest)).toEqual(digests)
    }
  })

  it.each(['index', 'child'] as const)('has both signatures on the %s', (which) => {
    const reference = `${pair}@${release.pair[which]}`

    expect(owner.verify(reference).status).toBe(0)
    expect(publisher.verify(reference).status).toBe(0)
  })

  it('keeps the tag that it had', () => {
    const tags = space.text('crane', ['ls', '--insecure', pair]).split('\n')

    expect(tags).toEqual(expect.arrayContaining(['old', 'v1']))
  })
})

describe.each(REGISTRIES.filter((name) => !hasReferrersApi(name)))('an import into %s that was cut short', (name) => {
  it('is made good by the next one, also where a manifest arrived and its entry under the tag did not', async () => {
    const target = await startRegistryPeer(space, name)
    onTestFinished(() => target.stop())
    const pair = `${target.host}/app/pair`
    const subjects = [release.pair.index, release.pair.child, release.pair.sbom]
    const found = () => subjects.map((digest) => discover(space, `${pair}@${digest}`))
    waybillJson(space, 'waybill.import.v1', ['import', bundle, '--to', target.host])
    const whole = found()
    await space.write('nothing.json', JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] }))
    for (const subject of subjects) {
      const tag = `${pair}:${subject.replace(':', '-')}`
      space.text('oras', ['manifest', 'push', '--plain-http', '--media-type', INDEX, tag, 'nothing.json'])
    }
    const cut = found()

    // Whose journal says that it ended did not stop there; one that did stop has no such line.
    const anew = ['--journal', space.path(`journal-${name}`)]
    waybillJson(space, 'waybill.import.v1', ['import', bundle, '--to', target.host, ...anew])

    expect(cut).toEqual([[], [], []])
    expect(found()).toEqual(whole)
  })
})
