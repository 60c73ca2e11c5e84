import { describe, expect, onTestFinished, test } from 'vitest'
import { askServer, ruleAddress } from '../../src/opa/ask-server.js'
import { Secret } from '../../src/registry/secret.js'
import { openWeb } from '../../src/web/open-exchange.js'
import { type Step, scriptedRegistry } from '../support/scripted-registry.js'

const RULE = 'POST /v1/data/waybill/allow'
const TOKEN = 'correct-horse'

async function aServer(...steps: readonly Step[]) {
  const server = await scriptedRegistry()
  server.on(RULE, ...steps)
  const web = openWeb({ proxies: {}, agent: 'waybill/test' })
  onTestFinished(() => web.close())
  const url = ruleAddress(server.url, 'waybill/allow').href
  const stop = new AbortController()
  const given = { exchange: web.exchange, signal: stop.signal }
  const authorization = new Secret(`Bearer ${TOKEN}`)
  return {
    server,
    stop,
    ask: () => askServer({ url }, { bundle: 1 }, given),
    askWithToken: () => askServer({ url, authorization }, { bundle: 1 }, given),
  }
}

const json = (value: unknown): Step => ({ status: 200, body: JSON.stringify(value) })

describe('a server of the Open Policy Agent', () => {
  test('is asked for one rule, with the input', async () => {
    const { ask, server } = await aServer(json({ decision_id: 'a', result: true }), json({ result: { allow: false } }))

    expect(await ask()).toMatchObject({ allow: true })
    expect(await ask()).toMatchObject({ allow: false })

    const [asked] = server.requests
    expect(String(asked?.body)).toBe('{"input":{"bundle":1}}')
    expect(asked?.headers['content-type']).toBe('application/json')
    expect(asked?.headers.authorization).toBeUndefined()
  })

  test('hears who asks, and nobody else does', async () => {
    const other = await scriptedRegistry()
    other.on(RULE, json({ result: true }))
    const away = { status: 307, headers: { location: `${other.url}/v1/data/waybill/allow` } }
    const { askWithToken, server } = await aServer(json({ result: true }), away)

    expect(await askWithToken()).toMatchObject({ allow: true })
    const failure = await askWithToken().catch((cause: unknown) => cause)

    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`])
    expect(failure).toMatchObject({ code: 'ERR_OPA_FAILED', message: expect.stringMatching(/status 307/) })
    expect(JSON.stringify(failure) + String(failure)).not.toContain(TOKEN)
    expect(other.requests).toEqual([])
  })

  test('is not followed elsewhere without a token either', async () => {
    const other = await scriptedRegistry()
    other.on(RULE, json({ result: true }))
    const { ask } = await aServer({ status: 308, headers: { location: `${other.url}/v1/data/waybill/allow` } })

    await expect(ask()).rejects.toMatchObject({ code: 'ERR_OPA_FAILED' })
    expect(other.requests).toEqual([])
  })

  test.each<[string, Step]>([
    ['breaks the connection', 'drop'],
    ['has no such rule', json({})],
    ['says null', json({ result: null })],
    ['says true in a text', json({ result: 'true' })],
    ['says true where the result should be', json(true)],
    ['says true beside the result', json({ allow: true })],
    ['fails', { status: 500, body: '{"result":true}' }],
    ['has accepted, and says yes', { status: 202, body: '{"result":true}' }],
    ['wants a token', { status: 401, body: '{"code":"unauthorized"}' }],
    ['says nothing', { status: 200 }],
    ['says no JSON', { status: 200, body: '<html>true</html>' }],
    ['says two things', { status: 200, body: '{"result":false,"result":true}' }],
    ['says more than one document', { status: 200, body: '{"result":true}{"result":false}' }],
    ['says too much', { status: 200, body: `{"result":true${' '.repeat(1024 * 1024)}}` }],
    ['never stops talking', { status: 200, body: ' '.repeat(1000), endless: true }],
    ['stops halfway', { status: 200, body: '{"result":true}', headers: { 'content-length': '15' }, dropAfter: 8 }],
  ])('has given no answer where it %s', async (_, step) => {
    const { ask } = await aServer(step)

    await expect(ask()).rejects.toMatchObject({ code: 'ERR_OPA_FAILED' })
  })

  test('is waited for no longer when the import is stopped', async () => {
    const { ask, stop } = await aServer('stall')
    const asked = ask()
    stop.abort(new Error('stopped by the test'))

    await expect(asked).rejects.toThrow('stopped by the test')
  })

  test('has an address, and a rule has a path', () => {
    expect(ruleAddress('http://127.0.0.1:8181', 'waybill/allow').href).toBe(
      'http://127.0.0.1:8181/v1/data/waybill/allow',
    )
    expect(ruleAddress('https://opa.example/base/', 'a').href).toBe('https://opa.example/base/v1/data/a')
  })

  test.each([
    ['ftp://opa.example', 'a'],
    ['opa.example', 'a'],
    ['', 'a'],
    ['http://user:secret@opa.example', 'a'],
    ['http://opa.example?x=1', 'a'],
    ['http://opa.example#x', 'a'],
    ['http://opa.example', ''],
    ['http://opa.example', '/a'],
    ['http://opa.example', 'a/'],
    ['http://opa.example', '../a'],
    ['http://opa.example', 'a/%2e%2e/b'],
    ['http://opa.example', 'a?pretty'],
    ['http://opa.example', 'a b'],
  ])('is refused at %s with the path "%s"', (server, path) => {
    const failure = expect.objectContaining({ code: 'ERR_USAGE', message: expect.not.stringContaining('secret') })
    expect(() => ruleAddress(server, path)).toThrow(failure)
  })
})
