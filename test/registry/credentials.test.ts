import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import type { Credential } from '../../src/registry/credential.js'
import { readCredentials } from '../../src/registry/credentials.js'
import { tmpFolder } from '../support/tmp.js'

function basic(user: string, password = 'pw'): string {
  return Buffer.from(`${user}:${password}`).toString('base64')
}

async function put(path: string, json: unknown): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, typeof json === 'string' ? json : JSON.stringify(json))
  return path
}

function userOf(credential: Credential | undefined): string | undefined {
  return credential?.kind === 'basic' ? `${credential.username}:${credential.password.reveal()}` : credential?.kind
}

it('has none where there are no files', async () => {
  const find = readCredentials({ env: {}, home: await tmpFolder() })

  expect(await find('ghcr.io', 'a/b')).toBeUndefined()
})

it('looks into the files in their order', async () => {
  const home = await tmpFolder()
  const env = {
    REGISTRY_AUTH_FILE: join(home, 'named.json'),
    DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'two.example': { auth: basic('inline') } } }),
    XDG_RUNTIME_DIR: join(home, 'run'),
    XDG_CONFIG_HOME: join(home, 'conf'),
    DOCKER_CONFIG: join(home, 'docker'),
  }
  const all = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => `${name}.example`)
  const auths = (user: string, from: number) => ({
    auths: Object.fromEntries(all.slice(from).map((host) => [host, { auth: basic(user) }])),
  })
  await put(env.REGISTRY_AUTH_FILE, { auths: { 'one.example': { auth: basic('named') } } })
  await put(join(home, 'run/containers/auth.json'), auths('runtime', 2))
  await put(join(home, 'conf/containers/auth.json'), auths('config', 3))
  await put(join(home, 'docker/config.json'), auths('docker', 4))
  await put(join(home, '.dockercfg'), {
    'six.example': { auth: basic('old') },
    'seven.example': { auth: basic('old') },
  })
  const find = readCredentials({ env, home })

  const users = await Promise.all([...all, 'seven.example'].map(async (host) => userOf(await find(host, 'a'))))

  expect(users).toEqual(['named:pw', 'inline:pw', 'runtime:pw', 'runtime:pw', 'runtime:pw', 'runtime:pw', 'old:pw'])
})

it('falls back to the folders in the home directory', async () => {
  const home = await tmpFolder()
  await put(join(home, '.config/containers/auth.json'), { auths: { 'a.example': { auth: basic('podman') } } })
  await put(join(home, '.docker/config.json'), { auths: { 'b.example': { auth: basic('docker') } } })
  const find = readCredentials({ env: {}, home })

  expect(userOf(await find('a.example', 'x'))).toBe('podman:pw')
  expect(userOf(await find('b.example', 'x'))).toBe('docker:pw')
})

it('prefers the most specific namespace in Podman’s file, and knows only hosts in Docker’s', async () => {
  const home = await tmpFolder()
  const auths = {
    'reg.example': { auth: basic('host') },
    'reg.example/team': { auth: basic('team') },
    'reg.example/team/app': { auth: basic('app') },
  }
  await put(join(home, '.config/containers/auth.json'), { auths })
  const podman = readCredentials({ env: {}, home })
  await put(join(home, 'd/config.json'), { auths })
  const docker = readCredentials({ env: { DOCKER_CONFIG: join(home, 'd') }, home: join(home, 'd') })

  const found = await Promise.all(
    ['team/app', 'team/application', 'team', 'other'].map(async (name) => userOf(await podman('reg.example', name))),
  )

  expect(found).toEqual(['app:pw', 'team:pw', 'team:pw', 'host:pw'])
  expect(userOf(await docker('reg.example', 'team/app'))).toBe('host:pw')
})

it.each([
  ['https://reg.example/v1/', 'reg.example'],
  ['http://reg.example:5000/v2/', 'reg.example:5000'],
  ['https://reg.example', 'reg.example'],
  ['reg.example/v1/', 'reg.example'],
  ['https://index.docker.io/v1/', 'docker.io'],
  ['docker.io', 'docker.io'],
])('finds what old clients kept under %s', async (key, registry) => {
  const home = await tmpFolder()
  await put(join(home, '.docker/config.json'), { auths: { [key]: { auth: basic('old') } } })
  const find = readCredentials({ env: {}, home })

  expect(userOf(await find(registry, 'a'))).toBe('old:pw')
})

it('does not give one registry’s credential to another that looks like it', async () => {
  const home = await tmpFolder()
  await put(join(home, '.docker/config.json'), { auths: { 'reg.example': { auth: basic('alice') } } })
  const find = readCredentials({ env: {}, home })

  const others = ['reg.example.evil', 'evil-reg.example', 'reg.example:5000', 'example', 'sub.reg.example']

  expect(await Promise.all(others.map((host) => find(host, 'reg.example')))).toEqual(others.map(() => undefined))
})

it('splits a password at the first colon and drops Docker’s padding', async () => {
  const home = await tmpFolder()
  const auth = Buffer.from('alice:p:w\0\0').toString('base64')
  await put(join(home, '.docker/config.json'), { auths: { 'reg.example': { auth } } })
  const find = readCredentials({ env: {}, home })

  expect(userOf(await find('reg.example', 'a'))).toBe('alice:p:w')
})

it('knows identity tokens and registry tokens', async () => {
  const home = await tmpFolder()
  await put(join(home, '.docker/config.json'), {
    auths: {
      'a.example': { auth: basic('alice', ''), identitytoken: 'refresh' },
      'b.example': { registrytoken: 'bearer' },
      'c.example': {},
    },
  })
  const find = readCredentials({ env: {}, home })

  expect(await find('a.example', 'x')).toMatchObject({ kind: 'identity', username: 'alice' })
  expect(await find('b.example', 'x')).toMatchObject({ kind: 'bearer' })
  expect(await find('c.example', 'x')).toBeUndefined()
})

it.each([
  ['is not JSON', '{"auths": {"reg.example": {"auth": "c2VjcmV0OnNlY3JldA=="'],
  ['has a line break in a credential', { auths: { x: { auth: Buffer.from('a:b\r\nx: y').toString('base64') } } }],
])('names a file that %s, and nothing of what is in it', async (_what, json) => {
  const home = await tmpFolder()
  const path = await put(join(home, '.docker/config.json'), json)
  const find = readCredentials({ env: {}, home })

  const error: unknown = await find('reg.example', 'a').catch((cause: unknown) => cause)

  expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', subject: path })
  expect(String(error)).not.toMatch(/c2VjcmV0|secret|x: y/)
})
