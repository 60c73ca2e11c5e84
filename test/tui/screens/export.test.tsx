import { describe, expect, test } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import type { ExportChoice, Exporting, Machine, Means } from '../../../src/tui/means.js'
import { openedAt } from '../../support/screens.js'

const MACHINE: Machine = { configDir: '/c', trusted: 1, folder: '/media/usb', registry: '127.0.0.1:5000' }
const KEYS = { key: 'signing.key', chain: 'signing.crt', ca: 'ca.crt' }
const DOWN = '\u001b[B'
const ESC = '\u001b'

function means({ machine = {}, ...some }: { readonly machine?: Partial<Machine> } & Partial<Exporting> = {}) {
  const asked: ExportChoice[] = []
  const estimated: ExportChoice[] = []
  const exporting: Exporting = {
    repositories: async () => ['library/alpine', 'wabbit-networks/net-monitor'],
    tags: async () => ['v1.2', 'v1.10', 'latest'],
    estimate: async (choice) => {
      estimated.push(choice)
      const { length } = choice.sources
      const platforms = ['linux/amd64', 'linux/arm64']
      return { artifacts: length, blobs: 7, bytes: 1_500_000, signatures: 2, documents: 1, platforms, unknown: [] }
    },
    check: async (field, text) => (text === '' || text.includes('://') ? `${text} is no ${field}` : undefined),
    command: ({ sources, output }) => `waybill export ${sources.join(' ')} --output ${output}`,
    exportBundle: async (choice) => {
      asked.push(choice)
      return { exit: 0, headline: 'wrote release.tar: 1.5 MB', good: true, lines: [], next: ['carry it'], command: '' }
    },
    ...some,
  }
  const given: Partial<Means> = { machine: async () => ({ ...MACHINE, ...machine }), exporting }
  return { asked, estimated, given }
}

describe('choosing what is exported', () => {
  test.each([
    [80, 24],
    [120, 40],
    [40, 15],
  ])('browses a registry to a tag, estimates, and exports, at %i×%i', async (columns, rows) => {
    const { asked, given } = means()
    const screens = openedAt('export', { ...given, columns, rows })

    await screens.sees('› Add: browse a registry')
    await screens.press('\r')
    await screens.sees('› Registry')
    await screens.press('\r')
    await screens.sees('› library/alpine')
    await screens.press(DOWN, '\r')
    await screens.sees('› [ ] v1.10')
    await screens.press(DOWN, ' ')
    await screens.sees('[x] v1.2')
    expect(screens.screen()).toHaveLength(rows - 1)
    await screens.press('\r')
    await screens.sees('› Go on')
    await screens.press('\r')
    await screens.sees('› File')
    await screens.sees('Estimate: 1.50 MB in 7 blobs')
    expect(screens.screen()).toHaveLength(rows - 1)
    await screens.press('release.tar', '\r')
    await screens.sees('› Export')
    await screens.press('\r')
    await screens.sees('wrote release.tar')

    const sources = ['127.0.0.1:5000/wabbit-networks/net-monitor:v1.2']
    const wanted = { sources, platforms: [], output: 'release.tar', allowUnknownReferrers: false, sign: false }
    expect(asked).toEqual([wanted])
  })

  test('filters names as they are typed, and keeps Esc for the filter', async () => {
    const screens = openedAt('export', means().given)

    await screens.sees('› Add: browse')
    await screens.press('\r')
    await screens.sees('› Registry')
    await screens.press('\r')
    await screens.sees('library/alpine')
    await screens.press('/', 'MON')
    await screens.sees('1 of 2 with')
    await screens.gone('library/alpine')
    await screens.press(ESC)
    await screens.sees('library/alpine')

    await screens.press(ESC)
    await screens.sees('› Registry')
  })

  test('says that a registry cannot be browsed, and takes a name that is typed', async () => {
    const refused = async () => {
      throw new TransferError('ERR_FORBIDDEN', 'registry.example lists no repositories; a name can be typed')
    }
    const screens = openedAt('export', means({ repositories: refused }).given)

    await screens.sees('› Add: browse')
    await screens.press('\r')
    await screens.sees('› Registry')
    await screens.press('registry.example', '\r')
    await screens.sees('lists no repositories')
    await screens.press(ESC)
    await screens.sees('› Registry')
    await screens.press(ESC)
    await screens.sees('› Add: browse')
    await screens.press(DOWN, '\r')
    await screens.sees('› Name')
    await screens.press('https://a', '\r')
    await screens.sees('https://a is no source')
    await screens.press(...Array.from('https://a', () => '\u007f'), 'a.example/b:v1', '\r')

    await screens.sees('Take out: a.example/b:v1')
  })

  test('estimates anew for the platforms that are chosen, and can choose others after that', async () => {
    const { estimated, asked, given } = means({ machine: { keys: KEYS } })
    const start = { export: { sources: ['a.example/b:v1'], output: 'b.tar' } }
    const screens = openedAt('export', { ...given, given: start })

    await screens.sees('› Go on')
    await screens.press('\r')
    await screens.sees('› File')
    await screens.press('\u001b[Z', '\u001b[Z', '\u001b[Z', '\u001b[Z')
    await screens.sees('› Platforms')
    await screens.press('\r')
    await screens.sees('› [ ] linux/amd64')
    await screens.press(' ', '\r')
    await screens.sees(/Platforms +linux\/amd64/)
    await screens.press('\t', ' ', '\t', 'nightly', '\t', ' ')
    await screens.sees('[ ] no')
    await screens.press('\t', '\t')
    await screens.sees('› Export')
    await screens.press('\r')
    await screens.sees('wrote')

    expect(estimated.map(({ platforms }) => platforms)).toEqual([[], ['linux/amd64']])
    const wanted = { sources: ['a.example/b:v1'], platforms: ['linux/amd64'], output: 'b.tar', stream: 'nightly' }
    expect(asked).toEqual([{ ...wanted, allowUnknownReferrers: true, sign: false }])
  })

  test('keeps what was chosen where it came to nothing', async () => {
    const end = { exit: 7, headline: 'no such host', good: false, lines: [], next: [], command: '' }
    const { given } = means({ exportBundle: async () => end })
    const start = { export: { sources: ['a.example/b:v1'], output: 'b.tar' } }
    const screens = openedAt('export', { ...given, given: start })

    await screens.sees('› Go on')
    await screens.press('\r')
    await screens.sees('› File')
    await screens.press('x', '\t')
    await screens.sees('› Export')
    await screens.press('\r')
    await screens.sees('no such host')
    await screens.press('\r')
    await screens.sees('What do you want to do?')
    await screens.press('\u001b[B', '\u001b[B', '\r')

    await screens.sees('› Go on')
    await screens.press('\r')
    await screens.sees(/File +b\.tarx/)
  })

  test('says what is wrong with the file before anything is written', async () => {
    const { asked, given } = means()
    const screens = openedAt('export', { ...given, given: { export: { sources: ['a.example/b:v1'] } } })

    await screens.sees('› Go on')
    await screens.press('\r')
    await screens.sees('› File')
    await screens.press('\t')
    await screens.sees('› Export')
    await screens.press('\r')

    await screens.sees('is no output')
    expect(asked).toEqual([])
  })

  test('shows no foreign name as it is', async () => {
    const hostile = ['a\u001b[2J', `b\u202e${'c'.repeat(5000)}`]
    const screens = openedAt('export', means({ repositories: async () => hostile }).given)

    await screens.sees('› Add: browse')
    await screens.press('\r')
    await screens.sees('› Registry')
    await screens.press('\r')
    await screens.sees('\\u{1b}[2J')

    expect(screens.screen().join('')).not.toMatch(/[\u001b\u202e]/)
    expect(screens.screen().filter((line) => line.length > 80)).toEqual([])
  })
})
