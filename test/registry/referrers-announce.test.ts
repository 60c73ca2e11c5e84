import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { anArtifact, anImage, type Built } from '../support/build.js'
import { aClient, listed } from '../support/registry-client.js'
import { type Recorded, type Reply, type ScriptedRegistry, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const SUBJECT = anImage()
const { digest } = SUBJECT.root
const TAG = digest.replace(':', '-')
const TAG_PATH = `/v2/team/app/manifests/${TAG}`
const sboms = Array.from({ length: 6 }, (_, at) =>
  anArtifact({ subject: SUBJECT, bytes: `{"n":${at}}`, annotations: { n: String(at) } }),
)
const [sbom = anArtifact({ subject: SUBJECT })] = sboms

interface TagStore {
  readonly registry: ScriptedRegistry
  /** What the fallback tag holds. */
  read(): { manifests: Record<string, unknown>[]; [key: string]: unknown } | undefined
  write(value: unknown): void
  /** What the registry answers when the tag is read. */
  get(): Reply
}

/** A registry without the Referrers API that keeps what is put under the fallback tag. */
async function tagStore(options: { readonly etags?: boolean; readonly slowMs?: number } = {}): Promise<TagStore> {
  const registry = await scriptedRegistry()
  let stored: Buffer | undefined
  const etag = () => `"${stored === undefined ? '' : digestOf(stored)}"`
  registry.on(/^(HEAD|GET) /, { status: 404 })
  registry.on(/^POST /, { status: 202, headers: { location: '/up' } })
  registry.on(/^PUT /, { status: 201 })
  const get = (): Reply => {
    const headers = { 'content-type': OCI_INDEX, ...(options.etags === true ? { etag: etag() } : {}) }
    return stored === undefined ? { status: 404 } : { status: 200, headers, body: stored }
  }
  registry.on(`GET ${TAG_PATH}`, async () => {
    const reply = get()
    await sleep(options.slowMs ?? 0)
    return reply
  })
  registry.on(`PUT ${TAG_PATH}`, (request: Recorded): Reply => {
    const condition = request.headers['if-match']
    if (condition !== undefined && condition !== etag()) return { status: 412 }
    stored = request.body
    return { status: 201, headers: { 'docker-content-digest': digestOf(request.body) } }
  })
  return {
    registry,
    get,
    read: () => (stored === undefined ? undefined : JSON.parse(stored.toString())),
    write: (value) => {
      stored = Buffer.from(JSON.stringify(value))
    },
  }
}

async function push(registry: ScriptedRegistry, ...built: readonly Built[]): Promise<void> {
  const repository = aClient().repository(registry.host)
  await Promise.all(built.map((one) => one.into(repository)))
}

it('enters a referrer in a new index under the tag', async () => {
  const { registry, read } = await tagStore()

  await push(registry, sbom)

  expect(read()).toEqual({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [
      {
        mediaType: OCI_MANIFEST,
        digest: sbom.root.digest,
        size: sbom.root.size,
        artifactType: 'application/spdx+json',
        annotations: { n: '0' },
      },
    ],
  })
  expect(registry.asked(`PUT ${TAG_PATH}`)[0]?.headers['content-type']).toBe(OCI_INDEX)
})

it('keeps every entry and every field of an index that is there', async () => {
  const { registry, read, write } = await tagStore()
  const other = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: digestOf(Buffer.from('other')),
    size: 9007199254740991,
    urls: ['https://x.example'],
    data: 'e30=',
    platform: { os: 'unknown', architecture: 'unknown', features: ['a'] },
  }
  const old = { ...other, digest: sbom.root.digest, annotations: { stale: 'yes' } }
  const before = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [old, other], annotations: { kept: 'é' }, x: 1 }
  write(before)

  await push(registry, sbom)

  const after = read()
  expect(after).toEqual({ ...before, manifests: [other, expect.objectContaining({ digest: sbom.root.digest })] })
  expect(after?.manifests[1]?.['annotations']).toEqual({ n: '0' })
})

it('writes nothing where the entry is already there', async () => {
  const { registry } = await tagStore()

  await push(registry, sbom)
  await push(registry, sbom)

  expect(registry.asked(`PUT ${TAG_PATH}`)).toHaveLength(1)
})

it('loses no entry of several that are pushed at the same time', async () => {
  const { registry, read } = await tagStore({ slowMs: 10 })

  await push(registry, ...sboms)

  expect(
    read()
      ?.manifests.map((entry) => entry['digest'])
      .sort(),
  ).toEqual(sboms.map(({ root }) => root.digest).sort())
})

it('loses no entry of another program that writes between its read and its write, where there are ETags', async () => {
  const { registry, read, write, get } = await tagStore({ etags: true })
  const other = { mediaType: OCI_MANIFEST, digest: digestOf(Buffer.from('other')), size: 5 }
  write({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] })
  const racing = (): Reply => {
    const reply = get()
    write({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [other] })
    return reply
  }
  registry.on(`GET ${TAG_PATH}`, racing, get)

  await push(registry, sbom)

  expect(read()?.manifests.map((entry) => entry['digest'])).toEqual([other.digest, sbom.root.digest])
  expect(registry.asked(`PUT ${TAG_PATH}`)).toHaveLength(2)
})

it('writes again where another program has written over its entry', async () => {
  const { registry, read, write } = await tagStore()
  const other = { mediaType: OCI_MANIFEST, digest: digestOf(Buffer.from('other')), size: 5 }
  let writes = 0
  registry.on(`PUT ${TAG_PATH}`, (request) => {
    writes += 1
    const index: unknown = JSON.parse(request.body.toString())
    write(writes === 1 ? { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [other] } : index)
    return { status: 201 }
  })

  await push(registry, sbom)

  expect(read()?.manifests.map((entry) => entry['digest'])).toEqual([other.digest, sbom.root.digest])
})

it('says so where a registry keeps no entries', async () => {
  const { registry } = await tagStore()
  registry.on(`PUT ${TAG_PATH}`, { status: 201 })

  await expect(push(registry, sbom)).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL', side: 'sink' })
  expect(registry.asked(`PUT ${TAG_PATH}`)).toHaveLength(3)
})

it('does not put off the next one when one fails', async () => {
  const { registry, read } = await tagStore()
  registry.on(`GET ${TAG_PATH}`, { status: 403 }, { status: 404 }, () => ({
    status: 200,
    headers: { 'content-type': OCI_INDEX },
    body: JSON.stringify(read()),
  }))
  const repository = aClient().repository(registry.host)

  const [first, second] = await Promise.allSettled([sboms[0]?.into(repository), sboms[1]?.into(repository)])

  expect([first?.status, second?.status].sort()).toEqual(['fulfilled', 'rejected'])
})

it.each([
  ['cannot be read', { status: 200, headers: { 'content-type': OCI_INDEX }, body: '{"manifests":[' }],
  ['has the same key twice', { status: 200, headers: { 'content-type': OCI_INDEX }, body: '{"a":1,"a":2}' }],
  ['is an image', { status: 200, headers: { 'content-type': OCI_MANIFEST }, body: '{}' }],
  ['is the subject itself', { status: 200, headers: { 'content-type': OCI_INDEX }, body: subjectBytes() }],
] satisfies [string, Reply][])('never writes over a tag that %s', async (_what, reply) => {
  const { registry } = await tagStore()
  registry.on(`GET ${TAG_PATH}`, reply)

  await expect(push(registry, sbom)).rejects.toThrow()
  expect(registry.asked(`PUT ${TAG_PATH}`)).toEqual([])
})

function subjectBytes(): Uint8Array {
  return SUBJECT.contents.at(-1)?.bytes ?? Buffer.alloc(0)
}

const EMPTY_LIST: Reply = {
  status: 200,
  headers: { 'content-type': OCI_INDEX },
  body: JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }),
}

it('writes no tag where the registry has the API and takes note of the subject', async () => {
  const { registry } = await tagStore()
  registry.on(`GET /v2/team/app/referrers/${digest}`, EMPTY_LIST)
  registry.on(`PUT /v2/team/app/manifests/${sbom.root.digest}`, { status: 201, headers: { 'oci-subject': digest } })

  await push(registry, sbom)

  expect(registry.asked(new RegExp(TAG))).toEqual([])
})

it('does not believe OCI-Subject of a registry without the API', async () => {
  const { registry, read } = await tagStore()
  registry.on(`PUT /v2/team/app/manifests/${sbom.root.digest}`, { status: 201, headers: { 'oci-subject': digest } })

  await push(registry, sbom)

  expect(read()?.manifests).toHaveLength(1)
})

it('writes a tag as well where the API does not list what was pushed', async () => {
  const { registry, read } = await tagStore()
  registry.on(`GET /v2/team/app/referrers/${digest}`, EMPTY_LIST)

  await push(registry, sbom)

  expect(read()?.manifests).toHaveLength(1)
})

it('fails where it cannot be told whether there is an API', async () => {
  const { registry } = await tagStore()
  registry.on(`GET /v2/team/app/referrers/${digest}`, { status: 503 })

  await expect(push(registry, sbom)).rejects.toMatchObject({ code: 'ERR_SINK_UNREACHABLE' })
  expect(registry.asked(`PUT ${TAG_PATH}`)).toEqual([])
})

it('can be read back by a client', async () => {
  const { registry } = await tagStore()
  await push(registry, ...sboms)

  const found = await listed(aClient({ side: 'source' }).repository(registry.host).referrers(SUBJECT.root, CALL))

  expect(found.map((one) => one.digest).sort()).toEqual(sboms.map(({ root }) => root.digest).sort())
})
