import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startToken, type TokenCall, type TokenClient } from '../../src/keys/token-client.js'

const SCRIPT = pathToFileURL(join(import.meta.dirname, '..', 'support', 'plugins', 'token.mjs'))
const UNUSABLE = expect.objectContaining({ code: 'ERR_KEY_UNUSABLE' })

function start(): TokenClient {
  const client = startToken('bad\u001b[2J.so', SCRIPT)
  onTestFinished(() => client.close())
  return client
}

function ask(client: TokenClient, module: string, call: Partial<TokenCall> = {}): Promise<unknown> {
  const explain: TokenCall['explain'] = ({ reason }) => `explained: ${reason}`
  return client.ask('findToken', { module }, { explain, timeoutMs: 20_000, ...call })
}

test('asks one thing after the other', async () => {
  const client = start()

  await expect(ask(client, 'a')).resolves.toMatchObject({ request: { module: 'a' } })
  await expect(ask(client, 'b')).resolves.toMatchObject({ request: { module: 'b' } })
})

test('sends bytes as bytes', async () => {
  const client = start()

  const reply = await client.ask('sign', { bytes: Buffer.from('x') }, { explain: () => '', timeoutMs: 20_000 })

  expect(Buffer.from((reply as { request: { bytes: Uint8Array } }).request.bytes)).toEqual(Buffer.from('x'))
})

test('contains a module that hangs, and ends its process', async () => {
  const client = start()

  await expect(ask(client, 'hangs', { timeoutMs: 500 })).rejects.toEqual(UNUSABLE)
  await expect(ask(client, 'a')).rejects.toEqual(UNUSABLE)
  await client.close()
})

test('contains a module that crashes', async () => {
  const client = start()

  await expect(ask(client, 'crashes')).rejects.toThrow(/SIGSEGV/)
  await expect(ask(client, 'a')).rejects.toEqual(UNUSABLE)
})

test('contains a module that ends the process', async () => {
  await expect(ask(start(), 'exits')).rejects.toThrow(/status 7/)
})

test('takes only the answer to its question', async () => {
  await expect(ask(start(), 'answers others')).resolves.toBe('mine')
})

test('explains what the module refuses, with its name made harmless', async () => {
  const client = start()

  await expect(ask(client, 'refuses')).rejects.toThrow('explained: CKR_DEVICE_ERROR')
  await expect(ask(client, 'exits')).rejects.toThrow('bad\\u{1b}[2J.so')
})

test('stops when the operator stops, whatever the module does', async () => {
  const stop = new AbortController()
  const asked = ask(start(), 'hangs', { signal: stop.signal })

  stop.abort(new Error('stopped'))

  await expect(asked).rejects.toThrow('stopped')
})

test('asks nothing after it is closed', async () => {
  const client = start()
  await ask(client, 'a')

  await client.close()
  await client.close()

  await expect(ask(client, 'a')).rejects.toEqual(UNUSABLE)
})
