import { expect, it } from 'vitest'
import { LIMITS } from '../../src/limits.js'
import { startTestRegistry } from '../serve/registry-under-test.js'
import { anImage } from '../support/build.js'
import { aClient, listed } from '../support/registry-client.js'
import { type Reply, type Step, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const PATH = '/v2/team/app/tags/list'

function page(tags: unknown, link?: string): Reply {
  const headers = { 'content-type': 'application/json', ...(link === undefined ? {} : { link }) }
  return { status: 200, headers, body: JSON.stringify({ name: 'team/app', tags }) }
}

async function opened(first: Step, second?: Step) {
  const registry = await scriptedRegistry()
  if (second !== undefined) registry.on(/last=/, second)
  registry.on(/tags\/list$/, first)
  const repository = aClient().repository(registry.host)
  return { registry, list: () => listed(repository.listTags(CALL)) }
}

it('lists the tags of a repository', async () => {
  const { list } = await opened(page(['1', '2-rc', '_x']))

  expect(await list()).toEqual(['1', '2-rc', '_x'])
})

it.each([[[]], [null]])('lists none where the registry says %j', async (tags) => {
  const { list } = await opened(page(tags))

  expect(await list()).toEqual([])
})

it.each(['', 'http://evil.example', '//evil.example'])(
  'reads every page at the registry itself, linked at "%s"',
  async (host) => {
    const { registry, list } = await opened(page(['1'], `<${host}${PATH}?n=1&last=1>; rel="next"`), page(['2']))

    expect(await list()).toEqual(['1', '2'])
    expect(registry.requests).toHaveLength(2)
  },
)

it('refuses pages that form a circle', async () => {
  const link = `<${PATH}?n=1&last=1>; rel="next"`
  const { list } = await opened(page(['1'], link), page(['2'], link))

  await expect(list()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it.each([
  ['a page for people', { status: 200, body: '<html>' }],
  ['JSON of another form', { status: 200, body: '[]' }],
  ['no list', page({})],
  ['a member twice', { status: 200, body: '{"tags":["1"],"tags":[]}' }],
  ['what is no tag', page(['1', '../x'])],
  ['what is no text', page(['1', 2])],
])('refuses %s', async (_, reply) => {
  const { list } = await opened(reply)

  await expect(list()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it('reads no page that is larger than it may be', async () => {
  const { list } = await opened({ status: 200, body: ' '.repeat(LIMITS.registryAnswerBytes + 1) })

  await expect(list()).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
})

it('does not take a repository that is not there for one without tags', async () => {
  const body = '{"errors":[{"code":"NAME_UNKNOWN","message":"no"}]}'
  const { list } = await opened({ status: 404, headers: { 'content-type': 'application/json' }, body })

  await expect(list()).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
})

it('lists what this program’s own registry serves', async () => {
  const { running } = await startTestRegistry()
  const repository = aClient().repository(`127.0.0.1:${running.port}`)
  for (const tag of ['v2', 'v1']) await anImage().tagged(tag).into(repository)

  expect(await listed(repository.listTags(CALL))).toEqual(['v1', 'v2'])
})
