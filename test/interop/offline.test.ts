import { open } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeChain } from '../support/peers/openssl.js'
import { makeLayout } from '../support/peers/release.js'
import { run } from '../support/peers/tool.js'
import { initKeys, WAYBILL, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

/** Root may have a network of its own at once; others only where the kernel lets them be root of a namespace. */
const WITHOUT_NETWORK = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net']

const why = reasonAgainst()

function reasonAgainst(): string | undefined {
  try {
    const { status, stderr } = run('unshare', [...WITHOUT_NETWORK, 'true'])
    return status === 0 ? undefined : `unshare ${WITHOUT_NETWORK.join(' ')} does not work here: ${stderr.trim()}`
  } catch (cause) {
    return cause instanceof Error ? cause.message : 'there is no unshare here'
  }
}

// A developer may do without; a continuous integration that cannot take the network away has proved nothing.
it.skipIf(why !== undefined && !process.env['CI'])('has a way to take the network away', () => {
  expect(why).toBeUndefined()
})

describe.skipIf(why !== undefined)(why ?? 'verify in a place without a network', () => {
  let space: Workspace
  let bundle: string

  beforeAll(async () => {
    space = await openWorkspace()
    const source = `oci:${await makeLayout(space)}:pair`
    const { signer } = initKeys(space)
    bundle = space.path('bundle.tar')
    waybillJson(space, 'waybill.export.v1', ['export', source, '--output', bundle, ...signer])
    const stranger = await makeChain(space, 'stranger')
    waybillJson(space, 'waybill.trust.v1', ['trust', 'add', stranger.ca, '--store', 'strangers'])
  })

  afterAll(() => space.remove())

  const isolated = (...command: readonly string[]) => space.run('unshare', [...WITHOUT_NETWORK, ...command])
  const both = (...args: readonly string[]) => {
    const command = [WAYBILL, ...args, '--events', 'none']
    return [space.run(process.execPath, command), isolated(process.execPath, ...command)] as const
  }

  it('really is without one', () => {
    const interfaces = isolated('cat', '/proc/self/net/dev').stdout.toString().split('\n').slice(2)
    const connect = "require('net').connect(9, '192.0.2.1').on('error', (e) => { console.log(e.code) })"

    expect(interfaces.filter((line) => line !== '').map((line) => line.split(':')[0]?.trim())).toEqual(['lo'])
    expect(isolated(process.execPath, '-e', connect).stdout.toString().trim()).toBe('ENETUNREACH')
  })

  it('accepts what it accepts elsewhere, and says the same', () => {
    const [elsewhere, here] = both('verify', bundle)

    expect(elsewhere.status).toBe(0)
    expect(here).toEqual(elsewhere)
  })

  it('refuses an unknown signer as it does elsewhere', () => {
    const [elsewhere, here] = both('verify', bundle, '--store', 'strangers')

    expect(elsewhere.status).toBe(5)
    expect(here).toEqual(elsewhere)
  })

  it('refuses a damaged bundle as it does elsewhere', async () => {
    const damaged = space.path('damaged.tar')
    space.text('cp', [bundle, damaged])
    const file = await open(damaged, 'r+')
    const { size } = await file.stat()
    const at = size - 1024 - 512 // in the last blob, or in what pads it
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at)
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at)
    await file.close()

    const [elsewhere, here] = both('verify', damaged)

    expect(elsewhere.status).toBe(6)
    expect(here).toEqual(elsewhere)
  })
})
