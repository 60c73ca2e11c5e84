import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discover, parseJson } from '../support/peers/compare.js'
import { type Daemon, freePort } from '../support/peers/daemon.js'
import { openNotation } from '../support/peers/notation.js'
import { makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { type RunningRegistry, startDistribution, startOlareg, startRegistryPeer } from '../support/peers/registries.js'
import { copyIn, makeLayout } from '../support/peers/release.js'
import { waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const VERIFIED = 'Successfully verified signature'
const STREAM = 'acme/nightly'

let space: Workspace
let source: RunningRegistry
let exporter: OpensslChain
let acme: OpensslChain
let bundles: readonly string[]

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  source = await startRegistryPeer(space, 'olareg')
  exporter = await makeChain(space, 'exporter')
  acme = await makeChain(space, 'acme')
  copyIn(space, 'pair', `${source.host}/app/pair:v1`)
  bundles = [1, 2, 3, 4, 5].map(exported)
})

afterAll(async () => {
  await source.stop()
  await space.remove()
})

function exported(sequence: number): string {
  const path = space.path(`${sequence}.tar`)
  const words = ['export', `${source.host}/app/pair:v1`, '--output', path, '--stream', STREAM]
  waybillJson(space, 'waybill.export.v1', [...words, '--key', exporter.key, '--cert', exporter.chain])
  return path
}

let machines = 0

async function aNewMachine(): Promise<Workspace> {
  machines += 1
  await mkdir(space.path(`machine-${machines}`))
  const machine = space.with({ WAYBILL_CONFIG: space.path(`machine-${machines}`) })
  for (const [store, { ca }] of Object.entries({ exporters: exporter, importers: acme })) {
    waybillJson(machine, 'waybill.trust.v1', ['trust', 'add', ca, '--store', store])
  }
  return machine
}

/** A registry that is started again and again over what it has, and what it offers to tidy that up. */
interface Kept {
  readonly folder: string
  readonly port: number
  daemon: Daemon
}

/** @param needless the digest of a blob that nobody needs; it is gone then */
type Collect = (kept: Kept, needless: string) => Promise<void>

type Start = (place: { readonly folder: string; readonly port: number }) => Promise<Daemon>

const DISTRIBUTION = {
  start: (program: 'docker-registry' | 'registry') => (place: Parameters<Start>[0]) =>
    startDistribution(space, program, place),
  collect: (program: string) => async (kept: Kept) => {
    space.text(program, ['garbage-collect', `${kept.folder}.yml`])
  },
}

const PEERS: readonly (readonly [string, Start, Collect])[] = [
  ['olareg', (place) => startOlareg(space, place), collectOlareg],
  ['docker-registry', DISTRIBUTION.start('docker-registry'), DISTRIBUTION.collect('docker-registry')],
  ['registry', DISTRIBUTION.start('registry'), DISTRIBUTION.collect('registry')],
]

/** It has no command for it: it tidies up while it runs. */
async function collectOlareg(kept: Kept, needless: string): Promise<void> {
  const collecting = await startOlareg(space, { ...kept, collecting: true })
  try {
    while (await hasBlob(kept, needless)) await sleep(200)
  } finally {
    await collecting.stop()
  }
}

async function hasBlob({ port }: Kept, digest: string): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/v2/waybill/blobs/${digest}`, { method: 'HEAD' })).status === 200
}

describe.each(PEERS)('the importer’s state in %s', (name, start, collect) => {
  let kept: Kept
  let target: string

  beforeAll(async () => {
    const folder = space.path(`kept-${name}`)
    const port = await freePort()
    await mkdir(folder)
    kept = { folder, port, daemon: await start({ folder, port }) }
    target = `127.0.0.1:${port}`
  })

  afterAll(() => kept.daemon.stop())

  const importing = (sequence: number, ...more: readonly string[]) => {
    const key = ['--key', acme.key, '--cert', acme.chain]
    return ['import', bundles[sequence - 1] ?? '', '--to', target, '--state', 'registry', ...key, ...more]
  }

  const imported = (machine: Workspace, sequence: number, ...more: readonly string[]) =>
    waybillJson(machine, 'waybill.import.v1', importing(sequence, ...more)).state

  const refusal = (machine: Workspace, sequence: number) => {
    const { status, stdout } = waybill(machine, importing(sequence))
    return { status, code: /ERR_[A-Z_]+/.exec(stdout.toString())?.[0] }
  }

  const snapshots = () => {
    const tags = space.text('oras', ['repo', 'tags', '--plain-http', `${target}/waybill`]).split('\n')
    return tags.filter((tag) => tag.startsWith('state-'))
  }

  async function again(between: () => Promise<void>): Promise<void> {
    await kept.daemon.stop()
    await between()
    kept.daemon = await start(kept)
  }

  it('begins with the first import, and is not there before', async () => {
    const machine = await aNewMachine()

    expect(waybill(machine, importing(2, '--require-state')).status).not.toBe(0)
    expect(imported(machine, 2)).toMatchObject({ sequence: 2, added: true })
  })

  it('is signed, as notation says, and looks to oras like anything else that is signed', async () => {
    const notation = await openNotation(space, { name: `state-${name}`, roots: [acme.ca] })

    expect(snapshots().length).toBeGreaterThan(0)
    for (const tag of snapshots()) {
      expect(notation.verify(`${target}/waybill:${tag}`).stdout.toString()).toContain(VERIFIED)
      expect(discover(space, `${target}/waybill:${tag}`)).toHaveLength(1)
    }
  })

  it('is what a machine knows that was born empty', async () => {
    const machine = await aNewMachine()

    expect(refusal(machine, 1)).toEqual({ status: 4, code: 'ERR_ROLLBACK' })
    expect(imported(machine, 3, '--require-state')).toMatchObject({ sequence: 3, added: true })
    expect(refusal(await aNewMachine(), 2)).toEqual({ status: 4, code: 'ERR_ROLLBACK' })
  })

  it('survives that the registry stops, and tidies up what nobody needs', async () => {
    const before = snapshots()
    await space.write('needless.txt', 'needed by nobody')
    const pushed = ['blob', 'push', '--plain-http', '--descriptor', `${target}/waybill`, 'needless.txt']
    const { digest } = parseJson<{ readonly digest: string }>(space.text('oras', pushed))
    expect(await hasBlob(kept, digest)).toBe(true)

    await again(() => collect(kept, digest))

    expect(await hasBlob(kept, digest)).toBe(false)
    expect(snapshots()).toEqual(before)
    const machine = await aNewMachine()
    expect(refusal(machine, 2)).toEqual({ status: 4, code: 'ERR_ROLLBACK' })
    expect(imported(machine, 4, '--require-state', '--require-chain')).toMatchObject({ sequence: 4 })
  })

  const collectUntagged = () =>
    again(async () => {
      space.text(name, ['garbage-collect', '--delete-untagged', `${kept.folder}.yml`])
    })

  // olareg was told to take these above.
  if (name !== 'olareg')
    it('survives that manifests without a tag are taken away', async () => {
      await collectUntagged()

      expect(refusal(await aNewMachine(), 3)).toEqual({ status: 4, code: 'ERR_ROLLBACK' })
      expect(imported(await aNewMachine(), 5, '--require-state')).toMatchObject({ sequence: 5 })
    })

  if (name === 'docker-registry')
    it('is not begun anew in silence where its snapshots are taken away', async () => {
      const machine = await aNewMachine()
      for (const tag of snapshots()) {
        const digest = space.text('oras', ['resolve', '--plain-http', `${target}/waybill:${tag}`])
        space.text('oras', ['manifest', 'delete', '--plain-http', '--force', `${target}/waybill@${digest}`])
      }
      expect(waybill(machine, importing(5)).stderr).toContain('ERR_STATE_DAMAGED')
      expect(imported(machine, 5, '--new-state', 'deleted')).toMatchObject({ sequence: 5 })
      expect(refusal(await aNewMachine(), 4)).toEqual({ status: 4, code: 'ERR_ROLLBACK' })
    })
})
