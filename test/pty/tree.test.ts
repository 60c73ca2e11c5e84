import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { anArtifact, anImage, anIndex } from '../support/build.js'
import { aBundle } from '../support/bundles.js'
import { trustingFolder } from '../support/bundles-commands.js'
import { aSignature, aSigner } from '../support/evidence.js'
import { KEY, type PtyProgram, startInPty } from '../support/pty.js'
import { tmpFolder } from '../support/tmp.js'

const HOSTILE = `漢字 e${'\u0301'.repeat(30)} \u001b[2J\u202eok${' '.repeat(60)}ok    VERIFIED`
const ANYBODY = {
  name: 'anybody',
  registryScopes: ['*'],
  signatureVerification: { level: 'audit' },
  trustStores: ['ca:exporters'],
  trustedIdentities: ['*'],
}

/** A bundle whose signer calls himself what no screen should obey, lying open in an audit. */
async function opened(columns: number, rows: number): Promise<PtyProgram> {
  const signer = await aSigner([], undefined, HOSTILE)
  const image = anImage({ seed: 'tree' })
  const index = anIndex([image, anImage({ seed: 'tree', platform: 'linux/arm/v7' })]).tagged('1.0')
  const signatures = [await aSignature(index, signer), await aSignature(image, signer)]
  const folder = await tmpFolder()
  await trustingFolder(join(folder, 'config'))
  const policy = { version: '1.0', trustPolicies: [ANYBODY] }
  await writeFile(join(folder, 'config', 'trustpolicy.json'), JSON.stringify(policy))
  await copyFile(await aBundle([index, anArtifact({ subject: index }), ...signatures]), join(folder, 'bundle.tar'))
  const program = startInPty({ folder, columns, rows, args: ['verify', 'bundle.tar', '--ui'] })
  await program.sees('line 1 of 2', 30_000)
  return program
}

describe('the tree of a bundle in a real terminal', () => {
  test.each([
    [80, 24],
    [120, 40],
    [40, 15],
  ])('keeps verdicts in their column at %i×%i, whatever a signer calls himself', async (columns, rows) => {
    const program = await opened(columns, rows)

    program.press('/')
    await program.sees('Filter')
    program.press('signature')
    await program.sees(/Filter \(\d+/)
    program.press(KEY.enter)
    await program.sees('filter: signature')

    const lines = program.screen().filter((line) => /^[› ] .*signature/.test(line))
    expect(lines.length).toBeGreaterThan(3)
    for (const line of lines) expect(line).toMatch(/^[› ] (ok {6}|logged {2}|FAIL {4}| {8})[ ▾▸]/)
    expect(program.screen().every((line) => line.length <= columns)).toBe(true)
    expect(program.screen()[0]).toContain('AUDIT of')
    program.press('q')
    expect((await program.end).exit).toBe(0)
  })

  test('shows details in full, smaller and larger, and finds the way back', async () => {
    const program = await opened(80, 24)

    program.press('/')
    await program.sees('Filter')
    program.press('certificate 漢')
    await program.sees(/Filter \(2 of/)
    program.press(KEY.enter)
    await program.sees('filter: certificate')
    program.press(KEY.down, KEY.down)
    await program.sees(/^› .*signer, until/m)
    program.press(KEY.enter)
    await program.sees('Esc: back to the tree')
    expect(program.screen().join('')).toContain('\\u{1b}[2J')
    program.resize(40, 15)
    await program.sees(/lines 1 to \d+ of/)
    program.press('G')
    await program.gone('lines 1 to')
    program.resize(120, 40)
    await program.sees(/^valid until/m)
    program.press(KEY.escape)
    await program.sees('filter: certificate 漢 (2 of')
    program.press('/')
    await program.sees('Filter (2 of')
    program.press(KEY.escape)

    await program.sees(/line \d+ of \d+$/m)
    expect(program.screen().some((line) => /^› .*signer, until/.test(line))).toBe(true)
  })
})
