import { expect, it } from 'vitest'
import { LIMITS } from '../../src/limits.js'
import { describe as descriptorOf } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { anArtifact, anImage, anIndex } from '../support/build.js'
import { aClient, listed } from '../support/registry-client.js'
import { type Reply, type Step, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const SUBJECT = anIndex([anImage()])
const { digest } = SUBJECT.root
const PATH = `/v2/team/app/referrers/${digest}`
const TAG_PATH = `/v2/team/app/manifests/${digest.replace(':', '-')}`
const sboms = Array.from({ length: 4 }, (_, at) => anArtifact({ subject: SUBJECT, bytes: `{"n":${at}}` }).root)

function index(manifests: readonly unknown[], headers: Reply['headers'] = {}, more: object = {}): Reply {
  const body = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests, ...more })
  return { status: 200, headers: { 'content-type': OCI_INDEX, ...headers }, body }
}

async function opened(api: Step, tag?: Step) {
  const registry = await scriptedRegistry()
  registry.on(`GET ${PATH}`, api)
  if (tag !== undefined) registry.on(`GET ${TAG_PATH}`, tag)
  const client = aClient({ side: 'source' })
  const repository = client.repository(registry.host)
  const list = async () => (await listed(repository.referrers(SUBJECT.root, CALL))).map((found) => found.digest)
  return { registry, client, list }
}

it('lists what the API says, with its types', async () => {
  const registry = await scriptedRegistry()
  registry.on(`GET ${PATH}`, index([{ ...sboms[0], artifactType: 'a/b', annotations: { x: 'y' } }]))

  const found = await listed(aClient().repository(registry.host).referrers(SUBJECT.root, CALL))

  expect(found).toMatchObject([{ digest: sboms[0]?.digest, artifactType: 'a/b', annotations: { x: 'y' } }])
})

it('lists nothing where the API has nothing, without looking for a tag', async () => {
  const { registry, list } = await opened(index([]), index(sboms))

  expect(await list()).toEqual([])
  expect(registry.requests).toHaveLength(1)
})

it('reads every page, each digest once', async () => {
  const registry = await scriptedRegistry()
  const link = `<${PATH}?page=2>; rel="next"`
  registry.on(/page=2/, index(sboms.slice(1, 4)))
  registry.on(/referrers\/[^?]*$/, index(sboms.slice(0, 2), { link }))

  const found = await listed(aClient().repository(registry.host).referrers(SUBJECT.root, CALL))

  expect(found.map((one) => one.digest)).toEqual(sboms.map((one) => one.digest))
})

it.each(['http://evil.example', '//evil.example', 'https://127.0.0.1:1'])(
  'asks the registry itself for a page that is said to be at %s',
  async (host) => {
    const registry = await scriptedRegistry()
    registry.on(/page=2/, index(sboms.slice(1)))
    registry.on(/referrers\/[^?]*$/, index(sboms.slice(0, 1), { link: `<${host}${PATH}?page=2>; rel=next` }))

    const found = await listed(aClient().repository(registry.host).referrers(SUBJECT.root, CALL))

    expect(found).toHaveLength(4)
  },
)

it('does not read pages in a circle', async () => {
  const registry = await scriptedRegistry()
  registry.on(/GET/, index(sboms, { link: `<${PATH}?page=1>; rel="next"` }))

  const listing = listed(aClient().repository(registry.host).referrers(SUBJECT.root, CALL))

  await expect(listing).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it('does not read pages without end', async () => {
  const registry = await scriptedRegistry()
  let page = 0
  registry.on(/GET/, () => {
    page += 1
    const entries = Array.from({ length: 300 }, (_, at) => descriptorOf(OCI_MANIFEST, Buffer.from(`${page}-${at}`)))
    return index(entries, { link: `<${PATH}?page=${page}>; rel="next"` })
  })

  const listing = listed(aClient().repository(registry.host).referrers(SUBJECT.root, CALL))

  await expect(listing).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  expect(page).toBeLessThanOrEqual(Math.ceil(LIMITS.referrersPerSubject / 300) + 1)
})

const ABSENT: readonly (readonly [string, Reply])[] = [
  ['a plain 404', { status: 404, body: '404 page not found\n' }],
  ['a 404 of a manifest that is unknown', { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' }],
  ['a 400', { status: 400 }],
  ['a 405', { status: 405 }],
  ['a 406', { status: 406 }],
  ['a page for people', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }],
]

it.each(ABSENT)('reads the tag where the API answers with %s', async (_what, answer) => {
  const { list } = await opened(answer, index(sboms))

  expect(await list()).toEqual(sboms.map((one) => one.digest))
})

it('lists nothing where there is neither an API nor a tag', async () => {
  const { list } = await opened({ status: 404 })

  expect(await list()).toEqual([])
})

it('asks for an API that is not there only once', async () => {
  const { registry, list } = await opened({ status: 404 })

  await list()
  await list()

  expect(registry.asked(`GET ${PATH}`)).toHaveLength(1)
})

it('asks again where a 404 may be about the subject', async () => {
  const { registry, list } = await opened({ status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' })
  await list()
  registry.on(`GET ${PATH}`, index(sboms))

  expect(await list()).toHaveLength(4)
})

const UNKNOWN: readonly (readonly [string, Step, string])[] = [
  ['a 401', { status: 401 }, 'ERR_UNAUTHORIZED'],
  ['a 403', { status: 403 }, 'ERR_FORBIDDEN'],
  ['a 429', { status: 429 }, 'ERR_RATE_LIMITED'],
  ['a 500', { status: 500 }, 'ERR_REGISTRY_PROTOCOL'],
  ['a 503', { status: 503 }, 'ERR_SOURCE_UNREACHABLE'],
  ['a broken connection', 'drop', 'ERR_SOURCE_UNREACHABLE'],
  ['a repository that is unknown', { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }, 'ERR_NOT_FOUND'],
  ['an index that is broken', { ...index([]), body: '{"schemaVersion":2,"manifests":[' }, 'ERR_JSON_INVALID'],
  ['an entry that is broken', index([{ mediaType: OCI_MANIFEST, digest: 'md5:x', size: 1 }]), 'ERR_CONTENT_AMBIGUOUS'],
]

it.each(UNKNOWN)('never takes %s for "there are none"', async (_what, step, code) => {
  const { registry, list } = await opened(step, index([]))

  await expect(list()).rejects.toMatchObject({ code })
  expect(registry.asked(`GET ${TAG_PATH}`)).toEqual([])
})

it.each([
  ['a 403', { status: 403 }, 'ERR_FORBIDDEN'],
  ['a broken index', { ...index([]), body: '{' }, 'ERR_JSON_INVALID'],
] satisfies [string, Reply, string][])('never takes %s of the tag for "there are none"', async (_what, tag, code) => {
  const { list } = await opened({ status: 404 }, tag)

  await expect(list()).rejects.toMatchObject({ code })
})

it('does not take a login page for an empty list, or for a registry without the API', async () => {
  const { list } = await opened({ status: 200, headers: { 'content-type': 'text/html' }, body: '<form>' })

  await expect(list()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it('does not believe that an API has vanished', async () => {
  const { registry, list } = await opened(index(sboms))
  await list()
  registry.on(`GET ${PATH}`, { status: 404 })

  await expect(list()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it('ignores the subject itself under its tag, as GitLab serves it', async () => {
  const bytes = SUBJECT.contents.at(-1)?.bytes ?? Buffer.alloc(0)
  expect(digestOf(bytes)).toBe(digest)
  const { client, list } = await opened(
    { status: 404 },
    { status: 200, headers: { 'content-type': OCI_INDEX }, body: bytes },
  )

  expect(await list()).toEqual([])
  expect(client.events).toMatchObject([{ type: 'warning', code: 'REFERRERS_TAG_IGNORED' }])
})

it.each([
  ['an image', { status: 200, headers: { 'content-type': OCI_MANIFEST }, body: '{}' }],
  ['an index with a subject', index(sboms, {}, { subject: SUBJECT.root })],
  ['a page for people', { status: 200, headers: { 'content-type': 'text/html' }, body: '"x"' }],
] satisfies [string, Reply][])('ignores %s under the tag', async (_what, tag) => {
  const { client, list } = await opened({ status: 404 }, tag)

  expect(await list()).toEqual([])
  expect(client.events).toMatchObject([{ type: 'warning', code: 'REFERRERS_TAG_IGNORED' }])
})

it('cuts a long digest in the tag', async () => {
  const registry = await scriptedRegistry()
  const long = { ...SUBJECT.root, digest: digestOf(Buffer.from('x'), 'sha512') }

  await listed(aClient().repository(registry.host).referrers(long, CALL))

  expect(registry.requests.at(-1)?.url).toBe(`/v2/team/app/manifests/sha512-${long.digest.slice(7, 71)}`)
})
