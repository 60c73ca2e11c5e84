import { describe, expect, test } from 'vitest'
import type { FolderEntry, ImportChoice, Machine, Means } from '../../../src/tui/means.js'
import { openedAt } from '../../support/screens.js'

const FILES: Readonly<Record<string, readonly FolderEntry[]>> = {
  '/media/usb': [
    { name: 'notes.txt', path: '/media/usb/notes.txt', kind: 'other', size: 12 },
    { name: 'net-monitor.tar', path: '/media/usb/net-monitor.tar', kind: 'bundle', size: 1_200_000_000 },
    { name: 'older', path: '/media/usb/older', kind: 'folder', size: 0 },
  ],
  '/media/usb/older': [{ name: 'v1.tar', path: '/media/usb/older/v1.tar', kind: 'bundle', size: 2000 }],
}
const MACHINE: Machine = { configDir: '/c', trusted: 1, folder: '/media/usb', registry: '127.0.0.1:5000' }
const KEYS = { key: 'signing.key', chain: 'signing.crt', ca: 'ca.crt' }

function means(machine: Partial<Machine> = {}) {
  const asked: ImportChoice[] = []
  const given: Partial<Means> = {
    machine: async () => ({ ...MACHINE, ...machine }),
    list: async (folder) => FILES[folder] ?? Promise.reject(new Error('no such folder')),
    checkImport: async (field, text) =>
      (field === 'to' && text.includes('://')) || text.includes('none') ? `${text} is no ${field}` : undefined,
    importBundle: async (choice) => {
      asked.push(choice)
      return { exit: 0, headline: 'LOADED', good: true, lines: [], next: [], command: '' }
    },
  }
  return { asked, given }
}

describe('choosing what is imported', () => {
  test.each([
    [80, 24],
    [40, 15],
  ])('takes a bundle of the folder and a target, at %i×%i', async (columns, rows) => {
    const { asked, given } = means()
    const screens = openedAt('import', { ...given, columns, rows })

    await screens.sees(/› bundle .*net-monitor.tar/)
    await screens.sees('waybill import BUNDLE --to TARGET')
    expect(screens.screen()).toHaveLength(rows - 1)
    await screens.press('\r')
    await screens.sees('› Target')
    await screens.press('https://x', '\r')
    await screens.sees('https://x is no to')
    await screens.press(...Array.from('https://x', () => '\u007f'), '\r')
    await screens.sees('› Verify')
    expect(screens.screen().join('').replace(/\s+/g, ' ')).toContain('127.0.0.1:5000')
    expect(screens.screen()).toHaveLength(rows - 1)
    await screens.press('\r')

    await expect.poll(() => asked).toEqual([{ path: '/media/usb/net-monitor.tar', to: '127.0.0.1:5000' }])
  })

  test('goes into folders, and back from the fields to the files', async () => {
    const screens = openedAt('import', means().given)

    await screens.sees('older')
    await screens.press('\u001b[B', '\u001b[B', '\r')
    await screens.sees('v1.tar')
    await screens.press('\r')
    await screens.sees('/media/usb/older/v1.tar')
    await screens.press('\u001b')

    await screens.sees('net-monitor.tar')
  })

  test('says at once that there is no such file', async () => {
    const screens = openedAt('import', means().given)

    await screens.sees('older')
    await screens.press('\t', '/none.tar', '\r')

    await screens.sees('/none.tar is no path')
  })

  test('offers a receipt and a countersignature where there is a key', async () => {
    const { asked, given } = means({ keys: KEYS })
    const screens = openedAt('import', given)

    await screens.sees('net-monitor.tar')
    await screens.press('\r')
    await screens.sees('› Target')
    await screens.press('\r')
    await screens.sees('› Receipt')
    await screens.press('r.jws', '\r')
    await screens.sees('› Countersign')
    await screens.press(' ')
    await screens.sees('[x] yes')
    await screens.press('\r')
    await screens.sees('› Verify')
    await screens.press('\r')

    const to = '127.0.0.1:5000'
    const wanted = { path: '/media/usb/net-monitor.tar', to, receipt: 'r.jws', countersign: true }
    await expect.poll(() => asked).toEqual([wanted])
  })

  test('goes back to a field that has become wrong before it starts', async () => {
    const { asked, given } = means()
    const screens = openedAt('import', given)

    await screens.sees('net-monitor.tar')
    await screens.press('\r')
    await screens.sees('› Target')
    await screens.press('none', '\t')
    await screens.sees('› Verify')
    await screens.press('\r')

    await screens.sees('none is no to')
    await screens.sees('› Target')
    expect(asked).toEqual([])
  })

  test('shows its help where no text is typed, and comes back to the form as it was', async () => {
    const screens = openedAt('import', means().given)

    await screens.sees('net-monitor.tar')
    await screens.press('\r')
    await screens.sees('› Target')
    await screens.press('?host', '\t')
    await screens.sees('› Verify')
    await screens.press('?')
    await screens.sees('· Keys')
    await screens.press('\u001b')

    await screens.sees('?host')
  })

  test('offers first steps where no exporter is trusted', async () => {
    const screens = openedAt('import', means({ trusted: 0 }).given)

    await screens.sees('No exporter is trusted')
    await screens.press('\u001b[B', '\r')
    await screens.sees('net-monitor.tar')
  })

  test('goes to first steps', async () => {
    const screens = openedAt('import', means({ trusted: 0 }).given)

    await screens.sees('No exporter is trusted')
    await screens.press('\r')

    await expect.poll(() => screens.session.shown().screens).toEqual(['home', 'first-steps'])
  })
})
