import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { discover } from '../support/peers/compare.js'
import { openNotation } from '../support/peers/notation.js'
import { makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { attachSbom, copyIn, makeLayout } from '../support/peers/release.js'
import { waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const NOTARY_SIGNATURE = 'application/vnd.cncf.notary.signature'
const VERIFIED = 'Successfully verified signature'

let space: Workspace
let source: RunningRegistry
let target: RunningRegistry
let exporter: OpensslChain
let vendor: OpensslChain
let certifier: OpensslChain
let acme: OpensslChain

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  source = await startRegistryPeer(space, 'olareg')
  target = await startRegistryPeer(space, 'olareg')
  exporter = await makeChain(space, 'exporter')
  vendor = await makeChain(space, 'vendor')
  certifier = await makeChain(space, 'certifier')
  acme = await makeChain(space, 'acme')
})

afterAll(async () => {
  await target.stop()
  await source.stop()
  await space.remove()
})

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
  const both = { allOf: ['vendor', 'certifier'] }
  const policy = {
    version: 1,
    signers: { exporter: signer('exporters'), vendor: signer('vendor'), certifier: signer('certifier') },
    streams: [{ stream: 'acme/wabbit', signedBy: ['exporter'] }],
    artifacts: [{ from: [`${source.host}/wabbit/*`], signatures: [both] }],
    names: { allowed: ['acme/*'], rename: [{ from: `${source.host}/wabbit/*`, to: 'acme/*' }] },
  }
  return space.write('import-policy.yaml', JSON.stringify(policy))
}

function exported(sequence: number): string {
  const path = space.path(`${sequence}.tar`)
  const words = ['export', `${source.host}/wabbit/net-monitor:v1`, '--output', path, '--stream', 'acme/wabbit']
  waybillJson(space, 'waybill.export.v1', [...words, '--key', exporter.key, '--cert', exporter.chain])
  return path
}

it('carries a release that two have signed across the gap, countersigns it, and keeps the older one out', async () => {
  const image = `${source.host}/wabbit/net-monitor:v1`
  copyIn(space, 'single', image)
  const found = space.text('oras', ['resolve', '--plain-http', image])
  const subject = `${source.host}/wabbit/net-monitor@${found}`
  const sbom = await attachSbom(space, subject, 'net-monitor')
  const bySeller = await openNotation(space, { name: 'vendor', signer: vendor, roots: [vendor.ca] })
  const byCertifier = await openNotation(space, { name: 'certifier', signer: certifier, roots: [certifier.ca] })
  bySeller.sign(subject, 'jws')
  bySeller.sign(`${source.host}/wabbit/net-monitor@${sbom}`, 'jws')
  const uncertified = exported(1)
  byCertifier.sign(subject, 'cose')
  const certified = exported(2)
  const newer = exported(3)
  const policy = await writePolicy()
  const machine = await aNewMachine('machine')
  const key = ['--countersign', '--key', acme.key, '--cert', acme.chain]
  const words = (path: string) => [
    'import',
    path,
    '--to',
    target.host,
    '--policy',
    policy,
    '--state',
    'registry',
    ...key,
  ]

  // What the certifier has not signed stays out, whoever brings it.
  expect(waybill(machine, words(uncertified)).status).toBe(5)
  expect(waybill(space, ['export', `${target.host}/acme/net-monitor:v1`, '--dry-run']).status).toBe(7)

  const loaded = waybillJson(machine, 'waybill.import.v1', [...words(certified), '--receipt', space.path('receipt')])
  expect(loaded.loaded).toMatchObject([{ target: `${target.host}/acme/net-monitor:v1` }])
  const verified = waybill(machine, ['receipt', 'verify', space.path('receipt')])
  expect(verified.status, verified.stderr).toBe(0)

  // An attacker plays the older bundle again.
  const replayed = waybill(machine, words(uncertified))
  expect(replayed.status).not.toBe(0)
  expect(replayed.stdout.toString()).toContain('ERR_ROLLBACK')

  // The machine is gone; the next one knows nothing, and goes on from what the registry has.
  const second = await aNewMachine('second')
  const early = waybill(second, words(uncertified))
  expect(early.stdout.toString()).toContain('ERR_ROLLBACK')
  waybillJson(second, 'waybill.import.v1', words(newer))
  const again = waybill(second, words(certified))
  expect(again.status).toBe(4)
  expect(again.stdout.toString()).toContain('ERR_ROLLBACK')

  const here = `${target.host}/acme/net-monitor@${found}`
  const signatures = discover(space, here).filter(({ artifactType }) => artifactType === NOTARY_SIGNATURE)
  expect(signatures).toHaveLength(3)
  for (const [name, { ca }] of Object.entries({ vendor, certifier, acme })) {
    const admission = await openNotation(space, { name: `cluster-${name}`, roots: [ca] })
    expect(admission.verify(here).stdout.toString(), name).toContain(VERIFIED)
  }
})
