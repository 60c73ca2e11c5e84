import { expect, it } from 'vitest'
import { Authorizer } from '../../src/registry/authorizer.js'
import type { Credential } from '../../src/registry/credential.js'
import { Secret } from '../../src/registry/secret.js'
import { content, noise } from '../support/build.js'
import { aClient, aPassword } from '../support/registry-client.js'
import {
  type Recorded,
  type Reply,
  type ScriptedRegistry,
  type Step,
  scriptedRegistry,
} from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const { descriptor } = content('application/octet-stream', noise(10, 'blob'))
const BASIC = `Basic ${Buffer.from('alice:open sesame').toString('base64')}`

interface Tokened {
  readonly registry: ScriptedRegistry
  readonly service: ScriptedRegistry
}

/** A registry that takes the tokens of a service, and the service, which numbers them. */
async function tokened(grant?: Step, scope?: string): Promise<Tokened> {
  const registry = await scriptedRegistry()
  const service = await scriptedRegistry()
  let issued = 0
  service.on(
    /./,
    grant ??
      (() => {
        issued += 1
        return { status: 200, body: JSON.stringify({ token: `token-${issued}`, expires_in: 300 }) }
      }),
  )
  registry.on(/./, (request) =>
    /^Bearer token/.test(request.headers.authorization ?? '') ? FOUND : demand(service, scope),
  )
  return { registry, service }
}

const FOUND: Reply = { status: 200, headers: { 'content-length': '10' } }

function demand(service: ScriptedRegistry, scope = 'repository:team/app:pull', more = ''): Reply {
  const challenge = `Bearer realm="${service.url}/token?own=1",service="the registry",scope="${scope}"${more}`
  return { status: 401, headers: { 'www-authenticate': ['Negotiate', challenge] } }
}

function opened(registry: ScriptedRegistry, credential?: Credential, side: 'source' | 'sink' = 'source') {
  const client = aClient({ side, ...(credential === undefined ? {} : { credential }) })
  const has = (name?: string) => client.repository(registry.host, name).has(descriptor, CALL)
  return { client, has }
}

function queryOf(request: Recorded | undefined): URLSearchParams {
  return new URL(request?.url ?? '', 'http://x').searchParams
}

it('exchanges a password for a token at the realm, and sends the password nowhere else', async () => {
  const { registry, service } = await tokened()
  const { has } = opened(registry, aPassword())

  expect(await has()).toBe(true)

  const [asked] = service.requests
  expect(asked?.headers.authorization).toBe(BASIC)
  expect([...queryOf(asked)]).toEqual([
    ['own', '1'],
    ['service', 'the registry'],
    ['scope', 'repository:team/app:pull'],
  ])
  expect(registry.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer token-1'])
})

it('asks for an anonymous token where there are no credentials', async () => {
  const { registry, service } = await tokened()
  const { has } = opened(registry)

  expect(await has()).toBe(true)
  expect(service.requests[0]?.headers.authorization).toBeUndefined()
})

it('uses a token until it ends, and a new one after', async () => {
  const { registry, service } = await tokened()
  const { client, has } = opened(registry, aPassword())

  await has()
  client.now += 290_000
  await has()
  expect(service.requests).toHaveLength(1)
  client.now += 10_000
  await has()

  expect(service.requests).toHaveLength(2)
  expect(registry.requests).toHaveLength(4) // the third asked for its token first
})

it('takes a token without a lifetime for a minute’s', async () => {
  const { registry, service } = await tokened({ status: 200, body: '{"access_token":"token"}' })
  const { client, has } = opened(registry)

  await has()
  client.now += 50_000
  await has()
  expect(service.requests).toHaveLength(1)
  client.now += 10_000
  await has()

  expect(service.requests).toHaveLength(2)
})

it('asks once for a token that many requests need at the same time', async () => {
  const { registry, service } = await tokened()
  const { has } = opened(registry)

  const found = await Promise.all(Array.from({ length: 10 }, () => has()))

  expect(found).toEqual(Array.from({ length: 10 }, () => true))
  expect(service.requests).toHaveLength(1)
})

it('goes on for others when the one who asked for a token gives up', async () => {
  const { registry } = await tokened(async () => {
    await new Promise((resolve) => setTimeout(resolve, 150))
    return { status: 200, body: '{"token":"token"}' }
  })
  const { client, has } = opened(registry)
  const stop = new AbortController()

  const first = client.repository(registry.host).has(descriptor, { signal: stop.signal })
  const second = new Promise((resolve) => setTimeout(resolve, 50)).then(() => has())
  setTimeout(() => stop.abort(new Error('enough')), 100)

  await expect(first).rejects.toThrow('enough')
  expect(await second).toBe(true)
})

it('asks for a token per repository, without being refused first', async () => {
  const { registry, service } = await tokened()
  const { has } = opened(registry)

  await has('one')
  await has('two')

  expect(registry.requests.filter(({ url }) => url.startsWith('/v2/two/'))).toHaveLength(1)
  expect(queryOf(service.requests[1]).getAll('scope')).toEqual(['repository:two:pull'])
})

it('asks for the right to push at a target, with what the registry demands first', async () => {
  const { registry, service } = await tokened(undefined, 'repository:tenant/team/app:pull')
  const { has } = opened(registry, aPassword(), 'sink')

  await has()

  expect(queryOf(service.requests[0]).getAll('scope')).toEqual([
    'repository:tenant/team/app:pull',
    'repository:team/app:pull,push',
  ])
})

it('replaces a token that is refused, once', async () => {
  const { registry, service } = await tokened()
  const { has } = opened(registry, aPassword())
  await has()
  registry.on(/./, (request) => (request.headers.authorization === 'Bearer token-2' ? FOUND : demand(service)))

  expect(await has()).toBe(true)

  registry.on(/./, demand(service))
  await expect(has()).rejects.toMatchObject({ code: 'ERR_UNAUTHORIZED', side: 'source' })
})

it('asks for more where a token’s scope is too small, once', async () => {
  const { registry, service } = await tokened()
  let asked = 0
  registry.on(/./, () => {
    asked += 1
    return demand(service, `repository:team/app:pull,extra${asked}`, ',error="insufficient_scope"')
  })
  const { has } = opened(registry)

  await expect(has()).rejects.toMatchObject({ code: 'ERR_UNAUTHORIZED' })
  expect(registry.requests).toHaveLength(3)
  expect(queryOf(service.requests[1]).getAll('scope')).toEqual(['repository:team/app:pull,extra2,extra1'])
})

it('sends a password only after it was asked for, and only once where it is wrong', async () => {
  const registry = await scriptedRegistry()
  registry.on(/./, { status: 401, headers: { 'www-authenticate': 'BASIC realm="r"' } })
  const { has } = opened(registry, aPassword())

  await expect(has()).rejects.toMatchObject({ code: 'ERR_UNAUTHORIZED' })
  expect(registry.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, BASIC])
})

it('sends a registry token as it is', async () => {
  const { registry, service } = await tokened()
  const { has } = opened(registry, { kind: 'bearer', token: new Secret('token-x') })

  expect(await has()).toBe(true)
  expect(service.requests).toEqual([])
})

const IDENTITY: Credential = { kind: 'identity', username: 'alice', token: new Secret('refresh') }

it('exchanges an identity token by OAuth2', async () => {
  const { registry, service } = await tokened()
  const { has } = opened(registry, IDENTITY)

  expect(await has()).toBe(true)

  const [asked] = service.requests
  expect(asked?.method).toBe('POST')
  expect(Object.fromEntries(new URLSearchParams(asked?.body.toString()))).toEqual({
    grant_type: 'refresh_token',
    client_id: 'waybill',
    service: 'the registry',
    scope: 'repository:team/app:pull',
    refresh_token: 'refresh',
  })
})

it.each([400, 401, 404, 405])('falls back to the older way where OAuth2 gets a %i', async (status) => {
  const { registry, service } = await tokened()
  service.on(/^POST /, { status })
  const { has } = opened(registry, IDENTITY)

  expect(await has()).toBe(true)
  expect(service.requests[1]?.headers.authorization).toBe(`Basic ${Buffer.from('alice:refresh').toString('base64')}`)
})

it('does not carry an identity token to where the service sends us', async () => {
  const { registry, service } = await tokened()
  service.on(/^POST /, { status: 307, headers: { location: '/elsewhere' } })
  const { has } = opened(registry, IDENTITY)

  await expect(has()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  expect(service.asked(/elsewhere/)).toEqual([])
})

it('does not carry a password to where the service sends us', async () => {
  const elsewhere = await scriptedRegistry()
  elsewhere.on(/./, { status: 200, body: '{"token":"token"}' })
  const { registry } = await tokened({ status: 302, headers: { location: elsewhere.url } })
  const { has } = opened(registry, aPassword())

  await has()

  expect(elsewhere.requests[0]?.headers.authorization).toBeUndefined()
})

it('does not follow a registry to a second token service', async () => {
  const { registry, service } = await tokened()
  const second = await scriptedRegistry()
  const { has } = opened(registry, aPassword())
  await has()
  registry.on(/./, demand(second))

  await expect(has()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  expect(second.requests).toEqual([])
  expect(service.requests).toHaveLength(1)
})

it.each([
  'http://reg.example/token',
  'https://10.0.0.1/token',
  'https://127.0.0.1/token',
  'https://localhost:8443/token',
  'https://169.254.169.254/latest/meta-data',
  'https://[::1]:1/token',
  'https://2130706433/token',
  'file:///etc/passwd',
  'https://alice@auth.example/token',
  'token',
  '',
])('asks for no token at %j, whatever the registry says', async (realm) => {
  const asked: string[] = []
  const authorizer = new Authorizer({
    place: { side: 'source', registry: 'reg.example' },
    base: new URL('https://reg.example/'),
    credentials: async () => aPassword(),
    ask: async (request) => {
      asked.push(request.url.href)
      throw new Error('must not be asked')
    },
    now: () => 0,
    lifetime: CALL.signal,
  })
  const need = { repository: 'a', scopes: ['repository:a:pull'], signal: CALL.signal }

  const answering = authorizer.answer({ ...need, headers: [`Bearer realm="${realm}"`], used: undefined, round: 0 })

  await expect(answering).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL', side: 'source' })
  expect(asked).toEqual([])
})

it.each([
  ['no token', { status: 200, body: '{}' }, 'ERR_REGISTRY_PROTOCOL'],
  ['something else', { status: 200, body: '<html>' }, 'ERR_REGISTRY_PROTOCOL'],
  ['a line break', { status: 200, body: '{"token":"a\\r\\nx: y"}' }, 'ERR_REGISTRY_PROTOCOL'],
  ['an answer without end', { status: 200, body: ' '.repeat(1_000_000), endless: true }, 'ERR_REGISTRY_PROTOCOL'],
  ['a refusal', { status: 401, body: '{"details":"wrong password\u001b[31m"}' }, 'ERR_UNAUTHORIZED'],
  ['a 403', { status: 403 }, 'ERR_FORBIDDEN'],
  ['too many', { status: 429 }, 'ERR_RATE_LIMITED'],
] satisfies [string, Reply, string][])('says so when the service gives %s', async (_what, reply, code) => {
  const { registry } = await tokened(reply)
  const { has } = opened(registry, aPassword())

  const error: unknown = await has().catch((cause: unknown) => cause)

  expect(error).toMatchObject({ code })
  expect(String(error)).not.toMatch(/sesame|\u001b/)
})

it('asks for credentials by the name that the operator used, and once per repository', async () => {
  const { registry } = await tokened()
  const asked: string[] = []
  const client = aClient({
    credentials: async (host, name) => {
      asked.push(`${host} ${name}`)
      return undefined
    },
  })

  await client.repository(registry.host, 'one').has(descriptor, CALL)
  await client.repository(registry.host, 'one').has(descriptor, CALL)
  await client.repository(registry.host, 'two').has(descriptor, CALL)

  expect(asked).toEqual([`${registry.host} one`, `${registry.host} two`])
})

it('asks for no credentials where none are demanded', async () => {
  const registry = await scriptedRegistry()
  registry.on(/./, FOUND)
  const client = aClient({
    credentials: async () => {
      throw new Error('a helper was run for nothing')
    },
  })

  expect(await client.repository(registry.host).has(descriptor, CALL)).toBe(true)
})
