import { expect, test } from 'vitest'
import { OCI_INDEX } from '../../src/oci/media-types.js'
import { json } from '../support/build.js'
import { startTestRegistry, type TestRegistry } from './registry-under-test.js'

const TAGS = ['1.0', '1.10', '1.9', 'Beta', 'LATEST', '_x', 'alpha', 'latest']

async function tagged(): Promise<TestRegistry> {
  const registry = await startTestRegistry()
  const { bytes, descriptor } = json(OCI_INDEX, { schemaVersion: 2, manifests: [] })
  const as = `${descriptor.digest}?${TAGS.toReversed()
    .map((tag) => `tag=${tag}`)
    .join('&')}`
  await registry.pushManifest('team/app', { bytes, mediaType: OCI_INDEX, as })
  return registry
}

test('tags are listed in the order of their bytes', async () => {
  const registry = await tagged()

  const list = await registry.call('GET', '/v2/team/app/tags/list')

  expect([list.status, list.headers['content-type'], list.headers['link']]).toEqual([
    200,
    'application/json',
    undefined,
  ])
  expect(list.json()).toEqual({ name: 'team/app', tags: TAGS })
})

test('pages go on where the one before ended', async () => {
  const registry = await tagged()
  const pages: unknown[] = []

  let path = '/v2/team/app/tags/list?n=3'
  while (path !== '') {
    const page = await registry.call('GET', path)
    pages.push((page.json() as { tags: unknown }).tags)
    path = /^<([^>]+)>; rel="next"$/.exec(String(page.headers['link'] ?? ''))?.[1] ?? ''
  }

  expect(pages).toEqual([TAGS.slice(0, 3), TAGS.slice(3, 6), TAGS.slice(6)])
})

test.each([
  ['?n=0', []],
  ['?n=8', TAGS],
  ['?n=999999999', TAGS],
  ['?last=LATEST', ['_x', 'alpha', 'latest']],
  ['?last=M&n=1', ['_x']],
  ['?last=zzz', []],
])('%s gives %j and no more', async (query, tags) => {
  const registry = await tagged()

  const list = await registry.call('GET', `/v2/team/app/tags/list${query}`)

  expect(list.json()).toEqual({ name: 'team/app', tags })
  expect(list.headers['link'] !== undefined).toBe(query.includes('n=1'))
})

test.each(['-1', '1e9', 'x', '', '9'.repeat(30)])('n=%s is refused', async (n) => {
  const registry = await tagged()

  const refused = await registry.call('GET', `/v2/team/app/tags/list?n=${n}`)

  expect(refused.status).toBe(400)
})

test('an unknown repository has no list, one without tags an empty one', async () => {
  const registry = await startTestRegistry()
  await registry.pushBlob('app', Buffer.from('x'))

  const unknown = await registry.call('GET', '/v2/none/tags/list')
  const empty = await registry.call('GET', '/v2/app/tags/list')

  expect([unknown.status, unknown.code()]).toEqual([404, 'NAME_UNKNOWN'])
  expect(empty.json()).toEqual({ name: 'app', tags: [] })
})

test('the catalog names all repositories, in pages where that is asked for', async () => {
  const registry = await startTestRegistry()
  for (const name of ['z', 'a/b', 'a']) await registry.pushBlob(name, Buffer.from('x'))

  const all = await registry.call('GET', '/v2/_catalog')
  const first = await registry.call('GET', '/v2/_catalog?n=2')

  expect(all.json()).toEqual({ repositories: ['a', 'a/b', 'z'] })
  expect([first.json(), first.headers['link']]).toEqual([
    { repositories: ['a', 'a/b'] },
    '</v2/_catalog?n=2&last=a%2Fb>; rel="next"',
  ])
})
