import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pushRelease } from '../../samples/release.mjs'
import { layoutFolderSink } from '../../src/content/layout-sink.js'
import { CALL } from '../support/tmp.js'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const NODE = [process.execPath]

/** Makes every way to the network say so on stderr and throw, in every thread, before the program begins. */
const NO_NETWORK = `
const { writeSync } = require('node:fs')
const forbid = (owner, prefix, names) => {
  for (const name of names) {
    if (typeof owner[name] !== 'function') continue
    owner[name] = function () {
      writeSync(2, 'NETWORK ' + prefix + '.' + name + '\\n')
      throw new Error('the network is used: ' + prefix + '.' + name)
    }
  }
}
const net = require('node:net')
forbid(net.Socket.prototype, 'net.Socket', ['connect'])
forbid(net.Server.prototype, 'net.Server', ['listen'])
forbid(net, 'net', ['connect', 'createConnection', 'createServer'])
forbid(require('node:tls'), 'tls', ['connect', 'createServer'])
forbid(require('node:dgram'), 'dgram', ['createSocket', 'Socket'])
for (const name of ['node:http', 'node:https']) forbid(require(name), name, ['request', 'get', 'createServer', 'Agent'])
forbid(require('node:http2'), 'http2', ['connect', 'createServer', 'createSecureServer'])
const dns = require('node:dns')
for (const [owner, name] of [[dns, 'dns'], [dns.promises, 'dns.promises'], [dns.Resolver.prototype, 'dns.Resolver']]) {
  forbid(owner, name, Object.getOwnPropertyNames(owner).filter((one) => /^(?:lookup|resolve|reverse)/.test(one)))
}
// Another program could be asked to do it.
forbid(require('node:child_process'), 'child_process', ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync'])
forbid(globalThis, 'globalThis', ['fetch', 'WebSocket', 'EventSource'])
require('node:module').syncBuiltinESMExports()
`

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-test-offline-'))
  await writeFile(join(folder, 'no-network.cjs'), NO_NETWORK)
  await pushRelease(await layoutFolderSink(join(folder, 'layout')), { now: new Date(), ...CALL })
  waybill(NODE, ['keys', 'init', 'keys'], 0)
  waybill(NODE, ['trust', 'add', 'keys/ca.crt', '--config', 'config'], 0)
  const signing = ['--key', 'keys/signing.key', '--cert', 'keys/signing.crt']
  waybill(NODE, ['export', 'oci:layout:v1', '--output', 'intact.tar', ...signing], 0)
  const bytes = await readFile(join(folder, 'intact.tar'))
  const at = bytes.lastIndexOf('net-monitor 1.0.0')
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  await writeFile(join(folder, 'damaged.tar'), bytes)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each([
  ['intact.tar', 0],
  ['damaged.tar', 6],
])('verify %s', (file, status) => {
  const args = ['verify', file, '--config', 'config', '--json']

  it('says the same where every way to the network throws', () => {
    const expected = waybill(NODE, args, status)

    const found = waybill(withoutNetworkCalls(), args, status)

    expect(reportOf(found)).toEqual(reportOf(expected))
    expect(found.stderr).not.toContain('NETWORK')
  })

  it('says the same in a network namespace with nothing in it', (test) => {
    const { command, reason } = emptyNetwork()
    if (command === undefined) return test.skip(reason)
    const expected = waybill(NODE, args, status)

    const found = waybill([...command, ...NODE], args, status)

    expect(reportOf(found)).toEqual(reportOf(expected))
  })
})

describe('these tests would notice a network that is used', () => {
  it('because an import, which asks its target, does not get by where every way to the network throws', () => {
    const args = ['import', 'intact.tar', '--to', '127.0.0.1:9', '--config', 'config']

    const found = waybill(withoutNetworkCalls(), args)

    expect(found.status).not.toBe(0)
    expect(found.stderr).toContain('NETWORK')
  })

  it.each([
    ['a CommonJS module', `require('node:http').get('http://127.0.0.1:9')`, 'commonjs'],
    ['an ES module', `import { connect } from 'node:net'; connect(9, '127.0.0.1')`, 'module'],
    ['the global fetch', `await fetch('http://127.0.0.1:9')`, 'module'],
    ['a name that is looked up', `import { lookup } from 'node:dns/promises'; await lookup('localhost')`, 'module'],
    [
      'a worker thread',
      `new (require('node:worker_threads').Worker)("require('net').connect(9, '127.0.0.1')", { eval: true })`,
      'commonjs',
    ],
  ])('because %s cannot use it', (_what, script, type) => {
    const [program = '', ...flags] = withoutNetworkCalls()

    const { status, stderr } = spawnSync(program, [...flags, `--input-type=${type}`, '--eval', script], {
      encoding: 'utf8',
    })

    expect(status).not.toBe(0)
    expect(stderr).toContain('NETWORK')
  })

  it('because the namespace has no interface, not even an address of its own', (test) => {
    const { command, reason } = emptyNetwork()
    if (command === undefined) return test.skip(reason)
    const [program = '', ...flags] = command
    const script = 'console.log(JSON.stringify(os.networkInterfaces()))'

    const { stdout } = spawnSync(program, [...flags, ...NODE, '--eval', script], { encoding: 'utf8' })

    expect(JSON.parse(stdout)).toEqual({})
  })
})

function withoutNetworkCalls(): readonly string[] {
  return [...NODE, '--require', join(folder, 'no-network.cjs')]
}

/** How a program is run without a network here: as root, else in a user namespace of its own, where that is allowed. */
function emptyNetwork(): { readonly command?: readonly string[]; readonly reason: string } {
  const reasons: string[] = []
  for (const flags of [['--net'], ['--user', '--map-root-user', '--net']]) {
    const { status, stderr, error } = spawnSync('unshare', [...flags, 'true'], { encoding: 'utf8' })
    if (status === 0) return { command: ['unshare', ...flags], reason: '' }
    reasons.push(error?.message ?? stderr.trim())
  }
  return { reason: `no network namespace can be made here: ${reasons.join('; ')}` }
}

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built program in the test's folder; with a status, it must end with that. */
function waybill(program: readonly string[], args: readonly string[], expected?: number): Ended {
  const [first = '', ...rest] = program
  const { status, stdout, stderr } = spawnSync(first, [...rest, MAIN, ...args], { cwd: folder, encoding: 'utf8' })
  if (expected !== undefined) expect({ status, stderr }).toMatchObject({ status: expected })
  return { status, stdout, stderr }
}

/** What was found; only the moment at which it was found may differ. */
function reportOf({ stdout }: Ended): unknown {
  const { verifiedAt, ...report } = JSON.parse(stdout)
  expect(verifiedAt).toEqual(expect.any(String))
  return report
}
