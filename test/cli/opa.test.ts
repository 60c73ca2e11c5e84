import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CommandContext } from '../../src/cli/context.js'
import { openLastWord } from '../../src/cli/opa/last-word.js'
import { type OpaWords, opaRule } from '../../src/cli/opa/words.js'
import type { PolicyInput } from '../../src/import/last-word/policy-input-types.js'
import type { OpaRule } from '../../src/policy/import-policy.js'
import { scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const POLICIES = join(import.meta.dirname, '../opa/policies')
const USAGE = expect.objectContaining({ code: 'ERR_USAGE' })
const INPUT = { schema: 'waybill.policy-input.v1' } as PolicyInput

function aContext(files: Readonly<Record<string, string | Uint8Array>> = {}, plainHttp = false): CommandContext {
  const context = {
    ...CALL,
    generator: 'waybill/test',
    plainHttp,
    readFile: async (path: string) => Buffer.from(files[path] ?? readFileSync(path)),
  }
  return context as Partial<CommandContext> as CommandContext
}

const policyWith = (opa: OpaRule | undefined) => ({ path: 'import-policy.yaml', opa })

describe('who has the last word', () => {
  test('is nobody, a file or a server', () => {
    expect(opaRule({}, undefined)).toBeUndefined()
    expect(opaRule({}, policyWith(undefined))).toBeUndefined()
    expect(opaRule({ opaWasm: 'a.wasm' }, undefined)).toEqual({
      by: 'wasm',
      path: 'a.wasm',
      entrypoint: 'waybill/allow',
    })
    expect(
      opaRule({ opaServer: 'http://127.0.0.1', opaPath: 'a/b', opaTokenFile: 't' }, policyWith(undefined)),
    ).toEqual({ by: 'server', url: 'http://127.0.0.1', path: 'a/b', tokenFile: 't' })
  })

  test('is what the import policy says, and never one of two', () => {
    const rule: OpaRule = { by: 'wasm', path: '/etc/a.wasm', entrypoint: 'a' }

    expect(opaRule({}, policyWith(rule))).toBe(rule)
    expect(() => opaRule({ opaWasm: 'b.wasm' }, policyWith(rule))).toThrow(USAGE)
  })

  test.each<OpaWords>([
    { opaWasm: '' },
    { opaServer: '' },
    { opaEntrypoint: 'a' },
    { opaPath: 'a' },
    { opaTokenFile: 'a' },
    { opaWasm: 'a', opaServer: 'b' },
    { opaWasm: 'a', opaPath: 'b' },
    { opaServer: 'a', opaEntrypoint: 'b' },
  ])('is not guessed from %o', (words) => {
    expect(() => opaRule(words, undefined)).toThrow(USAGE)
  })
})

describe('opening it', () => {
  test('reads a file before anything else is done', async () => {
    const words = { opaWasm: join(POLICIES, 'answers.tar.gz'), opaEntrypoint: 'answers/has_input' }
    const { asked } = await openLastWord(words, undefined, aContext())

    expect(await asked.lastWord?.(INPUT, CALL)).toMatchObject({ allow: true })
    await expect(openLastWord({ opaWasm: 'x' }, undefined, aContext({ x: 'no' }))).rejects.toMatchObject({
      code: 'ERR_OPA_FAILED',
    })
  })

  test('asks this machine without encryption, through no proxy, with the token of the file', async () => {
    const server = await scriptedRegistry()
    server.on('POST /v1/data/waybill/allow', { status: 200, body: '{"result":true}' })
    const proxy = await scriptedRegistry()
    const before = process.env['http_proxy']
    process.env['http_proxy'] = proxy.url
    onTestFinished(() => {
      if (before === undefined) delete process.env['http_proxy']
      else process.env['http_proxy'] = before
    })

    const words = { opaServer: server.url, opaTokenFile: 'token' }
    const { asked, close } = await openLastWord(words, undefined, aContext({ token: 'abc.def\n' }))
    onTestFinished(close)

    expect(await asked.lastWord?.(INPUT, CALL)).toMatchObject({ allow: true })
    expect(server.requests[0]?.headers.authorization).toBe('Bearer abc.def')
    expect(proxy.requests).toEqual([])
  })

  test('asks another machine without encryption only if that is said, and never with a token', async () => {
    const words = { opaServer: 'http://opa.example:8181' }
    const withToken = { ...words, opaTokenFile: 'token' }

    await expect(openLastWord(words, undefined, aContext())).rejects.toMatchObject({ code: 'ERR_USAGE' })
    expect(await openLastWord(words, undefined, aContext({}, true))).toBeDefined()
    await expect(openLastWord(withToken, undefined, aContext({ token: 'abc' }, true))).rejects.toMatchObject({
      code: 'ERR_USAGE',
    })
    expect(await openLastWord({ opaServer: 'https://opa.example' }, undefined, aContext())).toBeDefined()
  })

  test.each(['', 'two words', 'two\nlines', 'a\r\nb', `a\u{0}b`, 'ü', 'a'.repeat(16_385)])(
    'takes no token that is none, and shows none: %j',
    async (token) => {
      const words = { opaServer: 'https://opa.example', opaTokenFile: 'token' }

      const failure = await openLastWord(words, undefined, aContext({ token })).catch((cause: unknown) => cause)

      expect(failure).toMatchObject({
        code: 'ERR_CONFIG_INVALID',
        message: 'token does not hold one bearer token on one line',
      })
    },
  )
})
