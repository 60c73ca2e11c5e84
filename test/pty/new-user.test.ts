import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { aLoopbackProxy } from '../support/loopback-proxy.js'
import { aServedRegistry } from '../support/program.js'
import { KEY, type PtyProgram, startInPty } from '../support/pty.js'
import { screenPicture } from '../support/screen-picture.js'
import { tmpFolder } from '../support/tmp.js'
import { followScreen, type Seen, type Told } from '../support/told.js'
import { outline, steady, transcript } from '../support/transcript.js'

const { enter, down } = KEY
const SIZE = { columns: 80, rows: 24 }

const STEPS: readonly Told[] = [
  {
    title: 'A machine on which nothing is configured',
    sees: 'begin with First steps',
    press: [enter],
    named: 'Enter',
    picture: 'home',
  },
  { title: 'A sample', sees: '› 1 Sample', press: [enter], named: 'Enter' },
  { sees: 'Enter: make it', press: [enter], named: 'Enter' },
  {
    sees: 'Note down these first four groups',
    notes: { fingerprint: /exporter tells you: ((?:[0-9A-F]{4} ){3}[0-9A-F]{4})/ },
    press: [enter],
    named: 'Enter, with the four groups noted down',
  },
  { title: 'Keys', sees: /1 Sample +ok/, press: [down, enter], named: '↓ and Enter' },
  { sees: '› Name', press: ['Acme Rockets', enter], named: '`Acme Rockets` and Enter' },
  { sees: 'Enter: make them', press: [enter], named: 'Enter' },
  { sees: 'MADE your keys', press: [enter], named: 'Enter' },
  { title: 'Trust', sees: /2 Keys +ok/, press: [down, down, enter], named: '↓ twice and Enter' },
  { sees: /› cert .*exporter-ca\.crt/, press: [enter], named: 'Enter' },
  {
    sees: 'Type the first four groups',
    press: [(read) => read.get('fingerprint') ?? '', enter],
    named: 'the four groups and Enter',
  },
  { sees: 'TRUSTED', press: [enter], named: 'Enter' },
  { title: 'A registry', sees: /3 Trust +ok/, press: [down, down, down, enter], named: '↓ three times and Enter' },
  { sees: '› Folder', press: [enter], named: 'Enter' },
  { sees: '› Port', press: ['0', enter], named: '`0` and Enter' },
  { sees: 'STARTED a registry', press: [enter], named: 'Enter' },
  { title: 'The import', sees: /4 Registry +ok/, press: [KEY.end, enter], named: 'End and Enter' },
  { sees: /› bundle .*wabbit-networks\.tar/, press: [enter], named: 'Enter' },
  { sees: '› Target', press: [enter], named: 'Enter' },
  { sees: '› Receipt', press: ['receipt.json', enter], named: '`receipt.json` and Enter' },
  { sees: '› Countersign', press: [enter], named: 'Enter' },
  { sees: 'Enter: verify the bundle', press: [enter], named: 'Enter' },
  { title: 'The review', sees: 'L LOAD', press: [down, KEY.right], named: '↓ and →' },
  { sees: 'linux/arm64', press: ['L'], named: 'L', picture: 'review' },
  { title: 'What came of it', sees: /^LOADED$/m, press: [enter], named: 'Enter', picture: 'summary' },
]

/** Afterwards: the same bundle, without a target. */
const AUDIT: readonly Told[] = [
  { title: 'An audit', sees: '› First steps', press: [KEY.end, enter], named: 'End and Enter' },
  { sees: /bundle .*wabbit-networks\.tar/, press: [down, enter], named: '↓ and Enter' },
  { sees: 'd documents', press: [down, KEY.right], named: '↓ and →' },
  { sees: 'VERIFIED', press: [], named: '', picture: 'audit' },
]

/** The same bundle once more, into a registry that takes its time. */
const SLOWLY: readonly Told[] = [
  { title: 'A load that takes longer', sees: 'Enter: verify the bundle', press: [enter], named: 'Enter' },
  { sees: 'L LOAD', press: ['L'], named: 'L' },
  { sees: /blobs · copied \d/, press: ['p'], named: 'p', picture: 'load' },
  { sees: 'Paused: p goes on', press: ['p'], named: 'p' },
]

const PAGES = new URL('../../docs/', import.meta.url)

test('a new user comes from nothing to a loaded release by reading only the screen', async () => {
  // The length of this path is on the screens: it is the same on every machine.
  const folder = await mkdtemp('/tmp/waybill-')
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const program = startInPty({ folder, ...SIZE })

  const words = steady(folder)
  const pictures = new Map<string, string>()
  const keepOf = ({ terminal }: PtyProgram) => {
    return ({ told: { picture } }: Seen): void => {
      if (picture !== undefined) pictures.set(picture, screenPicture(terminal, words))
    }
  }

  const seen = await followScreen(program, STEPS, keepOf(program))
  const summary = seen.at(-1)?.screen.join('\n') ?? ''
  const host = /-> (127\.0\.0\.1:\d+)/.exec(summary)?.[1]
  const tags = await (await fetch(`http://${host}/v2/net-monitor/tags/list`)).json()
  seen.push(...(await followScreen(program, AUDIT, keepOf(program))))

  const slow = await aSlowRegistry()
  const second = startInPty({ folder, ...SIZE, args: ['import', 'wabbit-networks.tar', '--to', slow.host, '--ui'] })
  seen.push(...(await followScreen(second, SLOWLY, keepOf(second))))
  slow.hurry()
  await second.sees(/^LOADED$/m)
  second.press('q')
  expect((await second.end).exit).toBe(0)

  expect(summary).toContain('in receipt.json')
  expect(tags).toMatchObject({ tags: ['v1'] })
  expect(await readFile(join(folder, 'receipt.json'), 'utf8')).toMatch(/^\{/)
  program.press('q')
  expect((await program.end).exit).toBe(0)
  await expect(fetch(`http://${host}/v2/`)).rejects.toThrow()

  const page = transcript(seen, words)
  if (process.env['WAYBILL_WRITE_SCREENS'] === 'yes') await write(page, pictures)
  expect(outline(await readFile(new URL('screens.md', PAGES), 'utf8'))).toEqual(outline(page))
})

/** A registry that answers the first requests, and lets all others wait until it is told to hurry. */
async function aSlowRegistry() {
  const proxy = await aLoopbackProxy(await aServedRegistry(await tmpFolder()))
  let writes = 0
  proxy.before = ({ kind }) => {
    if (kind === 'read') return 'pass'
    writes += 1
    return writes > 8 ? 'stall' : 'pass'
  }
  const hurry = (): void => {
    proxy.before = () => 'pass'
    proxy.letGo()
  }
  return { host: proxy.host, hurry }
}

async function write(page: string, pictures: ReadonlyMap<string, string>): Promise<void> {
  await writeFile(new URL('screens.md', PAGES), page)
  await mkdir(new URL('pictures/', PAGES), { recursive: true })
  for (const [name, svg] of pictures) await writeFile(new URL(`pictures/${name}.svg`, PAGES), svg)
}
