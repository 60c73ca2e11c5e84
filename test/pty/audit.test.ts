import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { aBundle, aRelease } from '../support/bundles.js'
import { trustingFolder } from '../support/bundles-commands.js'
import { fixedSigner } from '../support/keys-fixed.js'
import { KEY, type PtyOptions, type PtyProgram, startInPty } from '../support/pty.js'
import { aReceipt, aReceiptFile } from '../support/receipts.js'
import { tmpFolder } from '../support/tmp.js'

/** A folder with a configuration that trusts the exporter of the vectors, and a signed bundle with an SBOM. */
async function aDesk(): Promise<string> {
  const folder = await tmpFolder()
  await trustingFolder(join(folder, 'config'))
  await copyFile(await aBundle(aRelease().all), join(folder, 'bundle.tar'))
  return folder
}

/** The certificates of the vectors are of 2026: the audit has their clock. */
const AT = ['--at', '2026-11-22T12:00:00Z']

function auditing(folder: string, file: string, size: Partial<PtyOptions> = {}): PtyProgram {
  return startInPty({ folder, args: ['verify', file, '--ui', ...AT], ...size })
}

async function damaged(path: string, to: string): Promise<void> {
  const bytes = await readFile(path)
  bytes[bytes.indexOf('SPDX-2.3')] = 0x58
  await writeFile(to, bytes)
}

describe('an audit on a terminal', () => {
  test.each([
    [80, 24],
    [120, 40],
    [40, 15],
  ])('walks from a bundle to a certificate and to an SBOM at %i×%i', async (columns, rows) => {
    const program = auditing(await aDesk(), 'bundle.tar', { columns, rows })

    await program.sees('Waybill · VERIFIED')
    // What somebody pastes, and keys that nobody has a name for.
    program.press('\u001b[31m', '\u001b[99;5~')
    program.press('/')
    await program.sees('Filter')
    program.press('signer c=zz')
    await program.sees(/match\): signer c=zz/)
    program.press(KEY.enter)
    await program.sees('filter: signer c=zz')
    program.press(KEY.end, KEY.enter)
    await program.sees('valid from')
    program.press(KEY.escape)
    await program.sees('filter: signer c=zz')
    program.press('/')
    await program.sees('Filter')
    program.press(KEY.escape)
    await program.gone('Filter')
    program.press('d')
    await program.sees('document 1 of')
    program.press(KEY.enter)
    await program.sees('Reading: waybill')
    program.press(KEY.end)
    await program.sees(/lines \d+ to (\d+) of \1/)
    await program.sees('Waybill · VERIFIED')
    program.press('q')

    expect(await program.end).toMatchObject({ exit: 0 })
    expect(program.terminal.buffer.active.type).toBe('normal')
    await program.sees('VERIFIED bundle.tar as of')
  })

  test('says NOT VERIFIED of a bundle that was changed, and ends as verify does', async () => {
    const folder = await aDesk()
    await damaged(join(folder, 'bundle.tar'), join(folder, 'changed.tar'))
    const program = auditing(folder, 'changed.tar')

    await program.sees('NOT VERIFIED · AUDIT of "changed.tar"')
    await program.sees('FAIL')
    program.press('q')

    expect(await program.end).toMatchObject({ exit: 6 })
  })

  test('opens a receipt, and says whose word it is', async () => {
    const folder = await aDesk()
    await writeFile(join(folder, 'x.receipt'), await aReceiptFile(aReceipt(), fixedSigner()))
    const program = auditing(folder, 'x.receipt')

    await program.sees('Waybill · VERIFIED · AUDIT of "x.receipt"')
    await program.sees('admitted registry.example/app:1.0')
    program.press(KEY.escape)
    await program.sees('choose a bundle or a receipt')
    program.press('q')
    await program.end
  })

  test('tells garbage, a huge file, a folder and a pipe, and waits for none of them', async () => {
    const folder = await aDesk()
    await mkdir(join(folder, 'folder'))
    await writeFile(join(folder, 'garbage'), 'garbage'.repeat(1000))
    await writeFile(join(folder, 'huge'), '')
    await truncate(join(folder, 'huge'), 2 ** 40)
    execFileSync('mkfifo', [join(folder, 'pipe')])

    for (const name of ['garbage', 'huge', 'folder', 'pipe', 'nothing', '/dev/zero']) {
      const program = auditing(folder, name)
      await program.sees('NOT OPENED')
      await program.sees(/ERR_[A-Z_]+/)
      program.press(KEY.enter)
      await program.sees('choose a bundle or a receipt')
      program.press('q')
      expect((await program.end).exit).toBeGreaterThan(1)
    }
  })

  test('finds a bundle in the list, and takes a path that is typed', async () => {
    const folder = await aDesk()
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const program = startInPty({ folder })

    await program.sees('Audit a bundle or a receipt')
    program.press(KEY.down, KEY.down, KEY.down)
    await program.sees('› Audit')
    program.press(KEY.enter)
    await program.sees(/› bundle .*bundle\.tar/)
    program.press(KEY.tab)
    await program.sees('Path:')
    program.press('pipe', KEY.enter)
    await program.sees('NOT OPENED')
    await program.sees('ERR_MEDIUM')
    program.press(KEY.enter)
    await program.sees(/› bundle .*bundle\.tar/)
    program.press(KEY.enter)
    await program.sees('AUDIT of "bundle.tar"')
    program.press('q')
    await program.end
  })
})
