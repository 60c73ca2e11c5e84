import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readCredentials } from '../../src/registry/credentials.js'
import { tmpFolder } from '../support/tmp.js'

interface Helped {
  readonly find: ReturnType<typeof readCredentials>
  readonly home: string
}

/** A Docker configuration, and helpers that are small programs on the PATH. */
async function withHelpers(config: unknown, helpers: Readonly<Record<string, string>>): Promise<Helped> {
  const home = await tmpFolder()
  const bin = join(home, 'bin')
  await mkdir(bin)
  await mkdir(join(home, '.docker'))
  await writeFile(join(home, '.docker/config.json'), JSON.stringify(config))
  for (const [name, script] of Object.entries(helpers)) {
    const path = join(bin, `docker-credential-${name}`)
    await writeFile(path, `#!${process.execPath}\nconst fs = require('node:fs')\n${script}\n`)
    await chmod(path, 0o755)
  }
  return { find: readCredentials({ env: { PATH: bin, MARK: 'handed-in' }, home, helperTimeoutMs: 5_000 }), home }
}

const ECHO = `
const url = fs.readFileSync(0, 'utf8')
process.stdout.write(JSON.stringify({ ServerURL: url, Username: url + ' ' + process.argv[2], Secret: process.env.MARK }))`

it('asks the helper of a host, with the host on its input and the environment that was handed in', async () => {
  const { find } = await withHelpers({ credHelpers: { 'reg.example:5000': 'echo' } }, { echo: ECHO })

  const found = await find('reg.example:5000', 'a/b')

  expect(found).toMatchObject({ kind: 'basic', username: 'reg.example:5000 get' })
  expect(found?.kind === 'basic' ? found.password.reveal() : '').toBe('handed-in')
})

it('prefers the helper of a host to the general one', async () => {
  const general = `process.stdout.write('{"Username":"general","Secret":"x"}')`
  const config = { credHelpers: { 'a.example': 'echo' }, credsStore: 'general' }
  const { find } = await withHelpers(config, { echo: ECHO, general })

  expect(await find('a.example', 'x')).toMatchObject({ username: 'a.example get' })
  expect(await find('b.example', 'x')).toMatchObject({ username: 'general' })
})

it('asks for Docker Hub by its old address', async () => {
  const { find } = await withHelpers({ credsStore: 'echo' }, { echo: ECHO })

  expect(await find('docker.io', 'library/x')).toMatchObject({ username: 'https://index.docker.io/v1/ get' })
})

it('takes a secret of the user <token> for an identity token', async () => {
  const token = `process.stdout.write('{"Username":"<token>","Secret":"refresh"}')`
  const { find } = await withHelpers({ credsStore: 'token' }, { token })

  expect(await find('reg.example', 'x')).toMatchObject({ kind: 'identity', username: '' })
})

it('goes on to the file itself where the helper has nothing', async () => {
  const none = `process.stdout.write('credentials not found in native keychain\\n'); process.exitCode = 1`
  const auth = Buffer.from('alice:pw').toString('base64')
  const { find } = await withHelpers({ credsStore: 'none', auths: { 'reg.example': { auth } } }, { none })

  expect(await find('reg.example', 'x')).toMatchObject({ username: 'alice' })
  expect(await find('other.example', 'x')).toBeUndefined()
})

it.each([
  ['fails', `process.stdout.write('sesame'); process.exitCode = 3`],
  ['answers something else', `process.stdout.write('"sesame"')`],
  ['answers a line break', `process.stdout.write('{"Username":"a","Secret":"sesame\\\\r\\\\nx: y"}')`],
  ['does not stop answering', `setInterval(() => process.stdout.write('sesame'.repeat(9999)), 1)`],
])('says which helper %s, and nothing of what it printed', async (_what, script) => {
  const { find, home } = await withHelpers({ credsStore: 'bad' }, { bad: script })

  const error: unknown = await find('reg.example', 'x').catch((cause: unknown) => cause)

  expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', subject: join(home, '.docker/config.json') })
  expect(String(error)).not.toContain('sesame')
})

it('does not wait for ever', async () => {
  const { home } = await withHelpers({ credsStore: 'slow' }, { slow: 'setInterval(() => {}, 1000)' })
  const find = readCredentials({ env: { PATH: join(home, 'bin') }, home, helperTimeoutMs: 300 })

  await expect(find('reg.example', 'x')).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
})

it.each(['../../bin/sh', 'a/b', 'x; touch /tmp/x', '$(id)', '', '.', 'a\nb'])(
  'never runs a helper called %j',
  async (name) => {
    const { find } = await withHelpers({ credHelpers: { 'reg.example': name } }, {})

    const found = find('reg.example', 'x')

    // An empty name is no helper at all.
    if (name === '') expect(await found).toBeUndefined()
    else await expect(found).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
  },
)

it('says that a helper is not installed', async () => {
  const { find } = await withHelpers({ credsStore: 'missing' }, {})

  await expect(find('reg.example', 'x')).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
})
