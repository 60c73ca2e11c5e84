import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { buildProgram } from '../../src/cli/args.js'
import { proxySettings } from '../../src/cli/compose.js'
import { type EvidenceFlags, openEvidence } from '../../src/cli/evidence.js'
import { readEvidenceFiles } from '../../src/cli/evidence-files.js'
import type { TransferEvent } from '../../src/events.js'
import { LIMITS } from '../../src/limits.js'
import { encodeBase64 } from '../../src/trust/base64.js'
import { formatPem } from '../../src/trust/pem.js'
import { MADE_AT } from '../support/clock.js'
import { caExtensions, mint } from '../support/keys.js'
import { crlOf, ocspOf } from '../support/revocation.js'
import { scriptedRegistry } from '../support/scripted-registry.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const root = await mint({ name: 'CA', extensions: caExtensions() })
const crl = crlOf(root)
const delta = crlOf(root, { number: 2, baseNumber: 1 })
const ocsp = ocspOf({ subject: root, issuer: root })

async function opened(flags: EvidenceFlags, emit: (event: TransferEvent) => void = () => undefined) {
  const found = await openEvidence(flags, { emit, generator: 'waybill/test', now: () => MADE_AT })
  onTestFinished(() => found.close())
  return found.evidence
}

async function ask(flags: EvidenceFlags, url: string, maxBytes = 10_000) {
  const { exchange } = await opened(flags)
  if (exchange === undefined) throw new Error('nobody can be asked')
  return await exchange({ url, method: 'GET', maxBytes, timeoutMs: 20_000, ...CALL })
}

/** A folder of files, by name. */
async function aFolder(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await tmpFolder()
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
  return folder
}

const USAGE = { code: 'ERR_USAGE' }

// Whoever runs the tests may be behind a proxy.
beforeEach(() => {
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy']) vi.stubEnv(name, '')
})
afterEach(() => vi.unstubAllEnvs())

describe('--evidence', () => {
  it('reads files of every form, and folders of them, in order', async () => {
    const folder = await aFolder({
      'a.pem': `Revoked\n${formatPem('X509 CRL', crl.der)}`,
      b: JSON.stringify({ baseCRL: encodeBase64(crl.der), deltaCRL: encodeBase64(delta.der) }),
      'c.der': ocsp.der,
      'notes.txt': 'nothing of the sort',
    })
    await mkdir(join(folder, 'deeper'))
    const events: TransferEvent[] = []

    const { files } = await opened({ evidence: [join(folder, 'c.der'), folder] }, (event) => events.push(event))

    expect(files.map(({ kind }) => kind)).toEqual(['ocsp', 'crl', 'crl', 'crl', 'ocsp'])
    expect(Buffer.from(files[1]?.der ?? []).equals(crl.der)).toBe(true)
    expect(events).toMatchObject([{ type: 'warning', code: 'evidence-file-ignored' }])
  })

  it.each([
    ['is something else', 'hello', 'ERR_CONFIG_INVALID'],
    ['is a certificate', root.pem, 'ERR_CONFIG_INVALID'],
    ['is cut short', crl.der.subarray(0, 100), 'ERR_CONFIG_INVALID'],
    ['has something after its end', Buffer.concat([crl.der, Buffer.alloc(1)]), 'ERR_CONFIG_INVALID'],
    ['is JSON of something else', '{"a":1}', 'ERR_CONFIG_INVALID'],
    ['is a cache with a list that is none', '{"baseCRL":"AAAA"}', 'ERR_CONFIG_INVALID'],
    ['is a cache with a list that is not base64', '{"baseCRL":"?"}', 'ERR_CONFIG_INVALID'],
    ['is empty', '', 'ERR_CONFIG_INVALID'],
    ['has a key twice', '{"baseCRL":"","baseCRL":""}', 'ERR_JSON_INVALID'],
    ['is larger than any response', largeResponse(), 'ERR_LIMIT_EXCEEDED'],
  ])('refuses a file that %s', async (_, bytes, code) => {
    const folder = await aFolder({ file: bytes })

    await expect(opened({ evidence: [join(folder, 'file')] })).rejects.toMatchObject({ code })
  })

  it('warns of a folder without any, such as the one above that which was meant', async () => {
    const folder = await aFolder({})
    await mkdir(join(folder, 'crl'))
    await writeFile(join(folder, 'crl', 'a'), crl.der)
    const events: TransferEvent[] = []

    const { files } = await opened({ evidence: [folder] }, (event) => events.push(event))

    expect(files).toEqual([])
    expect(events).toMatchObject([{ code: 'evidence-file-ignored', message: expect.stringContaining(folder) }])
  })

  it('says that a file is not there', async () => {
    await expect(opened({ evidence: ['/no/such/file'] })).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })

  it('takes no folder of anything for one of evidence', async () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`${at}`, '']))
    const folder = await aFolder(many)

    await expect(readEvidenceFiles([folder], () => undefined)).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  })
})

describe('--evidence-url', () => {
  it('asks another address in place of one, or of all below it', async () => {
    const server = await scriptedRegistry()
    server.on(/^GET/, ({ url }) => ({ status: 200, body: url }))
    const flags = {
      evidenceUrl: [`http://ca.example/a?b=c=${server.url}/one?x=y`, `http://ca.example/=${server.url}/mirror/`],
    }

    expect(String((await ask(flags, 'http://ca.example/a?b=c')).body)).toBe('/one?x=y')
    expect(String((await ask(flags, 'http://ca.example/lists/2.crl')).body)).toBe('/mirror/lists/2.crl')
    expect(String((await ask(flags, `${server.url}/direct`)).body)).toBe('/direct')
  })

  it('reads a file in place of an address, within the same bounds', async () => {
    const folder = await aFolder({ 'list.crl': crl.der })
    const from = 'http://ca.example/list.crl'

    for (const to of [`file:${folder}/list.crl`, `file://${folder}/list.crl`]) {
      const { status, body } = await ask({ evidenceUrl: [`${from}=${to}`] }, from)
      expect([status, Buffer.from(body).equals(crl.der)]).toEqual([200, true])
      await expect(ask({ evidenceUrl: [`${from}=${to}`] }, from, 100)).rejects.toMatchObject({
        code: 'ERR_LIMIT_EXCEEDED',
      })
    }
    await expect(ask({ evidenceUrl: [`${from}=file:/no/such/file`] }, from)).rejects.toMatchObject({
      code: 'ERR_MEDIUM',
    })
  })

  it.each([
    ['a file', 'file:/srv/inner/list.crl'],
    ['an address', 'http://127.0.0.1:1/inner/list.crl'],
  ])('tells the operator alone where %s in place of an address could not be had', async (_, to) => {
    const from = 'http://ca.example/list.crl'
    const events: TransferEvent[] = []
    const { exchange } = await opened({ evidenceUrl: [`${from}=${to}`] }, (event) => events.push(event))

    const work = exchange?.({ url: from, method: 'GET', maxBytes: 10, timeoutMs: 20_000, ...CALL })

    await expect(work).rejects.toThrow(/^what the operator named in its place could not be had$/)
    expect(events).toMatchObject([{ code: 'evidence-missing', message: expect.stringContaining('inner/list.crl') }])
  })

  it.each([
    'http://ca.example/a',
    'http://ca.example/a=mirror',
    'ldap://ca.example/a=http://mirror.example/',
    '=http://mirror.example/',
    'http://ca.example/a=http://[/',
    'http://ca.example/=http://mirror.example/list.crl',
    'http://ca.example/=file:/srv/lists/',
  ])('refuses %s', async (text) => {
    await expect(opened({ evidenceUrl: [text] })).rejects.toMatchObject(USAGE)
  })
})

describe('the other options about evidence', () => {
  it('are none beside --no-evidence, whatever the order', async () => {
    const parsed = (...words: string[]) => {
      let options: EvidenceFlags = {}
      const program = buildProgram({ version: '0', run: async () => undefined, write: () => undefined })
      program.exitOverride()
      const command = program.commands.find((one) => one.name() === 'export')
      command?.action((_sources: readonly string[], given: EvidenceFlags) => {
        options = given
      })
      program.parse(['export', 'x', ...words], { from: 'user' })
      return options
    }

    expect(await opened(parsed('--no-evidence'))).toEqual({ files: [], required: false, now: expect.any(Function) })
    for (const words of [
      ['--evidence', 'a'],
      ['--require-evidence'],
      ['--evidence-proxy', 'a'],
      ['--evidence-url', 'a'],
    ]) {
      await expect(opened(parsed('--no-evidence', ...words))).rejects.toMatchObject(USAGE)
      await expect(opened(parsed(...words, '--no-evidence'))).rejects.toMatchObject(USAGE)
    }
    expect(parsed('--evidence', 'a', '--evidence', 'b').evidence).toEqual(['a', 'b'])
    expect((await opened(parsed('--require-evidence'))).required).toBe(true)
  })

  it('name a proxy for every address; without one the environment does, in small letters first', () => {
    const env = { HTTP_PROXY: 'http://a', http_proxy: 'http://b', HTTPS_PROXY: 'http://c', NO_PROXY: 'd' }

    expect(proxySettings('http://e', env)).toEqual({ http: 'http://e', https: 'http://e' })
    expect(proxySettings(undefined, env)).toEqual({ http: 'http://b', https: 'http://c', except: 'd' })
    expect(proxySettings(undefined, {})).toEqual({ http: '', https: '', except: '' })
  })

  it('refuse a proxy that is none, before anything is done', async () => {
    await expect(opened({ evidenceProxy: 'socks5://proxy' })).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
  })
})

/** The beginning of a response, and more than any has after it. */
function largeResponse(): Uint8Array {
  const size = LIMITS.ocspBytes + 10
  const bytes = Buffer.alloc(size + 5)
  bytes.set([0x30, 0x83, size >> 16, (size >> 8) & 0xff, size & 0xff, 0x0a, 1, 0])
  return bytes
}
