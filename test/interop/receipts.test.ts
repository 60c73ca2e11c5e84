import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discover } from '../support/peers/compare.js'
import { type Notation, openNotation } from '../support/peers/notation.js'
import { makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { copyIn, makeLayout } from '../support/peers/release.js'
import { waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const RECEIPT = 'application/vnd.waybill.receipt.v1+json'
const NOTARY_SIGNATURE = 'application/vnd.cncf.notary.signature'
const VERIFIED = 'Successfully verified signature'

let space: Workspace
let source: RunningRegistry
let exporter: OpensslChain
let importer: OpensslChain
let notation: Notation
let bundle: string

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  source = await startRegistryPeer(space, 'olareg')
  exporter = await makeChain(space, 'exporter')
  importer = await makeChain(space, 'importer')
  notation = await openNotation(space, { name: 'auditor', roots: [exporter.ca, importer.ca] })
  waybillJson(space, 'waybill.trust.v1', ['trust', 'add', exporter.ca])
  waybillJson(space, 'waybill.trust.v1', ['trust', 'add', importer.ca, '--store', 'importers'])
  const image = `${source.host}/app/pair:v1`
  copyIn(space, 'pair', image)
  const words = [
    'export',
    image,
    '--output',
    space.path('receipts.tar'),
    '--key',
    exporter.key,
    '--cert',
    exporter.chain,
  ]
  bundle = waybillJson(space, 'waybill.export.v1', words).path
})

afterAll(async () => {
  await source.stop()
  await space.remove()
})

// With the Referrers API, and without it.
describe.each(['olareg', 'docker-registry', 'waybill'] as const)('a receipt in %s', (name) => {
  it.each(['jws', 'cose'] as const)('is found and verified by other tools, %s', async (format) => {
    const target = await startRegistryPeer(space, name)
    try {
      const file = space.path(`${name}-${format}.receipt`)
      const key = ['--key', importer.key, '--cert', importer.chain, '--sign-format', format]
      const words = ['import', bundle, '--to', `${target.host}/mirror`, ...key, '--receipt', file]
      const { waybill: subject, receipt } = waybillJson(space, 'waybill.import.v1', words)
      const records = `${target.host}/mirror/waybill`

      const hanging = discover(space, `${records}@${subject}`)

      expect(hanging.map(({ artifactType }) => artifactType).sort()).toEqual([NOTARY_SIGNATURE, RECEIPT])
      expect(hanging.find(({ artifactType }) => artifactType === RECEIPT)?.digest).toBe(receipt?.digest)
      expect(notation.verify(`${records}@${subject}`).stdout.toString()).toContain(VERIFIED)
      expect(notation.verify(`${records}@${receipt?.digest}`).stdout.toString()).toContain(VERIFIED)
      expect(notation.verify(`${records}:bundle-${subject.slice(7)}`).stdout.toString()).toContain(VERIFIED)
      const [document = ''] = (await readFile(file, 'utf8')).split('\n')
      expect(JSON.parse(document)).toMatchObject({ result: 'loaded', waybill: { digest: subject } })
      expect(waybill(space, ['receipt', 'verify', file, '--waybill', bundle]).status).toBe(0)
    } finally {
      await target.stop()
    }
  })
})
