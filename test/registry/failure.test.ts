import { expect, it } from 'vitest'
import { LIMITS } from '../../src/limits.js'
import { content, noise } from '../support/build.js'
import { aClient } from '../support/registry-client.js'
import { type Reply, scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const { descriptor } = content('application/octet-stream', noise(10, 'blob'))

async function failing(reply: Reply): Promise<{ readonly message: string; readonly code: string }> {
  const registry = await scriptedRegistry()
  registry.on(/./, reply)
  const client = aClient({ side: 'source' })
  const iterator = client.repository(registry.host).fetch(descriptor, CALL)[Symbol.asyncIterator]()
  return await iterator.next().then(
    () => ({ message: '', code: '' }),
    (error: Error & { code: string }) => ({ message: error.message, code: error.code }),
  )
}

it.each([
  [401, 'ERR_UNAUTHORIZED'],
  [403, 'ERR_FORBIDDEN'],
  [404, 'ERR_NOT_FOUND'],
  [408, 'ERR_SOURCE_UNREACHABLE'],
  [429, 'ERR_RATE_LIMITED'],
  [500, 'ERR_REGISTRY_PROTOCOL'],
  [502, 'ERR_SOURCE_UNREACHABLE'],
  [504, 'ERR_SOURCE_UNREACHABLE'],
  [418, 'ERR_REGISTRY_PROTOCOL'],
  [204, 'ERR_REGISTRY_PROTOCOL'],
])('turns a %i into %s and shows the status', async (status, code) => {
  const error = await failing({ status })

  expect(error.code).toBe(code)
  expect(error.message).toContain(String(status))
})

it('shows the registry’s codes and words', async () => {
  const errors = [
    { code: 'DENIED', message: 'no' },
    { code: 'OTHER', detail: { x: 1 } },
  ]

  const { message } = await failing({ status: 403, body: JSON.stringify({ errors }) })

  expect(message).toContain('DENIED no; OTHER')
})

it.each([
  ['escape sequences', '\u001b[2J\u001b]8;;http://evil\u0007click\u202e'],
  ['escape sequences in JSON', JSON.stringify({ errors: [{ code: 'A\u001b[2J', message: '\u202e\u0007' }] })],
  ['JSON of another shape', '{"errors":"no"}'],
  ['deep JSON', '['.repeat(50_000)],
  ['bytes that are not text', Buffer.from([0xff, 0xfe, 0x00, 0x9b])],
])('makes %s harmless', async (_what, body) => {
  const { message, code } = await failing({ status: 403, body })

  expect(code).toBe('ERR_FORBIDDEN')
  expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  expect(message.length).toBeLessThan(1_000)
})

it.each([
  'you sent Authorization: Basic YWxpY2U6b3BlbiBzZXNhbWU=',
  '{"errors":[{"code":"UNAUTHORIZED","message":"Bearer YWxpY2U6b3BlbiBzZXNhbWU= is not valid"}]}',
  'grant_type=refresh_token&refresh_token=YWxpY2U6b3BlbiBzZXNhbWU%3D&service=x',
  '{"password":"YWxpY2U6b3BlbiBzZXNhbWU="}',
])('does not show a secret that a server repeats: %s', async (body) => {
  const error = await failing({ status: 403, body })

  expect(error.message).not.toContain('YWxpY2U6b3BlbiBzZXNhbWU')
  expect(error.message).toContain('[secret]')
})

it('reads no more of an error than it shows', async () => {
  const { message, code } = await failing({ status: 403, body: 'x'.repeat(2 * LIMITS.errorBodyBytes), endless: true })

  expect(code).toBe('ERR_FORBIDDEN')
  expect(message.length).toBeLessThan(1_000)
})

it('knows the status even where the body breaks off', async () => {
  const { code } = await failing({ status: 403, body: 'x'.repeat(1000), dropAfter: 10 })

  expect(code).toBe('ERR_FORBIDDEN')
})
