import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OutputOf } from '../../src/cli/output.js'
import { discover, parseJson } from '../support/peers/compare.js'
import { type EnvelopeFormat, type Notation, openNotation } from '../support/peers/notation.js'
import { type KeyKind, makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { hasReferrersApi, REGISTRIES, type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { copyIn, makeLayout } from '../support/peers/release.js'
import { startTimestampAuthority, type TimestampAuthorityPeer } from '../support/peers/timestamp-authority.js'
import { waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

type Signed = OutputOf<'waybill.sign.v1'>

const FORMATS: readonly EnvelopeFormat[] = ['jws', 'cose']
const KINDS: readonly KeyKind[] = ['RSA 2048', 'RSA 3072', 'RSA 4096', 'EC P-256', 'EC P-384', 'EC P-521']
const ALGORITHMS = ['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']
const NOTARY_SIGNATURE = 'application/vnd.cncf.notary.signature'
const VERIFIED = 'Successfully verified signature'

let space: Workspace
let registry: RunningRegistry
let layout: string
let own: OpensslChain
let trusting: Notation

beforeAll(async () => {
  space = await openWorkspace()
  layout = space.path(await makeLayout(space))
  registry = await startRegistryPeer(space, 'olareg')
  own = await makeChain(space, 'own')
  trusting = await openNotation(space, { name: 'trusting', roots: [own.ca] })
})

afterAll(async () => {
  await registry.stop()
  await space.remove()
})

function sign(target: string, { key, chain }: OpensslChain, ...more: readonly string[]): Signed {
  return waybillJson(space, 'waybill.sign.v1', ['sign', target, '--key', key, '--cert', chain, ...more])
}

/** A repository of its own with the layout's image. */
function published(name: string, host = registry.host): string {
  const repository = `${host}/signing/${name}`
  copyIn(space, 'single', `${repository}:v1`)
  return repository
}

function accepted(notation: Notation, reference: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = notation.verify(reference, args)
  return status === 0 ? stdout.toString() : stderr
}

describe.each(KINDS)('with openssl’s %s key', (kind) => {
  const name = kind.toLowerCase().replace(' ', '-')
  let chain: OpensslChain
  let notation: Notation

  beforeAll(async () => {
    chain = await makeChain(space, name, { kind })
    notation = await openNotation(space, { name, roots: [chain.ca] })
  })

  it.each(FORMATS)('what waybill signs, notation accepts: %s', (format) => {
    const repository = published(`${name}-${format}`)

    const { digest, algorithm } = sign(`${repository}:v1`, chain, '--format', format)

    expect(algorithm).toBe(ALGORITHMS[KINDS.indexOf(kind)])
    expect(accepted(notation, `${repository}@${digest}`)).toContain(VERIFIED)
  })
})

describe.each(FORMATS)('a signature that says more, %s', (format) => {
  it('has metadata that notation finds, and refuses to find otherwise', () => {
    const repository = published(`metadata-${format}`)
    const metadata = ['--metadata', 'build=7', '--metadata', 'io.example/commit=a=b']

    const { digest } = sign(`${repository}:v1`, own, '--format', format, ...metadata)

    const reference = `${repository}@${digest}`
    expect(accepted(trusting, reference, '-m', 'build=7', '-m', 'io.example/commit=a=b')).toContain(VERIFIED)
    expect(trusting.verify(reference, ['-m', 'build=8']).status).not.toBe(0)
  })

  it('has an expiry that notation reads', () => {
    const repository = published(`expiry-${format}`)

    const {
      digest,
      expiry = '',
      signedAt = '',
    } = sign(`${repository}:v1`, own, '--format', format, '--expiry', '1d12h')

    const reference = `${repository}@${digest}`
    expect(Date.parse(expiry) - Date.parse(signedAt)).toBe(36 * 3_600_000)
    expect(accepted(trusting, reference)).toContain(VERIFIED)
    const inspected = space.text('notation', ['inspect', '--insecure-registry', '--output', 'json', reference])
    expect(inspected).toContain(expiry.slice(0, 10))
  })

  it('has expired for notation when its time is over', async () => {
    const repository = published(`expired-${format}`)
    const { digest } = sign(`${repository}:v1`, own, '--format', format, '--expiry', '2s')

    await expect.poll(() => trusting.verify(`${repository}@${digest}`).stderr, { timeout: 20_000 }).toContain('expired')
  })

  it('is not accepted by one who trusts somebody else', async () => {
    const stranger = await makeChain(space, `stranger-${format}`)
    const repository = published(`stranger-${format}`)

    const { digest } = sign(`${repository}:v1`, stranger, '--format', format)

    expect(trusting.verify(`${repository}@${digest}`).status).not.toBe(0)
  })
})

describe.each(REGISTRIES)('signatures in %s', (name) => {
  let place: RunningRegistry
  let repository: string

  beforeAll(async () => {
    place = await startRegistryPeer(space, name)
    repository = published('several', place.host)
  })

  afterAll(() => place.stop())

  it('hang there beside the earlier ones, whoever made them', async () => {
    const publisher = await openNotation(space, { name: `publisher-${name}`, signer: own, roots: [own.ca] })
    const first = sign(`${repository}:v1`, own)
    const reference = `${repository}@${first.digest}`
    publisher.sign(reference, 'jws')
    const second = sign(reference, own, '--format', 'cose')
    const again = sign(reference, own, '--format', 'cose')

    const listed = discover(space, reference).filter(({ artifactType }) => artifactType === NOTARY_SIGNATURE)

    expect(listed).toHaveLength(4)
    const digests = listed.map(({ digest }) => digest)
    expect(digests).toEqual(expect.arrayContaining([first, second, again].map(({ signature }) => signature)))
    expect(accepted(trusting, reference)).toContain(VERIFIED)
  })

  it('are listed under the fallback tag where the registry has no list of its own', () => {
    const tags = space.text('crane', ['ls', '--insecure', repository]).split('\n')

    expect(tags.some((tag) => tag.startsWith('sha256-'))).toBe(!hasReferrersApi(name))
  })

  it('go with an index, and not with what a tag becomes later', () => {
    const moving = `${place.host}/signing/moving`
    copyIn(space, 'pair', `${moving}:v1`)
    const { digest, mediaType } = sign(`${moving}:v1`, own)
    copyIn(space, 'single', `${moving}:v1`)

    expect(mediaType).toBe('application/vnd.oci.image.index.v1+json')
    expect(accepted(trusting, `${moving}@${digest}`)).toContain(VERIFIED)
    expect(trusting.verify(`${moving}:v1`).status).not.toBe(0)
  })
})

describe('an image layout', () => {
  it.each(FORMATS)('in a folder gets its signature, which notation finds: %s', async (format) => {
    const folder = space.path(`signed-layout-${format}`)
    space.text('cp', ['-r', layout, folder])

    const { digest } = sign(`oci:${folder}:single`, own, '--format', format)

    expect(trusting.verifyLayout(folder, digest).stdout.toString()).toContain(VERIFIED)
  })

  it('in a tar is left as it is, and its signature taken as a file', async () => {
    const tar = space.path('layout.tar')
    space.text('tar', ['-cf', tar, '-C', layout, '.'])
    const before = await readFile(tar)

    const words = ['sign', `oci-archive:${tar}:single`, '--key', own.key, '--cert', own.chain]
    expect(waybill(space, words).status).toBe(2)
    const signed = sign(`oci-archive:${tar}:single`, own, '--output', space.path('of-the-tar.sig'))

    expect(await readFile(tar)).toEqual(before)
    expect(attached(signed, published('from-tar'))).toContain(VERIFIED)
  })
})

describe('a file', () => {
  it.each(FORMATS)('with a manifest is signed before any registry has it: %s', async (format) => {
    const repository = published(`file-${format}`)
    const raw = space.bytes('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${repository}:v1`])
    const file = await space.write(`manifest-${format}.json`, raw)

    const type = 'application/vnd.oci.image.manifest.v1+json'
    const signed = sign(file, own, '--format', format, '--media-type', type)

    expect(signed.path).toBe(space.path(`${signed.digest.slice(7)}.${format}.sig`))
    expect(attached(signed, repository)).toContain(VERIFIED)
  })

  it('with a descriptor is enough to sign', async () => {
    const repository = published('descriptor')
    const descriptor = space.text('oras', ['manifest', 'fetch', '--plain-http', '--descriptor', `${repository}:v1`])
    const file = await space.write('descriptor.json', descriptor)

    const words = ['sign', '--descriptor', file, '--key', own.key, '--cert', own.chain, '--output', 'by-descriptor.sig']
    const signed = waybillJson(space, 'waybill.sign.v1', words)

    expect(attached(signed, repository)).toContain(VERIFIED)
  })
})

/** Hangs an envelope on its subject as its owner would with oras, and gives what notation says. */
function attached({ path = '', digest, format }: Signed, repository: string): string {
  const thumbprints = 'io.cncf.notary.x509chain.thumbprint#S256=["00"]'
  const type = format === 'cose' ? 'application/cose' : 'application/jose+json'
  const how = ['--plain-http', '--no-tty', '--disable-path-validation', '--artifact-type', NOTARY_SIGNATURE]
  space.text('oras', ['attach', ...how, '--annotation', thumbprints, `${repository}@${digest}`, `${path}:${type}`])
  return accepted(trusting, `${repository}@${digest}`)
}

describe('a timestamp of openssl’s authority', () => {
  let authority: TimestampAuthorityPeer
  let timed: Notation

  beforeAll(async () => {
    authority = await startTimestampAuthority(space, 'authority')
    timed = await openNotation(space, { name: 'timed', roots: [own.ca], timestampRoots: [authority.root] })
  })

  afterAll(() => authority.stop())

  const stamping = () => ['--timestamp-url', authority.url, '--timestamp-root', authority.root]

  it.each(KINDS)('is accepted by notation, over a signature by %s', async (kind) => {
    const name = `timed-${kind.toLowerCase().replace(' ', '-')}`
    const chain = await makeChain(space, name, { kind })
    const notation = await openNotation(space, { name, roots: [chain.ca], timestampRoots: [authority.root] })
    const repository = published(name)

    for (const format of FORMATS) {
      const { digest, timestamp } = sign(`${repository}:v1`, chain, '--format', format, ...stamping())

      expect(timestamp?.authority).toContain('CN=authority')
      expect(accepted(notation, `${repository}@${digest}`)).toContain(VERIFIED)
    }
  })

  it('proves a span of time where it says how exact it is', async () => {
    const exact = await startTimestampAuthority(space, 'exact-authority', { accuracy: 'secs:1, millisecs:0' })
    const notation = await openNotation(space, { name: 'exact', roots: [own.ca], timestampRoots: [exact.root] })
    const repository = published('exact')

    try {
      const words = ['--timestamp-url', exact.url, '--timestamp-root', exact.root]
      const { digest, timestamp } = sign(`${repository}:v1`, own, ...words)

      expect(Date.parse(timestamp?.to ?? '') - Date.parse(timestamp?.from ?? '')).toBe(2000)
      expect(accepted(notation, `${repository}@${digest}`)).toContain(VERIFIED)
    } finally {
      await exact.stop()
    }
  })

  it.each(FORMATS)('is missed by notation where the policy wants one: %s', (format) => {
    const repository = published(`untimed-${format}`)

    const { digest } = sign(`${repository}:v1`, own, '--format', format)

    expect(timed.verify(`${repository}@${digest}`).status).not.toBe(0)
    expect(accepted(trusting, `${repository}@${digest}`)).toContain(VERIFIED)
  })

  it('of another authority than the one that is named stops everything, and nothing is pushed', async () => {
    const other = await makeChain(space, 'other-authority')
    const repository = published('wrong-authority')
    const words = ['sign', `${repository}:v1`, '--key', own.key, '--cert', own.chain, '--timestamp-url', authority.url]

    const { status, stdout } = waybill(space, [...words, '--timestamp-root', other.ca, '--json'])

    expect(status).toBe(5)
    expect(parseJson<{ readonly code: string }>(stdout).code).toBe('ERR_TIMESTAMP_INVALID')
    expect(discover(space, `${repository}:v1`)).toEqual([])
  })

  it('that names its certificate by SHA-1 is refused before anything is pushed', async () => {
    const old = await startTimestampAuthority(space, 'old-authority', { certificateHash: 'sha1' })
    const repository = published('old-authority')
    const words = ['sign', `${repository}:v1`, '--key', own.key, '--cert', own.chain]

    try {
      const { status } = waybill(space, [...words, '--timestamp-url', old.url, '--timestamp-root', old.root])

      expect(status).toBe(5)
      expect(discover(space, `${repository}:v1`)).toEqual([])
    } finally {
      await old.stop()
    }
  })
})
