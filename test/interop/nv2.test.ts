import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseJson, readManifest, sha256 } from '../support/peers/compare.js'
import { makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { copyIn, makeLayout } from '../support/peers/release.js'
import { initKeys, type SigningFiles, waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const CONFIG = 'application/vnd.cncf.notary.config.v2+jwt'

let space: Workspace
let source: RunningRegistry
let target: RunningRegistry
let keys: SigningFiles
let chain: OpensslChain
let image: string
let digest: string
let signature: string

// The prototype's own program is in no package registry. What it wrote is in the fixtures; signatures are checked here by
// openssl, and they lie in a registry as its manual says: pushed by oras, the JWT as the config of nothing.
beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  source = await startRegistryPeer(space, 'docker-registry')
  target = await startRegistryPeer(space, 'waybill')
  keys = initKeys(space)
  const host = source.host.replace(/:.*/, '')
  const leafExtensions = [`subjectAltName=IP:${host}`, 'keyUsage=critical,digitalSignature']
  chain = await makeChain(space, 'registry', { kind: 'RSA 2048', leafExtensions })
  image = `${source.host}/app/single:v1`
  copyIn(space, 'single', image)
  digest = sha256(space.bytes('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${image}`]))
  signature = `${source.host}/app/single:v1.nv2`
  const signing = ['--key', chain.key, '--cert', chain.chain, '--expiry', '24h', '--output', 'single.nv2']
  expect(waybill(space, ['sign', '--format', 'nv2', ...signing, image]).stderr).not.toMatch('ERR_')
  space.text('oras', ['push', '--plain-http', '--no-tty', '--config', `single.nv2:${CONFIG}`, signature])
})

afterAll(async () => {
  await source.stop()
  await target.stop()
  await space.remove()
})

function token(): readonly string[] {
  return space.text('cat', ['single.nv2']).split('.')
}

describe('a signature of the prototype', () => {
  it('says of which content it is, and under which name', () => {
    const [head = '', body = ''] = token()
    const decoded = (part: string) => parseJson<Record<string, unknown>>(Buffer.from(part, 'base64url'))

    expect(decoded(head)).toMatchObject({ typ: 'x509', alg: 'RS256' })
    expect(decoded(body)).toMatchObject({ digest, references: [image] })
  })

  it('verifies with openssl, and not when a byte is another', async () => {
    const [head, body, raw = ''] = token()
    await space.write('signed.txt', `${head}.${body}`)
    await space.write('raw.sig', Buffer.from(raw, 'base64url'))
    space.text('openssl', ['x509', '-in', chain.chain, '-pubkey', '-noout', '-out', 'public.pem'])
    const verify = () =>
      space.run('openssl', ['dgst', '-sha256', '-verify', 'public.pem', '-signature', 'raw.sig', 'signed.txt']).status

    expect(verify()).toBe(0)
    await space.write('signed.txt', `${head}.${body}.`)
    expect(verify()).toBe(1)
  })

  it('travels with the image that it is about, and lies at the target as it did at the source', () => {
    const bundle = space.path('bundle.tar')

    const exported = waybillJson(space, 'waybill.export.v1', [
      ...['export', image, '--nv2', signature, '--output', bundle],
      ...keys.signer,
    ])
    waybillJson(space, 'waybill.import.v1', ['import', bundle, '--to', target.host])

    const link = exported.links?.[0]
    expect(link?.subject).toBe(digest)
    const of = (host: string) => readManifest(space, `${host}/app/single`, link?.signature ?? '')
    expect(of(target.host)).toEqual(of(source.host))
    const config = parseJson<{ readonly config: { readonly digest: string } }>(of(target.host)).config.digest
    const blob = ['blob', 'fetch', '--plain-http', '--output', '-', `${target.host}/app/single@${config}`]
    expect(space.text('oras', blob)).toBe(token().join('.'))
  })

  it('is not taken for one where it is something else', () => {
    const { status, stderr } = waybill(space, ['export', image, '--nv2', image, '--dry-run'])

    expect(status).toBe(2)
    expect(stderr).toMatch('ERR_USAGE')
  })

  it('is not made for names of a registry that the certificate is not of', async () => {
    const other = await makeChain(space, 'other', { leafExtensions: ['subjectAltName=DNS:other.example'] })

    const { status, stderr } = waybill(space, [
      'sign',
      '--format',
      'nv2',
      '--key',
      other.key,
      '--cert',
      other.chain,
      image,
    ])

    expect(status).toBe(2)
    expect(stderr).toMatch('not in the certificate')
  })
})
