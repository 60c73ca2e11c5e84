import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { once } from '../../src/content/reopenable.js'
import { LIMITS } from '../../src/limits.js'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { anArtifact, anImage, content } from '../support/build.js'
import { aClient } from '../support/registry-client.js'
import { type Step, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const MANIFEST = anImage().contents.at(-1) ?? content('', new Uint8Array(0))
const { descriptor, bytes } = MANIFEST
const BY_DIGEST = `/v2/team/app/manifests/${descriptor.digest}`
const BY_TAG = '/v2/team/app/manifests/v1'

async function opened(put: Step = { status: 201 }) {
  const registry = await scriptedRegistry()
  registry.on(/^PUT /, put)
  registry.on(`GET ${BY_DIGEST}`, { status: 200, headers: { 'content-type': OCI_MANIFEST }, body: bytes })
  return { registry, repository: aClient().repository(registry.host) }
}

it('sends a manifest by its digest, byte for byte, with its type and length', async () => {
  const { registry, repository } = await opened()
  const spaced = content(OCI_MANIFEST, Buffer.concat([Buffer.from('\n '), bytes, Buffer.from('\n')]))

  await repository.push(spaced.descriptor, once(spaced.bytes), CALL)

  const [put] = registry.requests
  expect(put?.url).toBe(`/v2/team/app/manifests/${spaced.descriptor.digest}`)
  expect(put?.headers).toMatchObject({ 'content-type': OCI_MANIFEST, 'content-length': String(spaced.bytes.length) })
  expect(Buffer.compare(put?.body ?? Buffer.alloc(0), spaced.bytes)).toBe(0)
})

it.each([
  ['of another digest', { ...descriptor, digest: digestOf(Buffer.from('x')) }, bytes, 'ERR_CONTENT_MISMATCH'],
  ['too large to be a manifest', { ...descriptor, size: LIMITS.manifestBytes + 1 }, bytes, 'ERR_LIMIT_EXCEEDED'],
  ['that are no JSON', content(OCI_MANIFEST, Buffer.from('{')).descriptor, Buffer.from('{'), 'ERR_JSON_INVALID'],
] as const)('sends nothing of bytes %s', async (_what, wrong, found, code) => {
  const { registry, repository } = await opened()

  await expect(repository.push(wrong, once(found), CALL)).rejects.toMatchObject({ code })
  expect(registry.requests).toEqual([])
})

it('has one referrer of a subject on its way at a time, for there are registries that lose one of two', async () => {
  const subject = anImage()
  const referrers = [1, 2, 3].map((n) => anArtifact({ subject, bytes: String(n) }).contents.at(-1) ?? MANIFEST)
  let onTheirWay = 0
  let most = 0
  const { registry, repository } = await opened(async () => {
    onTheirWay += 1
    most = Math.max(most, onTheirWay)
    await sleep(5)
    onTheirWay -= 1
    return { status: 201, headers: { 'oci-subject': subject.root.digest } }
  })
  const none = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }
  registry.on(/^GET .*\/referrers\//, {
    status: 200,
    headers: { 'content-type': OCI_INDEX },
    body: JSON.stringify(none),
  })

  await Promise.all(referrers.map((one) => repository.push(one.descriptor, once(one.bytes), CALL)))

  expect(registry.asked(/^PUT /)).toHaveLength(3)
  expect(most).toBe(1)
})

it('does not take another digest for the one that was sent', async () => {
  const headers = { 'docker-content-digest': digestOf(Buffer.from('x')) }
  const { repository } = await opened({ status: 201, headers })

  await expect(repository.push(descriptor, once(bytes), CALL)).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it('accepts a digest of another algorithm that is right', async () => {
  const headers = { 'docker-content-digest': digestOf(bytes, 'sha512') }
  const { repository } = await opened({ status: 201, headers })

  await expect(repository.push(descriptor, once(bytes), CALL)).resolves.toBeUndefined()
})

it('points a tag at the bytes that the repository has', async () => {
  const { registry, repository } = await opened()

  await repository.tag(descriptor, 'v1', CALL)

  const [put] = registry.asked(`PUT ${BY_TAG}`)
  expect(Buffer.compare(put?.body ?? Buffer.alloc(0), bytes)).toBe(0)
  expect(put?.headers['content-type']).toBe(OCI_MANIFEST)
})

it('leaves a tag alone that is already right, for it may be immutable', async () => {
  const { registry, repository } = await opened({ status: 400 })
  registry.on(`HEAD ${BY_TAG}`, { status: 200, headers: { 'docker-content-digest': descriptor.digest } })

  await repository.tag(descriptor, 'v1', CALL)

  expect(registry.requests).toHaveLength(1)
})

it.each([403, 404, 405])('sets a tag where a look at it gives a %i', async (status) => {
  const { registry, repository } = await opened()
  registry.on(`HEAD ${BY_TAG}`, { status })

  await repository.tag(descriptor, 'v1', CALL)

  expect(registry.asked(`PUT ${BY_TAG}`)).toHaveLength(1)
})

it('moves a tag that points elsewhere', async () => {
  const { registry, repository } = await opened()
  const headers = { 'docker-content-digest': digestOf(Buffer.from('x')) }
  registry.on(`HEAD ${BY_TAG}`, { status: 200, headers })

  await repository.tag(descriptor, 'v1', CALL)

  expect(registry.asked(`PUT ${BY_TAG}`)).toHaveLength(1)
})

it('does not tag what the repository does not have', async () => {
  const { registry, repository } = await opened()
  registry.on(`GET ${BY_DIGEST}`, { status: 404 })

  await expect(repository.tag(descriptor, 'v1', CALL)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  expect(registry.asked(/^PUT /)).toEqual([])
})
