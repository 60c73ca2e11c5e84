import { expect, it } from 'vitest'
import { LIMITS } from '../../src/limits.js'
import { startTestRegistry } from '../serve/registry-under-test.js'
import { anImage } from '../support/build.js'
import { aClient, aPassword, listed } from '../support/registry-client.js'
import { type Reply, type Step, scriptedRegistry } from '../support/scripted-registry.js'

const PATH = '/v2/_catalog'

function page(repositories: unknown, link?: string): Reply {
  const headers = { 'content-type': 'application/json', ...(link === undefined ? {} : { link }) }
  return { status: 200, headers, body: JSON.stringify({ repositories }) }
}

async function opened(first: Step, second?: Step) {
  const registry = await scriptedRegistry()
  if (second !== undefined) registry.on(/last=/, second)
  registry.on(/_catalog$/, first)
  return { registry, list: () => listed(aClient().repositories(registry.host)) }
}

it('lists what this program’s own registry has', async () => {
  const { running } = await startTestRegistry()
  const client = aClient()
  const host = `127.0.0.1:${running.port}`
  for (const name of ['team/app', 'net-monitor']) await anImage().tagged('1').into(client.repository(host, name))

  expect(await listed(client.repositories(host))).toEqual(['net-monitor', 'team/app'])
})

it.each([[[]], [null]])('lists none where the registry says %j', async (repositories) => {
  const { list } = await opened(page(repositories))

  expect(await list()).toEqual([])
})

it.each(['', 'http://evil.example', '//evil.example'])(
  'reads every page at the registry itself, linked at "%s"',
  async (host) => {
    const { registry, list } = await opened(page(['a'], `<${host}${PATH}?n=1&last=a>; rel="next"`), page(['b']))

    expect(await list()).toEqual(['a', 'b'])
    expect(registry.requests).toHaveLength(2)
  },
)

it('leaves out what is no name of a repository', async () => {
  const hostile = ['\u001b[2Jteam/app', '../etc', 'Team/App', '', 'a//b', 'app\n', 7, null, 'a'.repeat(256), 'team/app']
  const { list } = await opened(page(hostile))

  expect(await list()).toEqual(['team/app'])
})

it('refuses pages that form a circle', async () => {
  const link = `<${PATH}?last=a>; rel="next"`
  const { list } = await opened(page(['a'], link), page(['b'], link))

  await expect(list()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it('does not follow pages without end', async () => {
  let at = 0
  const { registry, list } = await opened('drop')
  registry.on(/_catalog/, () => {
    at += 1
    return page([], `<${PATH}?last=a${at}>; rel="next"`)
  })

  await expect(list()).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  expect(registry.requests.length).toBeLessThanOrEqual(LIMITS.registryPages + 1)
})

it('counts the names that it takes', async () => {
  const { list } = await opened(page(Array.from({ length: LIMITS.listedRepositories + 1 }, (_, at) => `app-${at}`)))

  await expect(list()).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
})

it('reads no page that is larger than it may be', async () => {
  const { list } = await opened({ status: 200, body: ' '.repeat(LIMITS.registryAnswerBytes + 1) })

  await expect(list()).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
})

it.each([
  ['a page for people', { status: 200, body: '<html>' }],
  ['JSON of another form', { status: 200, body: '[]' }],
  ['no list', page({ team: 'app' })],
])('refuses %s', async (_, reply) => {
  const { list } = await opened(reply)

  await expect(list()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
})

it.each([
  ['401', 'ERR_UNAUTHORIZED'],
  ['403', 'ERR_FORBIDDEN'],
  ['404', 'ERR_NOT_FOUND'],
  ['405', 'ERR_NOT_FOUND'],
  ['400', 'ERR_NOT_FOUND'],
] as const)('says that a name can be typed where the answer is %s', async (status, code) => {
  const body = JSON.stringify({ errors: [{ code: 'UNSUPPORTED', message: 'no \u001b[2J catalogue' }] })
  const { list } = await opened({ status: Number(status), headers: { 'content-type': 'application/json' }, body })

  const refusal: unknown = await list().catch((cause: unknown) => cause)

  expect(refusal).toMatchObject({ code, message: expect.stringContaining('cannot be browsed: type the name') })
  expect(String(refusal)).not.toContain('\u001b')
})

it('asks for the right to see the list, with the credential of the registry', async () => {
  const registry = await scriptedRegistry()
  const challenge = `Bearer realm="${registry.url}/token",service="r",scope="registry:catalog:*"`
  registry.on(`GET ${PATH}`, { status: 401, headers: { 'www-authenticate': challenge } }, page(['team/app']))
  registry.on('GET /token', { status: 200, body: '{"token":"let-me-look"}' })

  expect(await listed(aClient({ credential: aPassword() }).repositories(registry.host))).toEqual(['team/app'])

  expect(registry.asked('GET /token')[0]?.url).toContain('scope=registry%3Acatalog%3A*')
  expect(registry.asked(`GET ${PATH}`)[1]?.headers.authorization).toBe('Bearer let-me-look')
})

it('asks nothing of what is no registry', async () => {
  expect(() => aClient().repositories('evil.example/v2/x?')).toThrow('not a registry')
})
