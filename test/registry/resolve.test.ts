import { expect, it } from 'vitest'
import { LIMITS } from '../../src/limits.js'
import { describe as descriptorOf } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { anImage, json } from '../support/build.js'
import { aClient } from '../support/registry-client.js'
import { type Reply, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const IMAGE = anImage()
const BYTES = IMAGE.contents.at(-1)?.bytes ?? new Uint8Array(0)
const EXPECTED = descriptorOf(OCI_MANIFEST, BYTES)
const TYPE = { 'content-type': OCI_MANIFEST }
const TOLD = { ...TYPE, 'docker-content-digest': EXPECTED.digest }
const TAG = { kind: 'tag', tag: 'v1' } as const
const DIGEST = { kind: 'digest', digest: EXPECTED.digest } as const

async function opened(head: Reply, get: Reply = { status: 404 }, reference = 'v1') {
  const registry = await scriptedRegistry()
  registry.on(`HEAD /v2/team/app/manifests/${reference}`, head)
  registry.on(`GET /v2/team/app/manifests/${reference}`, get)
  const client = aClient({ side: 'source' })
  return { registry, client, repository: client.repository(registry.host) }
}

it('resolves a tag with one HEAD where that says everything', async () => {
  const { registry, repository } = await opened({ status: 200, headers: TOLD, body: BYTES })

  const found = await repository.resolve(TAG, CALL)

  expect(found).toEqual(EXPECTED)
  expect(registry.requests.map(({ method }) => method)).toEqual(['HEAD'])
  for (const type of [OCI_INDEX, OCI_MANIFEST, DOCKER_MANIFEST]) {
    expect(registry.requests[0]?.headers.accept).toContain(type)
  }
})

const INCOMPLETE: readonly (readonly [string, Reply])[] = [
  ['no digest', { status: 200, headers: TYPE, body: BYTES }],
  ['a digest that is none', { status: 200, headers: { ...TYPE, 'docker-content-digest': 'sha256:x' }, body: BYTES }],
  ['no type', { status: 200, headers: { 'docker-content-digest': EXPECTED.digest }, body: BYTES }],
  ['a type that is none', { status: 200, headers: { ...TOLD, 'content-type': 'application/json' }, body: BYTES }],
  ['no length', { status: 200, headers: { ...TOLD, 'content-length': [] } }],
  ['no permission', { status: 403 }],
  ['no method', { status: 405 }],
]

it.each(INCOMPLETE)('reads the manifest where HEAD gives %s', async (_what, head) => {
  const { repository } = await opened(head, { status: 200, headers: TYPE, body: BYTES })

  expect(await repository.resolve(TAG, CALL)).toEqual(EXPECTED)
})

it('ignores the parameters of a content type', async () => {
  const headers = { ...TOLD, 'content-type': `${OCI_MANIFEST}; charset=utf-8` }
  const { repository } = await opened({ status: 200, headers, body: BYTES })

  expect(await repository.resolve(TAG, CALL)).toEqual(EXPECTED)
})

it('believes the bytes of a tag rather than the header', async () => {
  const headers = { ...TYPE, 'docker-content-digest': digestOf(Buffer.from('other')) }
  const { client, repository } = await opened({ status: 405 }, { status: 200, headers, body: BYTES })

  expect(await repository.resolve(TAG, CALL)).toEqual(EXPECTED)
  expect(client.events).toMatchObject([{ type: 'warning', code: 'DIGEST_HEADER_DIFFERS' }])
})

it('keeps the algorithm that a registry uses', async () => {
  const told = digestOf(BYTES, 'sha512')
  const headers = { ...TYPE, 'docker-content-digest': told }
  const { repository } = await opened({ status: 405 }, { status: 200, headers, body: BYTES })

  expect((await repository.resolve(TAG, CALL)).digest).toBe(told)
})

it('takes the manifest’s own word for its type where the header names none', async () => {
  const headers = { 'content-type': 'text/plain' }
  const { repository } = await opened({ status: 405 }, { status: 200, headers, body: BYTES })

  expect(await repository.resolve(TAG, CALL)).toEqual(EXPECTED)
})

it('refuses a manifest that is served as one type and calls itself another', async () => {
  const headers = { 'content-type': OCI_INDEX }
  const { repository } = await opened({ status: 405 }, { status: 200, headers, body: BYTES })

  await expect(repository.resolve(TAG, CALL)).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
})

it('refuses what is not a manifest at all', async () => {
  const { repository } = await opened({ status: 405 }, { status: 200, body: '{"hello":"world"}' })

  await expect(repository.resolve(TAG, CALL)).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it('refuses a manifest of Docker’s first schema', async () => {
  const type = 'application/vnd.docker.distribution.manifest.v1+prettyjws'
  const { repository } = await opened({ status: 405 }, { status: 200, headers: { 'content-type': type }, body: '{}' })

  await expect(repository.resolve(TAG, CALL)).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
})

it('refuses a manifest that does not end', async () => {
  const body = Buffer.alloc(LIMITS.manifestBytes + 1, ' ')
  const { repository } = await opened({ status: 405 }, { status: 200, headers: TYPE, body })

  await expect(repository.resolve(TAG, CALL)).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
})

it('resolves a digest without believing a header', async () => {
  const { repository } = await opened({ status: 200, headers: TYPE, body: BYTES }, undefined, EXPECTED.digest)

  expect(await repository.resolve(DIGEST, CALL)).toEqual(EXPECTED)
})

it('refuses another manifest for a digest, by its header or its bytes', async () => {
  const other = json(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST })
  const headers = { ...TYPE, 'docker-content-digest': other.descriptor.digest }
  const byHeader = await opened({ status: 200, headers, body: other.bytes }, undefined, EXPECTED.digest)
  const answer: Reply = { status: 200, headers: TYPE, body: other.bytes }
  const byBytes = await opened({ status: 405 }, answer, EXPECTED.digest)

  await expect(byHeader.repository.resolve(DIGEST, CALL)).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  await expect(byBytes.repository.resolve(DIGEST, CALL)).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
})

it('asks once for a tag that is not there', async () => {
  const { registry, repository } = await opened({ status: 404 })

  await expect(repository.resolve(TAG, CALL)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', side: 'source' })
  expect(registry.requests).toHaveLength(1)
})
