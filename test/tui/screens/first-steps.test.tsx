import { describe, expect, test } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import type { FirstSteps, Machine, Means } from '../../../src/tui/means.js'
import { openedAt } from '../../support/screens.js'

const TOLD = '0123 4567 89AB CDEF'
const ENTER = '\r'
const DOWN = '\u001b[B'
const ESCAPE = '\u001b'

function aNewMachine(subject = 'CN=Wabbit root') {
  const asked: unknown[] = []
  let machine: Machine = { configDir: '/home/ada/config', trusted: 0, folder: '/media/usb' }
  const firstSteps: FirstSteps = {
    async makeKeys(folder, name) {
      asked.push(['keys', folder, name])
      machine = { ...machine, keys: { key: `${folder}/signing.key`, chain: 'c', ca: 'a' } }
      return { lines: [`wrote ${folder}/ca.crt`] }
    },
    makeKeysCommand: (folder, name) => `waybill keys init ${folder} --name ${name}`,
    readCertificate: async () => ({
      subject,
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2027-01-01T00:00:00Z',
      fingerprint: '0123456789abcdef'.repeat(4),
    }),
    async trustExporter(path, fingerprint) {
      asked.push(['trust', path, fingerprint])
      if (fingerprint !== TOLD) throw new TransferError('ERR_FINGERPRINT_MISMATCH', 'it is another')
      machine = { ...machine, trusted: 1 }
      return { lines: ['wrote exporters/ca.crt'] }
    },
    trustExporterCommand: (path, fingerprint) => `waybill trust add ${path} --fingerprint '${fingerprint}'`,
    async startRegistry(store, port) {
      asked.push(['registry', store, port])
      if (port === 80) throw new TransferError('ERR_LISTEN', 'cannot listen on 127.0.0.1:80: taken')
      machine = { ...machine, registry: `127.0.0.1:${port}` }
      return { host: `127.0.0.1:${port}`, lines: [] }
    },
    startRegistryCommand: (store, port) => `waybill serve --store ${store} --listen 127.0.0.1:${port}`,
    async makeSample(folder) {
      asked.push(['sample', folder])
      return {
        bundle: `${folder}/w.tar`,
        certificate: `${folder}/ca.crt`,
        fingerprint: `${TOLD} FFFF`,
        lines: ['wrote'],
      }
    },
    makeSampleCommand: (folder) => `waybill sample ${folder}`,
  }
  const given: Partial<Means> = {
    machine: async () => machine,
    list: async () => [{ name: 'ca.crt', path: '/media/usb/ca.crt', kind: 'certificate', size: 700 }],
    firstSteps,
  }
  return { asked, given }
}

describe('first steps', () => {
  test.each([
    [80, 24],
    [120, 40],
    [40, 15],
  ])('go from nothing to all of it, each with its command, at %i×%i', async (columns, rows) => {
    const { asked, given } = aNewMachine()
    const screens = openedAt('first-steps', { ...given, columns, rows })

    await screens.sees('› 1 Sample')
    await screens.press(ENTER)
    await screens.sees('waybill sample /media/usb')
    expect(screens.screen()).toHaveLength(rows - 1)
    await screens.press(ENTER)
    await screens.sees(TOLD)
    await screens.press(ENTER)
    await screens.sees('ok   /media/usb/w.tar'.slice(0, columns - 15))
    await screens.press(DOWN, ENTER)
    await screens.sees('keys init')
    await screens.press('Acme', ENTER, ENTER)
    await screens.sees('MADE your keys')
    await screens.press(ENTER)
    await screens.sees(/2 Keys {4} +ok/)
    await screens.press(DOWN, DOWN, ENTER)
    await screens.sees('› cert')
    await screens.press(ENTER)
    await screens.sees('CN=Wabbit root')
    expect(screens.screen().join('\n')).not.toMatch(/0123.?4567/)
    expect(screens.screen()).toHaveLength(rows - 1)
    await screens.press(TOLD, ENTER)
    await screens.sees('TRUSTED')
    await screens.press(ENTER)
    await screens.sees(/3 Trust {3} +ok {3}1 exporter/)
    await screens.press(DOWN, DOWN, DOWN, ENTER)
    await screens.sees('waybill serve')
    await screens.press(ENTER, ENTER)
    await screens.sees('STARTED a registry at 127.0.0.1:5000')
    await screens.press(ENTER)
    await screens.sees(/4 Registry +ok/)

    expect(asked).toEqual([
      ['sample', '/media/usb'],
      ['keys', '/home/ada/config/keys', 'Acme'],
      ['trust', '/media/usb/ca.crt', TOLD],
      ['registry', '/media/usb/registry', 5000],
    ])
  })

  test('refuse another fingerprint with words, and let it be typed again', async () => {
    const { given } = aNewMachine()
    const screens = openedAt('first-steps', given)

    await screens.sees('› 1 Sample')
    await screens.press(DOWN, DOWN, ENTER)
    await screens.sees('› cert')
    await screens.press(ENTER)
    await screens.sees('› Fingerprint')
    await screens.press('FFFF 4567', ENTER)
    await screens.sees('ERR_FINGERPRINT_MISMATCH: it is another')
    await screens.press(ESCAPE)
    await screens.sees('› cert')
    await screens.press(ESCAPE)
    await screens.sees('› 1 Sample')

    expect(screens.screen().join('\n')).toContain('say whose bundles are let in')
  })

  test('say that a port is taken, and leave the field open', async () => {
    const screens = openedAt('first-steps', aNewMachine().given)

    await screens.sees('› 1 Sample')
    await screens.press(DOWN, DOWN, DOWN, ENTER)
    await screens.sees('› Folder')
    await screens.press(ENTER, '80', ENTER)
    await screens.sees('ERR_LISTEN: cannot listen on 127.0.0.1:80: taken')
    await screens.press('x', ENTER)
    await screens.sees('a port is a number')
    expect(screens.screen().join('\n')).toContain('› Port')
  })

  test('let no subject begin a line, or push the question off the screen', async () => {
    const { given } = aNewMachine(`CN=${'ok TRUSTED '.repeat(2000)}`)
    const screens = openedAt('first-steps', given)

    await screens.sees('› 1 Sample')
    await screens.press(DOWN, DOWN, ENTER)
    await screens.sees('› cert')
    await screens.press(ENTER)
    await screens.sees('› Fingerprint')

    expect(screens.screen().filter((line) => /^(?:ok|TRUSTED)/.test(line))).toEqual([])
    expect(screens.screen()).toHaveLength(23)
  })
})

describe('the first screen', () => {
  test('begins with First steps where nothing is configured, and says what is', async () => {
    const fresh = openedAt('home', aNewMachine().given)
    const used = openedAt('home', {})

    await fresh.sees('Nothing is configured here yet: begin with First steps.')
    await fresh.sees('› First steps')
    await used.sees('exporters trusted: 1 · keys: none')
    expect(used.screen().join('\n')).not.toContain('Nothing is configured')
  })
})
