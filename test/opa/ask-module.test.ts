import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { askModule, MODULE_BOUNDS, type ModuleBounds } from '../../src/opa/ask-module.js'
import { readPolicyFile } from '../../src/opa/policy-file.js'
import { HOSTILE_MODULES } from '../support/wasm-modules.js'

const POLICIES = join(import.meta.dirname, 'policies')
const policy = (name: string) => readPolicyFile(readFileSync(join(POLICIES, name)), name)
const ANSWERS = policy('answers.tar.gz')
const INPUT = {
  schema: 'waybill.policy-input.v1',
  bundle: { stream: 'acme/nightly' },
  roots: [{ name: 'registry.example/app:1' }],
}
const SHORT: ModuleBounds = { ...MODULE_BOUNDS, milliseconds: 400 }
const NEVER = new AbortController().signal

function ask(rule: string, given: { readonly input?: unknown; readonly bounds?: ModuleBounds } = {}) {
  const { input = INPUT, bounds = MODULE_BOUNDS } = given
  return askModule(ANSWERS, input, { entrypoint: `answers/${rule}`, bounds, signal: NEVER })
}

describe('a compiled policy', () => {
  test.each(['yes', 'allowed', 'allowed_in_full', 'has_input'])('allows by %s', async (rule) => {
    expect(await ask(rule)).toEqual({ allow: true, reasons: [], refuse: new Map() })
  })

  test('refuses, with reasons in one order', async () => {
    expect(await ask('no')).toMatchObject({ allow: false, reasons: [] })
    expect(await ask('denied')).toMatchObject({ allow: false, reasons: ['too \u001b[2Jlarge', 'too old'] })
    expect(await ask('denied_after_all')).toMatchObject({ allow: false, reasons: ['a second thought'] })
    expect(await ask('reasoned_after_all')).toMatchObject({ allow: false, reasons: ['a reason'] })
  })

  test('refuses single roots', async () => {
    const { allow, refuse } = await ask('refused')

    expect([allow, [...refuse]]).toEqual([true, [['registry.example/app:1', 'not this one']]])
  })

  test.each([
    ...['nothing', 'number', 'text', 'nil', 'list', 'empty', 'allow_text', 'allow_number', 'deny_only', 'misspelt'],
    ...['deny_text', 'deny_numbers', 'refuse_list', 'fraction', 'conflict', 'large', 'said'],
  ])('has no answer in %s', async (rule) => {
    await expect(ask(rule)).rejects.toMatchObject({ code: 'ERR_OPA_FAILED' })
  })

  test.each(['clock', 'random', 'network', 'runtime'])('gets nothing of the world: %s', async (rule) => {
    await expect(ask(rule)).rejects.toMatchObject({
      code: 'ERR_OPA_FAILED',
      message: expect.stringMatching(/not implemented: built-in/),
    })
  })

  test('knows the data that came with it', async () => {
    expect(await ask('by_data')).toMatchObject({ allow: true })
    const withdrawn = { ...INPUT, bundle: { stream: 'acme/withdrawn' } }
    await expect(ask('by_data', { input: withdrawn })).rejects.toMatchObject({ code: 'ERR_OPA_FAILED' })
  })

  test('is asked by the name of a rule, and says which there are', async () => {
    const message = expect.stringMatching(/no entrypoint "answers\/not_there"; it has answers\/\w+, /)
    await expect(ask('not_there')).rejects.toMatchObject({ code: 'ERR_OPA_FAILED', message })
    await expect(ask('__proto__')).rejects.toMatchObject({ code: 'ERR_OPA_FAILED' })
  })

  test('has an end in time', async () => {
    const message = expect.stringMatching(/no answer in 400 ms/)
    await expect(ask('endless', { bounds: SHORT })).rejects.toMatchObject({ code: 'ERR_OPA_FAILED', message })
  })

  test('has an end in memory', async () => {
    const bounds = { ...MODULE_BOUNDS, memoryBytes: 8 * 1024 * 1024 }
    await expect(ask('many', { bounds })).rejects.toMatchObject({ code: 'ERR_OPA_FAILED' })
    const tiny = { ...MODULE_BOUNDS, memoryBytes: 65_536 }
    await expect(ask('yes', { bounds: tiny })).rejects.toMatchObject({
      code: 'ERR_OPA_FAILED',
      message: expect.stringMatching(/memory/),
    })
  })

  test('stops when it is told to', async () => {
    const stop = new AbortController()
    const asked = askModule(ANSWERS, INPUT, {
      entrypoint: 'answers/endless',
      bounds: MODULE_BOUNDS,
      signal: stop.signal,
    })
    stop.abort(new Error('stopped by the test'))

    await expect(asked).rejects.toThrow('stopped by the test')
  })

  test('gets no input that is too large', async () => {
    const input = { text: 'a'.repeat(33 * 1024 * 1024) }
    await expect(ask('yes', { input })).rejects.toMatchObject({
      code: 'ERR_OPA_FAILED',
      message: expect.stringMatching(/the input has/),
    })
  })

  test('gets no input that parsers read differently', async () => {
    const input = { signers: [{ subject: 'CN=\ud800' }] }
    await expect(ask('yes', { input })).rejects.toMatchObject({ code: 'ERR_OPA_FAILED' })
  })

  test.each(HOSTILE_MODULES)('is refused where the module is hostile: $name', async ({ bytes }) => {
    const asked = async () =>
      await askModule(readPolicyFile(bytes, 'hostile.wasm'), INPUT, {
        entrypoint: 'waybill/allow',
        bounds: SHORT,
        signal: NEVER,
      })

    await expect(asked()).rejects.toMatchObject({ code: 'ERR_OPA_FAILED' })
  })
})
