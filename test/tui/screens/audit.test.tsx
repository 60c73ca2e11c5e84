import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openAudit } from '../../../src/cli/ui/audit.js'
import type { FolderEntry, Means } from '../../../src/tui/means.js'
import { auditContext } from '../../support/audits.js'
import { aBundle } from '../../support/bundles.js'
import type { FramesOptions } from '../../support/frames.js'
import { mintChain, signerOf } from '../../support/keys.js'
import { fixedSigner } from '../../support/keys-fixed.js'
import { KEY } from '../../support/pty.js'
import { aReceipt, aReceiptFile } from '../../support/receipts.js'
import { openedAt } from '../../support/screens.js'
import { tmpFolder } from '../../support/tmp.js'

/** The screen with one file in its list, and the real use case behind it. */
async function auditing(path: string, size: FramesOptions = {}) {
  const entry: FolderEntry = { name: path.split('/').at(-1) ?? '', path, kind: 'bundle', size: 4200 }
  const screens = openedAt('audit', {
    ...size,
    machine: async () => ({ configDir: '/config', trusted: 1, folder: dirname(path) }),
    list: async () => [entry],
    openAudit: closing(openAudit(await auditContext())),
  })
  await screens.sees('› bundle')
  return screens
}

function closing(open: Means['openAudit']): Means['openAudit'] {
  return async (path, given) => {
    const audit = await open(path, given)
    onTestFinished(() => audit.close())
    return audit
  }
}

async function opened(path: string, size: FramesOptions = {}) {
  const screens = await auditing(path, size)
  await screens.press(KEY.enter)
  await screens.sees('AUDIT of')
  return screens
}

describe('the audit screen', () => {
  test('walks from a bundle to a certificate, and back', async () => {
    const screens = await opened(await aBundle())

    await screens.sees('· VERIFIED · AUDIT of "bundle.tar"')
    await screens.press('/')
    await screens.sees('Filter')
    await screens.press('signer ', KEY.enter)
    await screens.sees(/signer, until .*CN=Exporter/)
    await screens.press(KEY.end, KEY.enter)
    await screens.sees('valid until')
    await screens.sees('when signed')
    await screens.press(KEY.escape)
    await screens.sees('filter: signer')
  })

  test.each([
    [80, 24],
    [40, 15],
  ])('lists and shows documents at %i×%i', async (columns, rows) => {
    const screens = await opened(await aBundle(), { columns, rows })

    await screens.press('d')
    await screens.sees('document 1 of')
    await screens.press(KEY.enter)
    await screens.sees('"createdAt"')
    await screens.press(KEY.pageDown)
    await screens.sees(/lines \d\d? to/)
    await screens.sees('· VERIFIED ·')
    expect(screens.screen().length).toBeLessThanOrEqual(rows)
    await screens.press(KEY.escape)
    await screens.sees('document 1 of')
    await screens.press(KEY.escape)
    await screens.sees('line 1 of')
    await screens.press(KEY.escape)
    await screens.sees('choose a bundle')
  })

  test('keeps the verdict in sight whatever the file is called, at 40 columns', async () => {
    const path = await aBundle(undefined, { signer: signerOf(await mintChain()) })
    const name = join(dirname(path), `${'漢'.repeat(40)}": VERIFIED`)
    await rename(path, name)

    const screens = await opened(name, { columns: 40, rows: 15 })

    expect(screens.screen()[0]).toMatch(/^Waybill · NOT VERIFIED · AUDIT of "/)
    await screens.sees('CLAIMS ONLY')
  })

  test('shows the checks while they are made, and can be stopped', async () => {
    const screens = openedAt('audit', {
      machine: async () => ({ configDir: '/config', trusted: 1, folder: '/media' }),
      list: async () => [{ name: 'b.tar', path: '/media/b.tar', kind: 'bundle', size: 1 }],
      openAudit: (_, { emit, signal }) =>
        new Promise((_resolve, reject) => {
          emit({ type: 'stage-started', stage: 'verify' })
          emit({ type: 'checked', check: 'structure', subject: '/media/b.tar', result: 'pass' })
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    })
    await screens.sees('› bundle')

    await screens.press(KEY.enter)
    await screens.sees(/structure +ok/)
    await screens.press('s')

    await screens.sees('NOT OPENED')
    await screens.sees('Stopped before the end.')
  })

  test('tells what is no bundle, and goes back to the list', async () => {
    const path = join(await tmpFolder(), 'garbage')
    await writeFile(path, 'garbage'.repeat(1000))
    const screens = await auditing(path)

    await screens.press(KEY.enter)
    await screens.sees('NOT OPENED')
    await screens.sees('ERR_BUNDLE_FORMAT')
    await screens.press(KEY.enter)
    await screens.sees('choose a bundle')
  })

  test('tells in the pane that a medium has changed', async () => {
    const path = await aBundle()
    const screens = await opened(path)
    const bytes = await readFile(path)
    bytes[bytes.indexOf('SPDX-2.3')] = 0x58
    await writeFile(path, bytes)

    await screens.press('/')
    await screens.sees('Filter')
    await screens.press('spdx', KEY.enter)
    await screens.press(KEY.end, KEY.enter)
    await screens.sees('Enter: read the document')
    await screens.press(KEY.enter)

    await screens.sees('ERR_CONTENT_MISMATCH')
  })

  test('shows a receipt', async () => {
    const path = join(await tmpFolder(), 'x.receipt')
    await writeFile(path, await aReceiptFile(aReceipt(), fixedSigner()))

    const screens = await opened(path)

    expect(screens.screen()[0]).toBe('Waybill · VERIFIED · AUDIT of "x.receipt"')
    await screens.sees(/› ok .*receipt: loaded into registry.acme.example\/mirror/)
    await screens.sees(/ok +new +admitted registry.example\/app:1.0/)
    await screens.press(KEY.right, KEY.down, KEY.enter)
    await screens.sees('importers')
  })
})
