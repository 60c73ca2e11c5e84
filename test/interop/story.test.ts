import { mkdir, readFile, stat } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discover } from '../support/peers/compare.js'
import { makeNetMonitor, type NetMonitor, releaseNetMonitor, SBOM, SOURCES } from '../support/peers/net-monitor.js'
import { type Notation, openNotation } from '../support/peers/notation.js'
import { makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { hasReferrersApi, type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'
import { filesBelow } from '../support/tree.js'

const NOTARY_SIGNATURE = 'application/vnd.cncf.notary.signature'
const VERIFIED = 'Successfully verified signature'
const STREAM = 'acme/net-monitor'

let space: Workspace
let source: RunningRegistry
let exporter: OpensslChain
let vendor: OpensslChain
let certifier: OpensslChain
let acme: OpensslChain
let bySeller: Notation
let byCertifier: Notation

/** What leaves the connected side: numbers of one stream, and a release that the certifier has not seen. */
let first: string
let second: string
let third: string
let uncertified: string
/** The release of the second number, under a tag that meant another one before. */
let moved: NetMonitor

beforeAll(async () => {
  space = await openWorkspace()
  source = await startRegistryPeer(space, 'olareg')
  exporter = await makeChain(space, 'exporter')
  vendor = await makeChain(space, 'vendor')
  certifier = await makeChain(space, 'certifier')
  acme = await makeChain(space, 'acme')
  bySeller = await openNotation(space, { name: 'vendor', signer: vendor, roots: [vendor.ca] })
  byCertifier = await openNotation(space, { name: 'certifier', signer: certifier, roots: [certifier.ca] })
  waybillJson(space, 'waybill.trust.v1', ['trust', 'add', acme.ca, '--store', 'importers'])
  await makeNetMonitor(space)
  await released('v1')
  first = exported('first.tar', 'v1').path
  moved = await released('v1')
  second = exported('second.tar', 'v1').path
  await released('v2')
  third = exported('third.tar', 'v2').path
  await releaseNetMonitor(space, from('v3'), bySeller)
  uncertified = exported('uncertified.tar', 'v3', ['--stream', 'acme/urgent']).path
})

afterAll(async () => {
  await source.stop()
  await space.remove()
})

function from(tag: string): string {
  return `${source.host}/wabbit/net-monitor:${tag}`
}

async function released(tag: string): Promise<NetMonitor> {
  const release = await releaseNetMonitor(space, from(tag), bySeller)
  byCertifier.sign(`${source.host}/wabbit/net-monitor@${release.digest}`, 'cose')
  return release
}

function exported(name: string, tag: string, more: readonly string[] = ['--stream', STREAM]) {
  const words = ['export', from(tag), '--output', space.path(name), ...more]
  return waybillJson(space, 'waybill.export.v1', [...words, '--key', exporter.key, '--cert', exporter.chain])
}

/** A machine that was born a minute ago: whom to trust, and nothing else. */
async function aNewMachine(name: string): Promise<Workspace> {
  await mkdir(space.path(name))
  const machine = space.with({ WAYBILL_CONFIG: space.path(name) })
  const trusted = { exporters: exporter, vendor, certifier, importers: acme }
  for (const [store, { ca }] of Object.entries(trusted)) {
    waybillJson(machine, 'waybill.trust.v1', ['trust', 'add', ca, '--store', store])
  }
  return machine
}

function writePolicy(): Promise<string> {
  const signer = (store: string) => ({ stores: [`ca:${store}`], identities: ['*'] })
  const policy = {
    version: 1,
    signers: { exporter: signer('exporters'), vendor: signer('vendor'), certifier: signer('certifier') },
    streams: [{ stream: 'acme/*', signedBy: ['exporter'] }],
    artifacts: [
      {
        from: [`${source.host}/wabbit/*`],
        signatures: [{ allOf: ['vendor', 'certifier'] }],
        documents: [SBOM, SOURCES].map((type) => ({ types: [type], signatures: [{ allOf: ['vendor'] }] })),
      },
    ],
    names: { allowed: ['acme/*'], rename: [{ from: `${source.host}/wabbit/*`, to: 'acme/*' }] },
  }
  return space.write('import-policy.yaml', JSON.stringify(policy))
}

// With the Referrers API, and without it.
describe.each(['olareg', 'docker-registry'] as const)('a release that two have signed, on its way to %s', (name) => {
  let target: RunningRegistry
  let policy: string
  let receipt: string
  let machine: Workspace
  let next: Workspace

  beforeAll(async () => {
    target = await startRegistryPeer(space, name)
    policy = await writePolicy()
    receipt = space.path(`${name}.receipt`)
    machine = await aNewMachine(`machine-${name}`)
    next = await aNewMachine(`next-${name}`)
  })

  afterAll(() => target.stop())

  const importing = (path: string, ...more: readonly string[]) => {
    const key = ['--countersign', '--key', acme.key, '--cert', acme.chain]
    return ['import', path, '--to', target.host, '--policy', policy, '--state', 'registry', ...key, ...more]
  }

  const imported = (on: Workspace, path: string, ...more: readonly string[]) =>
    waybillJson(on, 'waybill.import.v1', importing(path, ...more))

  const refused = async (on: Workspace, path: string, ...more: readonly string[]) => {
    const before = await filesBelow(target.folder)
    const { status, stdout } = waybill(on, importing(path, ...more))
    expect(await filesBelow(target.folder)).toEqual(before)
    return { status, told: stdout.toString() }
  }

  const here = (digest: string) => `${target.host}/acme/net-monitor@${digest}`

  const signaturesOn = (digest: string) =>
    discover(space, here(digest)).filter(({ artifactType }) => artifactType === NOTARY_SIGNATURE)

  it('is refused where the certifier has not signed: the refusal names the certifier, and nothing is written', async () => {
    const file = space.path(`${name}-refused.receipt`)

    const { status, told } = await refused(machine, uncertified, '--receipt', file)

    expect(status).toBe(5)
    expect(told).toMatch(/FAIL policy .*wabbit\/net-monitor:v3: .* is not by certifier/)
    expect(told).toContain('ERR_POLICY_UNMET')
    expect(told).toContain('nothing has been written anywhere')
    expect(waybill(space, ['receipt', 'verify', file]).stdout.toString()).toContain('refused')
  })

  it('is verified by a machine that has nothing but trust and a policy', () => {
    const check = waybill(machine, ['policy', 'check', second, '--policy', policy, '--to', target.host])

    expect(check.status, check.stdout.toString()).toBe(0)
    expect(check.stdout.toString()).toContain(`${target.host}/acme/net-monitor:v1`)
  })

  it('is loaded under Acme’s names and countersigned, with a receipt in the registry and in a file', async () => {
    const { loaded, countersignatures, receipt: issued, state } = imported(machine, second, '--receipt', receipt)

    expect(loaded).toMatchObject([{ target: `${target.host}/acme/net-monitor:v1`, digest: moved.digest }])
    expect(countersignatures).toMatchObject([{ subject: moved.digest, added: true }])
    expect(state).toMatchObject({ stream: STREAM, sequence: 2 })
    expect(space.text('oras', ['resolve', '--plain-http', `${target.host}/acme/net-monitor:v1`])).toBe(moved.digest)
    const manifest = ['manifest', 'fetch', '--plain-http', `${target.host}/waybill@${issued?.digest}`]
    expect(JSON.parse(space.text('oras', manifest))).toMatchObject({
      artifactType: 'application/vnd.waybill.receipt.v1+json',
    })
    expect(await readFile(receipt, 'utf8')).toContain(moved.digest)
  })

  it('does not go back to number 1 when an attacker plays that again', async () => {
    const { status, told } = await refused(machine, first)

    expect(status).toBe(4)
    expect(told).toContain('ERR_ROLLBACK')
  })

  it('does not go back either on a machine that is born empty', async () => {
    const { status, told } = await refused(next, first)

    expect(status).toBe(4)
    expect(told).toContain('ERR_ROLLBACK')
  })

  it('is there already when that machine is given number 2 again', async () => {
    const before = await filesBelow(target.folder)

    const { blobs, countersignatures, receipt: issued } = imported(next, second)

    expect(blobs.copied).toBe(0)
    expect(countersignatures).toMatchObject([{ added: false }])
    expect(issued).toMatchObject({ added: false })
    expect(await filesBelow(target.folder)).toEqual(before)
  })

  it('is followed by number 3 on that machine, and number 2 is the past then', async () => {
    expect(imported(next, third).state).toMatchObject({ sequence: 3 })

    const { status, told } = await refused(machine, second)

    expect(status).toBe(4)
    expect(told).toContain('ERR_ROLLBACK')
  })

  it('has all three signatures for a cluster to find, and notation says yes to each', async () => {
    expect(signaturesOn(moved.digest)).toHaveLength(3)
    for (const signed of [moved.sbom, moved.sources]) expect(signaturesOn(signed)).toHaveLength(1)
    if (hasReferrersApi(name)) {
      const asked = await fetch(`http://${target.host}/v2/acme/net-monitor/referrers/${moved.digest}`)
      expect((JSON.parse(await asked.text()) as { manifests: unknown[] }).manifests).toHaveLength(5)
    }
    for (const [who, { ca }] of Object.entries({ vendor, certifier, acme })) {
      const admission = await openNotation(space, { name: `${name}-${who}`, roots: [ca] })
      expect(admission.verify(here(moved.digest)).stdout.toString(), who).toContain(VERIFIED)
    }
    const stranger = await openNotation(space, { name: `${name}-exporter`, roots: [exporter.ca] })
    expect(stranger.verify(here(moved.digest)).status).not.toBe(0)
  })

  it('is pulled by another tool, with both platforms', () => {
    const folder = `dir:${space.path(`pulled-${name}`)}`
    const how = ['--insecure-policy', 'copy', '--all', '--src-tls-verify=false']

    expect(space.run('skopeo', [...how, `docker://${here(moved.digest)}`, folder]).status).toBe(0)
  })

  it('comes back as a receipt, on which the exporter builds a bundle of only what is new', async () => {
    const verified = waybill(space, ['receipt', 'verify', receipt, '--waybill', second])
    expect(verified.status, verified.stderr).toBe(0)
    const release = await released(`v4-${name}`)

    const increment = exported(`${name}-4.tar`, `v4-${name}`, ['--stream', STREAM, '--base', receipt])

    expect((await stat(increment.path)).size).toBeLessThan((await stat(second)).size / 4)
    expect(imported(next, increment.path).loaded).toMatchObject([
      { target: `${target.host}/acme/net-monitor:v4-${name}`, digest: release.digest },
    ])
    expect(signaturesOn(release.digest)).toHaveLength(3)
  })
})
