import { expect, it } from 'vitest'
import { once } from '../../src/content/reopenable.js'
import { Extension } from '../../src/trust/certificate/x509.js'
import { content, noise } from '../support/build.js'
import { caExtensions, mint } from '../support/keys.js'
import { aClient } from '../support/registry-client.js'
import { scriptedRegistry } from '../support/scripted-registry.js'
import { CALL } from '../support/tmp.js'

const { descriptor } = content('application/octet-stream', noise(10, 'blob'))

// Real time decides about these, so they are valid for long.
const LONG = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2200-01-01T00:00:00Z') }
// subjectAltName: the address 127.0.0.1 (RFC 5280 section 4.2.1.6)
const LOOPBACK = new Extension('2.5.29.17', false, Buffer.from('300687047f000001', 'hex'))
const ca = await mint({ ...LONG, name: 'tests of TLS', extensions: caExtensions() })
const server = await mint({ ...LONG, name: 'registry', extensions: [LOOPBACK] }, ca)
const TLS = { key: server.keyPem, cert: server.pem }
const CA = ca.pem

it('trusts a certificate authority that it is given', async () => {
  const registry = await scriptedRegistry({ tls: TLS })
  registry.on(/./, { status: 200, body: '0123456789' })
  const client = aClient({ plainHttp: () => false, ca: [`some words\n${CA}`] })

  expect(await client.repository(registry.host).has(descriptor, CALL)).toBe(true)
})

it('does not trust a certificate that nobody vouches for', async () => {
  const registry = await scriptedRegistry({ tls: TLS })
  registry.on(/./, { status: 200 })
  const client = aClient({ plainHttp: () => false })

  const asking = client.repository(registry.host).has(descriptor, CALL)

  await expect(asking).rejects.toMatchObject({
    code: 'ERR_SINK_UNREACHABLE',
    message: expect.stringMatching(/certificate/),
  })
  expect(registry.requests).toEqual([])
  expect(client.waits).toEqual([])
})

it('does not trust a certificate for another host', async () => {
  const registry = await scriptedRegistry({ tls: TLS })
  const client = aClient({ plainHttp: () => false, ca: [CA] })

  const asking = client.repository(registry.host.replace('127.0.0.1', '127.0.0.2'), 'a').has(descriptor, CALL)

  await expect(asking).rejects.toMatchObject({ code: 'ERR_SINK_UNREACHABLE' })
})

it('never falls back to plain text', async () => {
  const registry = await scriptedRegistry()
  registry.on(/./, { status: 200 })
  const client = aClient({ plainHttp: () => false })

  const asking = client.repository(registry.host).has(descriptor, CALL)

  await expect(asking).rejects.toMatchObject({
    code: 'ERR_SINK_UNREACHABLE',
    message: expect.stringContaining('--plain-http'),
  })
  expect(registry.requests).toEqual([])
})

it('keeps TLS where a registry behind a proxy thinks that it is plain HTTP', async () => {
  const registry = await scriptedRegistry({ tls: TLS })
  const blob = content('application/octet-stream', noise(10, 'blob'))
  registry.on(/^POST /, { status: 202, headers: { location: `http://${registry.host}/up?x=1` } })
  registry.on(/^PUT /, { status: 201 })
  const client = aClient({ plainHttp: () => false, ca: [CA] })

  await client.repository(registry.host).push(blob.descriptor, once(blob.bytes), CALL)

  expect(registry.asked(/^PUT /)[0]?.url).toBe(`/up?x=1&digest=${descriptor.digest}`)
})

it.each(['no certificate at all', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
  'refuses %j as a certificate authority',
  (pem) => {
    expect(() => aClient({ ca: [pem] })).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }))
  },
)

it.each([
  ['reg.example/../..', 'a'],
  ['reg.example', '../a'],
  ['reg.example', 'a?x=1'],
  ['alice@reg.example', 'a'],
])('refuses the repository %s/%s', (host, name) => {
  expect(() => aClient().repository(host, name)).toThrow(expect.objectContaining({ code: 'ERR_REFERENCE_INVALID' }))
})

it('says what is there and what is not', async () => {
  const registry = await scriptedRegistry()
  const answers = [
    { status: 200, body: '0123456789' },
    { status: 404 },
    { status: 403 },
    { status: 200, body: 'short' },
  ]
  registry.on(/^HEAD /, ...answers)
  const repository = aClient().repository(registry.host)

  const said: boolean[] = []
  for (const _ of answers) said.push(await repository.has(descriptor, CALL))

  expect(said).toEqual([true, false, false, false])
})

it('does not take a refusal to log in for "not there"', async () => {
  const registry = await scriptedRegistry()
  registry.on(/./, { status: 401 })

  await expect(aClient().repository(registry.host).has(descriptor, CALL)).rejects.toMatchObject({
    code: 'ERR_UNAUTHORIZED',
  })
})

it('shows a registry’s warning once, made harmless', async () => {
  const registry = await scriptedRegistry()
  const warning = ['299 - "going away \u0007soon"', '199 - "not for us"', 'nonsense']
  registry.on(/./, { status: 200, headers: { warning: warning.map((text) => text.replace('\u0007', '\u0085')) } })
  const client = aClient()

  await client.repository(registry.host).has(descriptor, CALL)
  await client.repository(registry.host).has(descriptor, CALL)

  expect(client.events).toMatchObject([{ type: 'warning', code: 'REGISTRY_WARNING' }])
  expect(JSON.stringify(client.events)).not.toContain('\u0085')
})
