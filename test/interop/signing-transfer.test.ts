import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discover } from '../support/peers/compare.js'
import { type EnvelopeFormat, type Notation, openNotation } from '../support/peers/notation.js'
import { makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { type RegistryName, type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { copyIn, makeLayout } from '../support/peers/release.js'
import { startTimestampAuthority, type TimestampAuthorityPeer } from '../support/peers/timestamp-authority.js'
import { waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const FORMATS: readonly EnvelopeFormat[] = ['jws', 'cose']
const NOTARY_SIGNATURE = 'application/vnd.cncf.notary.signature'
const VERIFIED = 'Successfully verified signature'

let space: Workspace
let source: RunningRegistry
let exporter: OpensslChain
let importer: OpensslChain
let sender: Notation
let receiver: Notation
let image: string

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  source = await startRegistryPeer(space, 'olareg')
  exporter = await makeChain(space, 'exporter')
  importer = await makeChain(space, 'importer')
  sender = await openNotation(space, { name: 'sender', roots: [exporter.ca] })
  receiver = await openNotation(space, { name: 'receiver', roots: [importer.ca] })
  waybillJson(space, 'waybill.trust.v1', ['trust', 'add', exporter.ca])
  image = `${source.host}/app/pair:v1`
  copyIn(space, 'pair', image)
})

afterAll(async () => {
  await source.stop()
  await space.remove()
})

function exported(name: string, ...more: readonly string[]) {
  const { key, chain } = exporter
  const words = ['export', image, '--output', space.path(`${name}.tar`), '--key', key, '--cert', chain, ...more]
  return waybillJson(space, 'waybill.export.v1', words)
}

function imported(path: string, target: RunningRegistry, ...more: readonly string[]) {
  return waybillJson(space, 'waybill.import.v1', ['import', path, '--to', target.host, ...more])
}

function countersigning({ key, chain }: OpensslChain): readonly string[] {
  return ['--countersign', '--key', key, '--cert', chain]
}

function signaturesOn(target: RunningRegistry, digest: string): readonly string[] {
  return discover(space, `${target.host}/app/pair@${digest}`)
    .filter(({ artifactType }) => artifactType === NOTARY_SIGNATURE)
    .map((referrer) => referrer.digest)
}

async function within(name: RegistryName, use: (target: RunningRegistry) => Promise<void>): Promise<void> {
  const target = await startRegistryPeer(space, name)
  try {
    await use(target)
  } finally {
    await target.stop()
  }
}

describe.each(FORMATS)('an export that signs what it carries, %s', (format) => {
  it.each(['olareg', 'docker-registry'] as const)('arrives with the exporter’s signature in %s', async (name) => {
    const { path, signedRoots = [] } = exported(`signed-${format}-${name}`, '--sign', '--sign-format', format)
    const { subject = '', signature = '' } = signedRoots[0] ?? {}

    await within(name, async (target) => {
      imported(path, target)

      expect(signaturesOn(target, subject)).toEqual([signature])
      expect(sender.verify(`${target.host}/app/pair@${subject}`).stdout.toString()).toContain(VERIFIED)
    })
    expect(signaturesOn(source, subject)).toEqual([])
  })
})

describe('an import that countersigns', () => {
  it.each(['docker-registry', 'registry', 'olareg', 'waybill'] as const)(
    'leaves a signature that notation accepts in %s, and only one however often it runs',
    async (name) => {
      const { path, roots } = exported(`countersigned-${name}`, '--sign')
      const digest = roots[0]?.digest ?? ''

      await within(name, async (target) => {
        const first = imported(path, target, ...countersigning(importer))
        const second = imported(path, target, ...countersigning(importer))

        expect(first.countersignatures).toMatchObject([
          { target: `${target.host}/app/pair`, subject: digest, added: true },
        ])
        expect(second.countersignatures).toEqual(first.countersignatures?.map((one) => ({ ...one, added: false })))
        expect(signaturesOn(target, digest)).toHaveLength(2)
        const reference = `${target.host}/app/pair@${digest}`
        expect(receiver.verify(reference).stdout.toString()).toContain(VERIFIED)
        expect(sender.verify(reference).stdout.toString()).toContain(VERIFIED)
      })
    },
  )

  it('writes nothing where its key cannot be used', async () => {
    const { path } = exported('wrong-key')

    await within('olareg', async (target) => {
      const words = [
        'import',
        path,
        '--to',
        target.host,
        '--countersign',
        '--key',
        exporter.key,
        '--cert',
        importer.chain,
      ]

      expect(waybill(space, words).status).toBe(2)
      expect(waybill(space, ['export', `${target.host}/app/pair:v1`, '--dry-run']).status).toBe(7)
    })
  })
})

describe('a bundle with a timestamp of openssl’s authority', () => {
  let authority: TimestampAuthorityPeer
  let stamping: readonly string[]

  beforeAll(async () => {
    authority = await startTimestampAuthority(space, 'authority')
    stamping = ['--timestamp-url', authority.url, '--timestamp-root', authority.root]
  })

  afterAll(() => authority.stop())

  it.each(FORMATS)('has one on its own signature, and on those of its roots: %s', async (format) => {
    const {
      path,
      waybill: digest,
      expiry,
      roots,
    } = exported(
      `timed-${format}`,
      ...stamping,
      ...['--sign', '--sign-format', format, '--expiry', '30d', '--metadata', 'transfer=7'],
    )
    const timestampRoots = [authority.root]
    const timed = await openNotation(space, { name: `timed-${format}`, roots: [exporter.ca], timestampRoots })
    const folder = space.path(`timed-${format}-unpacked`)
    await mkdir(folder)
    space.text('tar', ['-xf', path, '-C', folder])

    expect(expiry).toBeDefined()
    expect(timed.verifyLayout(folder, digest).stdout.toString()).toContain(VERIFIED)
    expect(timed.verifyLayout(folder, roots[0]?.digest ?? '').stdout.toString()).toContain(VERIFIED)
    expect(waybillJson(space, 'waybill.verify.v1', ['verify', path]).verdict).toBe('verified')
  })
})
