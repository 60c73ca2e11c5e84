import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../src/limits.js'
import { digestOf } from '../../src/oci/digest.js'
import { DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { anArtifact, anImage, anIndex, type Content, content, json, OCI_LAYER } from '../support/build.js'
import { startTestRegistry, type TestRegistry } from './registry-under-test.js'

const CONFIG = json(OCI_CONFIG, { os: 'linux' })
const UNKNOWN = content(OCI_LAYER, Buffer.from('never pushed'))

function imageOf(layers: readonly object[], more: object = {}): Content {
  const config = CONFIG.descriptor
  return json(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers, ...more })
}

async function put(registry: TestRegistry, manifest: Content, as: string = manifest.descriptor.digest) {
  return await registry.pushManifest('app', { bytes: manifest.bytes, mediaType: manifest.descriptor.mediaType, as })
}

async function withConfig(): Promise<TestRegistry> {
  const registry = await startTestRegistry()
  await registry.pushBlob('app', CONFIG.bytes)
  return registry
}

test('an image comes back by tag and by digest, byte for byte', async () => {
  const registry = await startTestRegistry()
  const image = anImage({ layers: 2 }).tagged('Latest')
  const { digest, size } = await registry.push('team/app', image)
  const bytes = image.contents.at(-1)?.bytes ?? Buffer.alloc(0)

  for (const reference of ['Latest', digest]) {
    const got = await registry.call('GET', `/v2/team/app/manifests/${reference}`)
    const head = await registry.call('HEAD', `/v2/team/app/manifests/${reference}`)

    expect([got.status, got.body.equals(bytes), head.status, head.body.length]).toEqual([200, true, 200, 0])
    for (const { headers } of [got, head]) {
      expect(headers).toMatchObject({
        'content-type': OCI_MANIFEST,
        'content-length': String(size),
        'docker-content-digest': digest,
      })
    }
  }
})

test('the bytes are kept with spaces, unknown fields and any order of keys', async () => {
  const registry = await withConfig()
  const text = `\n{ "org.example": {"deep": [1, "é"]}, "layers" : [],\n "config": ${JSON.stringify(CONFIG.descriptor)},
    "schemaVersion":2 }  \n`
  const manifest = content(OCI_MANIFEST, Buffer.from(text))

  const pushed = await put(registry, manifest, 'odd')
  const got = await registry.call('GET', '/v2/app/manifests/odd')

  expect([pushed.status, pushed.headers['docker-content-digest']]).toEqual([201, manifest.descriptor.digest])
  expect(got.body.toString()).toBe(text)
})

test('the location of a pushed manifest can be pulled', async () => {
  const registry = await withConfig()
  const manifest = imageOf([])

  const pushed = await put(registry, manifest, 'v1')
  const got = await registry.call('GET', pushed.headers.location ?? '')

  expect(got.body.equals(manifest.bytes)).toBe(true)
})

test('a tag moves to the manifest that was pushed last, and the earlier one stays', async () => {
  const registry = await withConfig()
  const [first, second] = [imageOf([]), imageOf([], { annotations: { n: '2' } })]

  await put(registry, first, 'v1')
  await put(registry, second, 'v1')

  const tag = await registry.call('HEAD', '/v2/app/manifests/v1')
  const earlier = await registry.call('HEAD', `/v2/app/manifests/${first.descriptor.digest}`)
  expect(tag.headers['docker-content-digest']).toBe(second.descriptor.digest)
  expect(earlier.status).toBe(200)
})

test('tags that differ in case alone are two tags', async () => {
  const registry = await withConfig()
  const [first, second] = [imageOf([]), imageOf([], { annotations: { n: '2' } })]

  await put(registry, first, 'v1')
  await put(registry, second, 'V1')

  const lower = await registry.call('HEAD', '/v2/app/manifests/v1')
  expect(lower.headers['docker-content-digest']).toBe(first.descriptor.digest)
})

test('a manifest with a sha512 digest is stored under it, with the tags that are asked for', async () => {
  const registry = await withConfig()
  const manifest = imageOf([])
  const digest = digestOf(manifest.bytes, 'sha512')

  const pushed = await put(registry, manifest, `${digest}?tag=1.0&tag=1&tag=1.0`)
  const got = await registry.call('GET', '/v2/app/manifests/1')

  expect([pushed.status, pushed.headers['oci-tag']]).toEqual([201, '1.0, 1'])
  expect([got.status, got.headers['docker-content-digest']]).toEqual([200, digest])
})

test.each([
  ['?tag=../../etc', 400],
  [`?${Array.from({ length: 101 }, (_, at) => `tag=t${at}`).join('&')}`, 414],
])('tags that cannot be are refused, and nothing is stored', async (query, status) => {
  const registry = await withConfig()
  const manifest = imageOf([])

  const refused = await put(registry, manifest, `${manifest.descriptor.digest}${query}`)
  const got = await registry.call('HEAD', `/v2/app/manifests/${manifest.descriptor.digest}`)

  expect([refused.status, got.status]).toEqual([status, 404])
})

describe('a manifest that is refused', () => {
  test('has other bytes than its digest says, even two spaces', async () => {
    const registry = await withConfig()
    const manifest = imageOf([])
    const padded = content(OCI_MANIFEST, Buffer.concat([manifest.bytes, Buffer.from('  ')]))

    const refused = await put(registry, padded, manifest.descriptor.digest)

    expect([refused.status, refused.code()]).toEqual([400, 'DIGEST_INVALID'])
  })

  test('names a blob that the repository lacks, though another has it', async () => {
    const registry = await withConfig()
    await registry.pushBlob('other', UNKNOWN.bytes)
    const manifest = imageOf([UNKNOWN.descriptor])

    const refused = await put(registry, manifest, 'v1')
    const got = await registry.call('GET', '/v2/app/manifests/v1')

    expect([refused.status, refused.code(), got.status]).toEqual([404, 'MANIFEST_BLOB_UNKNOWN', 404])
  })

  test('is larger than 4 MiB, whether it says so or not', async () => {
    const registry = await withConfig()
    const bytes = Buffer.alloc(LIMITS.servedManifestBytes + 1, ' ')
    const headers = { 'Content-Type': OCI_MANIFEST }
    const inPieces = async function* () {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
    }

    const announced = await registry.call('PUT', '/v2/app/manifests/v1', { headers, body: bytes })
    const streamed = await registry.call('PUT', '/v2/app/manifests/v1', { headers, body: inPieces() })
    const after = await registry.call('GET', '/v2/')

    expect([announced.status, streamed.status, after.status]).toEqual([413, 413, 200])
  })

  test.each([
    ['is no JSON', OCI_MANIFEST, 'garbage'],
    ['is empty', OCI_MANIFEST, ''],
    ['is of an unknown type', 'application/json', '{}'],
    ['has no type', '', '{"schemaVersion":2,"manifests":[]}'],
    ['is of Docker schema 1', 'application/vnd.docker.distribution.manifest.v1+prettyjws', '{"schemaVersion":1}'],
    ['calls itself something else', OCI_INDEX, `{"schemaVersion":2,"mediaType":"${OCI_MANIFEST}","manifests":[]}`],
    ['can be read in two ways', OCI_INDEX, '{"schemaVersion":2,"manifests":[],"layers":[]}'],
    ['has a key twice', OCI_INDEX, '{"schemaVersion":2,"manifests":[],"manifests":[]}'],
    ['has a key in another case', OCI_INDEX, '{"schemaVersion":2,"Manifests":[]}'],
    [
      'has an impossible digest',
      OCI_INDEX,
      `{"schemaVersion":2,"manifests":[{"mediaType":"${OCI_MANIFEST}","digest":"sha256:../x","size":1}]}`,
    ],
    ['is nested too deep', OCI_INDEX, `{"schemaVersion":2,"manifests":[],"x":${'['.repeat(100_000)}`],
  ])('%s', async (_, mediaType, text) => {
    const registry = await withConfig()

    const refused = await registry.pushManifest('app', { bytes: Buffer.from(text), mediaType, as: 'v1' })
    const got = await registry.call('GET', '/v2/app/manifests/v1')

    expect([refused.status, refused.code(), got.status]).toEqual([400, 'MANIFEST_INVALID', 404])
  })

  test.each(['sha256:baddigeststring', `sha256:${'A'.repeat(64)}`])('is put under the digest %s', async (digest) => {
    const registry = await withConfig()

    const refused = await put(registry, imageOf([]), digest)

    expect([refused.status, refused.code()]).toEqual([400, 'DIGEST_INVALID'])
  })
})

describe('a manifest that is accepted', () => {
  test('has parameters on its type', async () => {
    const registry = await withConfig()
    const headers = { 'Content-Type': `${OCI_MANIFEST}; charset=utf-8` }

    const pushed = await registry.call('PUT', '/v2/app/manifests/v1', { headers, body: imageOf([]).bytes })
    const got = await registry.call('HEAD', '/v2/app/manifests/v1')

    expect([pushed.status, got.headers['content-type']]).toEqual([201, OCI_MANIFEST])
  })

  test('has layers that may not be copied, by their type or by the addresses to fetch them from', async () => {
    const registry = await withConfig()
    const nondistributable = { ...UNKNOWN.descriptor, mediaType: `${OCI_LAYER.replace('.v1', '.nondistributable.v1')}` }
    const foreign = { ...UNKNOWN.descriptor, urls: ['https://example.com/layer'] }

    const replies = [await put(registry, imageOf([nondistributable])), await put(registry, imageOf([foreign]))]
    const empty = await put(registry, imageOf([{ ...UNKNOWN.descriptor, urls: [] }]))

    expect(replies.map(({ status }) => status)).toEqual([201, 201])
    expect(empty.status).toBe(404)
  })

  test.each([
    ['is an empty index', { manifests: [] }],
    ['is an index whose images are not all here', { manifests: [UNKNOWN.descriptor] }],
    ['has a subject that is not here', { manifests: [], subject: UNKNOWN.descriptor }],
  ])('%s', async (_, index) => {
    const registry = await startTestRegistry()
    const manifest = json(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, ...index })

    const pushed = await put(registry, manifest)

    expect(pushed.status).toBe(201)
  })

  test('is nearly 4 MiB large', async () => {
    const registry = await withConfig()

    const pushed = await put(registry, imageOf([], { annotations: { large: 'x'.repeat(4_190_000) } }), 'large')
    const got = await registry.call('GET', '/v2/app/manifests/large')

    expect([pushed.status, got.body.length > 4_190_000]).toEqual([201, true])
  })
})

test('whoever names manifest types, and not this one, is told that there is none', async () => {
  const registry = await startTestRegistry()
  await registry.push('app', anIndex([anImage()]).tagged('v1'))
  const get = async (accept: string) =>
    (await registry.call('GET', '/v2/app/manifests/v1', { headers: { accept } })).status

  expect(await get(`${OCI_MANIFEST}, ${OCI_INDEX}`)).toBe(200)
  expect(await get('*/*')).toBe(200)
  expect(await get('text/plain')).toBe(200)
  expect(await get(DOCKER_MANIFEST)).toBe(404)
})

describe('deleting', () => {
  test('a tag leaves the manifest and its other tags', async () => {
    const registry = await startTestRegistry()
    const { digest } = await registry.push('app', anImage().tagged('v1').tagged('v2'))

    const deleted = await registry.call('DELETE', '/v2/app/manifests/v1')
    const again = await registry.call('DELETE', '/v2/app/manifests/v1')

    const statuses = await Promise.all(
      ['v1', 'v2', digest].map(async (name) => (await registry.call('HEAD', `/v2/app/manifests/${name}`)).status),
    )
    expect([deleted.status, again.status]).toEqual([202, 404])
    expect(statuses).toEqual([404, 200, 200])
  })

  test('a manifest takes its tags along, and no others', async () => {
    const registry = await startTestRegistry()
    const { digest } = await registry.push('app', anImage().tagged('v1').tagged('v2'))
    await registry.push('app', anImage({ seed: 'other' }).tagged('v3'))

    const deleted = await registry.call('DELETE', `/v2/app/manifests/${digest}`)
    const again = await registry.call('DELETE', `/v2/app/manifests/${digest}`)

    const tags = (await registry.call('GET', '/v2/app/tags/list')).json()
    const gone = await registry.call('GET', `/v2/app/manifests/${digest}`)
    expect([deleted.status, again.status, gone.status]).toEqual([202, 404, 404])
    expect(tags).toEqual({ name: 'app', tags: ['v3'] })
  })

  test('a manifest takes it from the referrers of its subject', async () => {
    const registry = await startTestRegistry()
    const subject = await registry.push('app', anImage())
    const { digest } = await registry.push('app', anArtifact({ subject }))

    await registry.call('DELETE', `/v2/app/manifests/${digest}`)

    const list = await registry.call('GET', `/v2/app/referrers/${subject.digest}`)
    expect(list.json()).toMatchObject({ manifests: [] })
  })

  test('something of an unknown repository is answered with 404', async () => {
    const registry = await startTestRegistry()

    const byTag = await registry.call('DELETE', '/v2/none/manifests/v1')
    const byDigest = await registry.call('DELETE', `/v2/none/manifests/${UNKNOWN.descriptor.digest}`)

    expect([byTag.status, byDigest.status]).toEqual([404, 404])
  })
})
