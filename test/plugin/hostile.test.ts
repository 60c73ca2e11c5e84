import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPluginKey } from '../../src/plugin/open-plugin-key.js'
import { verificationPlugins } from '../../src/plugin/verification-plugins.js'
import { type MintedChain, mintChain, NOW } from '../support/keys.js'
import { installExecutable, installPlugin, type PluginRecipe } from '../support/plugins.js'
import { CALL, tmpFolder } from '../support/tmp.js'

let chain: MintedChain
let folder: string

beforeAll(async () => {
  chain = await mintChain()
})

beforeEach(async () => {
  folder = await tmpFolder()
})

const METADATA = 'get-plugin-metadata'

function open(name = 'bad', given: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}) {
  const key = { name, keyId: 'k', config: {} }
  return openPluginKey(key, { folder, now: NOW, environment: {}, timeoutMs: 20_000, ...CALL, ...given })
}

async function openBad(recipe: PluginRecipe, timeoutMs?: number): Promise<unknown> {
  await installPlugin(folder, 'bad', { minted: chain, ...recipe })
  return await open('bad', timeoutMs === undefined ? {} : { timeoutMs })
}

async function refusal(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => new Error('was accepted'),
    (cause: unknown) => cause,
  )
  expect(error).toMatchObject({ code: 'ERR_PLUGIN_FAILED' })
  return (error as Error).message
}

/** What has ended may still be listed until its parent takes notice. */
async function isRunning(id: string): Promise<boolean> {
  const state = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => ') Z')
  return !/\) Z/.test(state)
}

describe('a plugin process that misbehaves', () => {
  test.each<readonly [string, PluginRecipe, RegExp]>([
    ['floods its answer', { behaviour: { [METADATA]: 'floods stdout' } }, /more than 67108864 bytes/],
    ['floods its errors', { behaviour: { [METADATA]: 'floods stderr' } }, /more than 1048576 bytes/],
    ['exits at once', { behaviour: { [METADATA]: 'exits at once' } }, /strict JSON/],
    ['is killed', { behaviour: { [METADATA]: 'is killed' } }, /ended by a signal/],
    ['leaves a child', { behaviour: { [METADATA]: 'leaves a child' } }, /leaves a process behind/],
    [
      'leaves a child that it set free',
      { behaviour: { [METADATA]: 'leaves a child in a group of its own' } },
      /leaves a process behind/,
    ],
    ['answers no JSON', { raw: { [METADATA]: 'ok' } }, /strict JSON/],
    ['answers a list', { raw: { [METADATA]: '[]' } }, /JSON object/],
    ['answers a key twice', { raw: { 'describe-key': '{"keyId":"k","keySpec":"EC-256","keyId":"k"}' } }, /twice/],
    ['answers two documents', { raw: { 'describe-key': '{"keyId":"k","keySpec":"EC-256"}{}' } }, /strict JSON/],
    ['answers bytes that are no text', { raw: { 'describe-key': '{"keyId":"k\u0000"}' } }, /strict JSON/],
  ])('is ended and refused where it %s', async (_, recipe, why) => {
    expect(await refusal(openBad(recipe))).toMatch(why)
  })

  test('is ended with all that it started where it hangs', async () => {
    const log = join(folder, 'log')

    expect(await refusal(openBad({ log, behaviour: { [METADATA]: 'hangs' } }, 2000))).toMatch(/within 2 seconds/)

    const processes = (await readFile(log, 'utf8')).split('\n').filter((line) => /^[0-9]+$/.test(line))
    expect(processes).toHaveLength(2)
    for (const id of processes) await expect.poll(() => isRunning(id)).toBe(false)
  })

  test('is ended where the operator stops', async () => {
    await installPlugin(folder, 'bad', { behaviour: { [METADATA]: 'hangs' } })
    const stop = new AbortController()
    const opened = open('bad', { signal: stop.signal })

    setTimeout(() => stop.abort(new Error('stopped')), 100)

    await expect(opened).rejects.toThrow('stopped')
  })

  test('may leave its request unread', async () => {
    const signer = await openBad({ behaviour: { [METADATA]: 'never reads' } })

    expect(signer).toMatchObject({ algorithm: 'ES256' })
  })

  test.each<readonly [string, { readonly status: number; readonly stderr: string }, RegExp]>([
    [
      'in the words of the contract',
      { status: 1, stderr: '{"errorCode":"ACCESS_DENIED","errorMessage":"no","errorMetadata":{"user":"x"}}' },
      /ACCESS_DENIED: no \(user=x\)$/,
    ],
    ['in words of its own', { status: 3, stderr: 'it broke' }, /ended with status 3: it broke$/],
    ['with an unknown code', { status: 1, stderr: '{"errorCode":"OOPS"}' }, /status 1: {"errorCode":"OOPS"}$/],
    ['in silence', { status: 1, stderr: '' }, /said nothing$/],
    [
      'with a message for the terminal',
      { status: 1, stderr: '{"errorCode":"ERROR","errorMessage":"\\u001b[2Jgone"}' },
      /ERROR: \\u{1b}\[2Jgone$/,
    ],
  ])('is quoted where it fails %s', async (_, failure, message) => {
    expect(await refusal(openBad({ fails: { [METADATA]: failure } }))).toMatch(message)
  })
})

describe('what a plugin says of itself', () => {
  test.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ['another name', { name: 'good' }],
    ['no name', { name: null }],
    ['a name of another type', { name: 7 }],
    ['no version', { version: '' }],
    ['no address', { url: null }],
    ['another contract', { supportedContractVersions: ['2.0'] }],
    ['no contract', { supportedContractVersions: [] }],
    ['contracts that are no list', { supportedContractVersions: '1.0' }],
    ['no capability', { capabilities: [] }],
    ['that it only verifies', { capabilities: ['SIGNATURE_VERIFIER.TRUSTED_IDENTITY'] }],
  ])('is refused where it is %s', async (_, metadata) => {
    await refusal(openBad({ metadata }))
  })

  test('may be more than is known', async () => {
    const metadata = { supportedContractVersions: ['1.0', '2.0'], more: 'text' }

    await expect(openBad({ metadata })).resolves.toMatchObject({ algorithm: 'ES256' })
  })
})

describe('the folder of a plugin', () => {
  const find = (name: string) => verificationPlugins({ folder: join(folder, 'plugins'), environment: {} })(name, CALL)

  test.each([
    ...['../outside', 'a/b', 'a\\b', '.', '..', '', '.hidden', '-rf', 'a b', 'a\0b', 'ä', 'a.', 'x'.repeat(200)],
  ])('is not looked for under the name %j', async (name) => {
    await installPlugin(folder, 'outside')
    await mkdir(join(folder, 'plugins', 'a'), { recursive: true })

    await expect(find(name)).resolves.toBeUndefined()
  })

  test('is absent without an error', async () => {
    await expect(find('vault')).resolves.toBeUndefined()
    await expect(open('vault')).rejects.toMatchObject({ code: 'ERR_PLUGIN_FAILED' })
  })

  test('may not be a link, and neither may the executable', async () => {
    const plugins = join(folder, 'plugins')
    const path = await installPlugin(plugins, 'linked')
    await rename(path, join(folder, 'elsewhere'))
    await symlink(join(folder, 'elsewhere'), path)
    await symlink(join(plugins, 'linked'), join(plugins, 'link'))

    await refusal(find('linked'))
    await refusal(find('link'))
  })

  test('must hold an executable of its name, a regular file that can be run', async () => {
    const plugins = join(folder, 'plugins')
    await rm(await installPlugin(plugins, 'empty'))
    await mkdir(join(plugins, 'folder', 'notation-folder'), { recursive: true })
    await chmod(await installPlugin(plugins, 'plain'), 0o644)
    await installExecutable(plugins, 'none', 'neither a script nor a program')
    await writeFile(join(plugins, 'file'), '')

    for (const name of ['empty', 'folder', 'plain', 'none', 'file']) await refusal(find(name))
  })
})
