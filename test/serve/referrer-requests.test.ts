import { expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { anArtifact, anImage, json } from '../support/build.js'
import { type Reply, startTestRegistry } from './registry-under-test.js'

interface List {
  readonly manifests: readonly { digest: string; artifactType?: string; annotations?: object }[]
}

function digestsIn(reply: Reply): string[] {
  return (reply.json() as List).manifests.map(({ digest }) => digest)
}

test('who has no referrers, or is not there, has an empty index of them', async () => {
  const registry = await startTestRegistry()
  const { digest } = await registry.push('app', anImage())
  const missing = digestOf(Buffer.from('never pushed'))

  for (const path of [
    `app/referrers/${digest}`,
    `app/referrers/${missing}`,
    `no/such/repository/referrers/${missing}`,
  ]) {
    const got = await registry.call('GET', `/v2/${path}`)

    expect([got.status, got.headers['content-type']]).toEqual([200, OCI_INDEX])
    expect(got.json()).toEqual({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] })
  }
})

test('a manifest with a subject is listed with its type and annotations, and the push says that it is', async () => {
  const registry = await startTestRegistry()
  const subject = await registry.push('app', anImage())
  const artifact = anArtifact({ subject, artifactType: 'application/spdx+json', annotations: { made: 'here' } })
  await registry.push('app', artifact)
  const { bytes, descriptor } = artifact.contents.at(-1) ?? Object.assign(new Error())

  const pushed = await registry.pushManifest('app', { bytes, mediaType: OCI_MANIFEST, as: 'sbom' })
  const list = await registry.call('GET', `/v2/app/referrers/${subject.digest}`)

  expect(pushed.headers['oci-subject']).toBe(subject.digest)
  expect((list.json() as List).manifests).toEqual([
    { ...descriptor, artifactType: 'application/spdx+json', annotations: { made: 'here' } },
  ])
})

test('a referrer without a type of its own has that of its config; an index has none', async () => {
  const registry = await startTestRegistry()
  const subject = await registry.push('app', anImage())
  const config = json('application/vnd.example.config', {})
  await registry.pushBlob('app', config.bytes)
  const image = json(OCI_MANIFEST, { schemaVersion: 2, config: config.descriptor, layers: [], subject })
  const index = json(OCI_INDEX, { schemaVersion: 2, manifests: [], subject })
  for (const { bytes, descriptor } of [image, index]) {
    await registry.pushManifest('app', { bytes, mediaType: descriptor.mediaType, as: descriptor.digest })
  }

  const list = (await registry.call('GET', `/v2/app/referrers/${subject.digest}`)).json() as List

  const types = Object.fromEntries(list.manifests.map(({ digest, artifactType }) => [digest, artifactType]))
  expect(types).toEqual({
    [image.descriptor.digest]: config.descriptor.mediaType,
    [index.descriptor.digest]: undefined,
  })
})

test('a referrer that came before its subject is listed', async () => {
  const registry = await startTestRegistry()
  const image = anImage()
  const { digest } = await registry.push('app', anArtifact({ subject: image }))
  await registry.push('app', image)

  const list = await registry.call('GET', `/v2/app/referrers/${image.root.digest}`)

  expect(digestsIn(list)).toEqual([digest])
})

test('a filter leaves the others out and says that it did, whether its plus sign is encoded or not', async () => {
  const registry = await startTestRegistry()
  const subject = await registry.push('app', anImage())
  const wanted = await registry.push('app', anArtifact({ subject, artifactType: 'application/spdx+json' }))
  await registry.push('app', anArtifact({ subject, artifactType: 'application/vnd.cyclonedx+json' }))

  for (const type of ['application/spdx%2Bjson', 'application/spdx+json', 'application%2Fspdx%2Bjson']) {
    const list = await registry.call('GET', `/v2/app/referrers/${subject.digest}?artifactType=${type}`)

    expect([digestsIn(list), list.headers['oci-filters-applied']]).toEqual([[wanted.digest], 'artifactType'])
  }
  const all = await registry.call('GET', `/v2/app/referrers/${subject.digest}`)
  expect(digestsIn(all)).toHaveLength(2)
  expect(all.headers['oci-filters-applied']).toBeUndefined()
})

test('referrers of one repository are not those of another', async () => {
  const registry = await startTestRegistry()
  const subject = await registry.push('a', anImage())
  await registry.push('a', anArtifact({ subject }))

  const list = await registry.call('GET', `/v2/b/referrers/${subject.digest}`)

  expect(digestsIn(list)).toEqual([])
})

test('more than fits into one answer comes in pages, each of them once, with the filter kept', async () => {
  const registry = await startTestRegistry()
  const subject = await registry.push('app', anImage())
  const pushed: string[] = []
  for (let count = 0; count < 5; count += 1) {
    const annotations = { large: `${count}`.repeat(900_000) }
    pushed.push((await registry.push('app', anArtifact({ subject, annotations }))).digest)
  }

  const found: string[] = []
  let path = `/v2/app/referrers/${subject.digest}?artifactType=application/spdx%2Bjson`
  for (let pages = 0; path !== ''; pages += 1) {
    const page = await registry.call('GET', path)
    expect([page.status, page.headers['content-type'], pages < 5]).toEqual([200, OCI_INDEX, true])
    expect(page.headers['oci-filters-applied']).toBe('artifactType')
    found.push(...digestsIn(page))
    path = /^<([^>]+)>; rel="next"$/.exec(String(page.headers['link'] ?? ''))?.[1] ?? ''
  }

  expect(found).toEqual([...pushed].sort())
})

test.each(['sha256:bad', 'latest', 'sha256:', `sha256:${'F'.repeat(64)}`])(
  'the digest %j is refused',
  async (digest) => {
    const registry = await startTestRegistry()

    const refused = await registry.call('GET', `/v2/app/referrers/${digest}`)

    expect([refused.status, refused.code()]).toEqual([400, 'DIGEST_INVALID'])
  },
)
