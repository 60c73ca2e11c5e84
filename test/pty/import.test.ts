import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readFixed } from '../support/keys-fixed.js'
import { anImporterFolder, aServedRegistry, FIXED_KEY, startProgram } from '../support/program.js'
import { KEY, type PtyProgram, startInPty } from '../support/pty.js'
import { wholeTags } from '../support/registry-walk.js'
import { tmpFolder } from '../support/tmp.js'

const RELEASE = fileURLToPath(new URL('../vectors/valid-two-repositories-share-blobs/bundle.tar', import.meta.url))
const SIZES = [
  [80, 24],
  [120, 40],
  [40, 15],
] as const
const SIZE = { columns: 80, rows: 24 }

interface Given {
  readonly columns: number
  readonly rows: number
  /** another exporter than that of the bundle is trusted */
  readonly untrusted?: true
  /** the import policy */
  readonly policy?: string
  /** typed as the receipt's file; the machine has a key then */
  readonly receipt?: string
}

interface Importing {
  readonly program: PtyProgram
  readonly folder: string
  readonly registry: string
}

/** Goes through the screens until a bundle is verified. */
async function verified({ untrusted, policy, receipt, ...size }: Given): Promise<Importing> {
  const folder = await anImporterFolder(await tmpFolder())
  const registry = await aServedRegistry(folder)
  await copyFile(RELEASE, join(folder, 'release.tar'))
  if (policy !== undefined) await writeFile(join(folder, 'config/import-policy.yaml'), policy)
  if (receipt !== undefined) await keysOfFirstSteps(folder)
  if (untrusted) await trustSomebodyElse(folder)
  const program = startInPty({ folder, ...size })
  await program.sees('What do you want to do?')
  program.press(KEY.down)
  await program.sees(/› Import/)
  program.press(KEY.enter)
  await program.sees('› bundle')
  program.press(KEY.enter)
  await program.sees('› Target')
  program.press(registry, KEY.enter)
  if (receipt !== undefined) {
    await program.sees('› Receipt')
    program.press(receipt, KEY.enter)
    await program.sees('› Countersign')
    program.press(KEY.enter)
  }
  await program.sees('› Verify')
  expect(program.screen().join('').replace(/\s+/g, '')).toContain(`--to${registry}`)
  program.press(KEY.enter)
  return { program, folder, registry }
}

async function keysOfFirstSteps(folder: string): Promise<void> {
  const keys = join(folder, 'config/keys')
  await mkdir(keys, { recursive: true })
  await writeFile(join(keys, 'signing.key'), readFixed('keys/exporter.key'), { mode: 0o600 })
  await writeFile(join(keys, 'signing.crt'), readFixed('keys/exporter.crt'))
  await writeFile(join(keys, 'ca.crt'), readFixed('trust/exporter-root.crt'))
}

async function trustSomebodyElse(folder: string): Promise<void> {
  expect((await startProgram(folder, ['keys', 'init', 'other', '--name', 'Somebody else']).end).exit).toBe(0)
  await copyFile(join(folder, 'other/ca.crt'), join(folder, 'config/truststore/x509/ca/exporters/root.crt'))
}

/** Leaves the end of an import and the program, which says to the shell how the import ended. */
async function left({ program }: Importing, exit: number): Promise<void> {
  program.press(KEY.enter)
  await program.sees('What do you want to do?')
  program.press('q')
  expect(await program.end).toEqual({ exit, signal: undefined })
  expect(program.terminal.buffer.active.type).toBe('normal')
}

describe('an import on the screen', () => {
  test.each(SIZES)('is chosen, verified, reviewed, loaded and summed up at %i×%i', async (columns, rows) => {
    const importing = await verified({ columns, rows })
    const { program, registry } = importing

    await program.sees('2 admitted')
    await program.sees('line 1 of 3')
    program.press(KEY.down, KEY.right)
    await program.sees('▾')
    program.press('L')
    await program.sees('LOADED')
    await program.sees('What was done')
    await left(importing, 0)

    expect(program.screen().join('\n')).toMatch(/LOADED$/m)
    expect(Object.keys(await wholeTags(registry, 'team/app'))).toEqual(['1.0'])
  })

  test.each(SIZES)('leaves out what a person refuses, and says why in the receipt, at %i×%i', async (columns, rows) => {
    const importing = await verified({ columns, rows, receipt: 'release.receipt' })
    const { program, folder, registry } = importing

    await program.sees('2 admitted')
    program.press(KEY.down, 'r')
    await program.sees('Why:')
    program.press('not before the audit', KEY.enter)
    await program.sees('1 refused by you')
    await program.sees('› refused')
    program.press('L')
    await program.sees('Load 1 artifact?')
    program.press('y')
    await program.sees('LOADED IN PART')
    await left(importing, 4)

    expect(await wholeTags(registry, 'library/tool')).toEqual({})
    expect(Object.keys(await wholeTags(registry, 'team/app'))).toEqual(['1.0'])
    const shown = await startProgram(folder, ['receipt', 'show', 'release.receipt']).end
    expect(shown.stdout).toContain('a person refuses it: not before the audit')
  })

  test('begins with what the command line says, and does it', async () => {
    const folder = await anImporterFolder(await tmpFolder())
    const registry = await aServedRegistry(folder)
    await copyFile(RELEASE, join(folder, 'release.tar'))
    const said = ['import', 'release.tar', '--to', registry, ...FIXED_KEY, '--receipt', 'r.receipt', '--ui']
    const program = startInPty({ folder, args: said, ...SIZE })

    await program.sees('› Verify')
    expect(
      program
        .screen()
        .join('')
        .replace(/[\s\\]+/g, ''),
    ).toContain('--receiptr.receipt--keyimporter.key')
    program.press(KEY.enter)
    await program.sees('2 admitted')
    program.press('L')
    await program.sees('LOADED')
    await left({ program, folder, registry }, 0)

    expect(Object.keys(await wholeTags(registry, 'team/app'))).toEqual(['1.0'])
    const shown = await startProgram(folder, ['receipt', 'show', 'r.receipt']).end
    expect(shown.exit).toBe(0)
  })

  test.each(SIZES)('is refused where nobody trusts who signed the bundle, at %i×%i', async (columns, rows) => {
    const importing = await verified({ columns, rows, untrusted: true })
    const { program, registry } = importing

    await program.sees('Nothing can be loaded')
    // On the smallest screen the reason takes another line than there is.
    if (rows >= 24) await program.sees(/is not in\s/)
    program.press('L', 'a', KEY.escape)
    await program.sees('NOT LOADED (not-authentic)')
    await left(importing, 5)

    expect(await wholeTags(registry, 'team/app')).toEqual({})
  })

  test.each(SIZES)('is refused where the policy refuses, whatever is pressed, at %i×%i', async (columns, rows) => {
    const importing = await verified({ columns, rows, policy: NOBODY })
    const { program, registry } = importing

    await program.sees('Nothing can be loaded')
    program.press('G', 'a', 'L')
    program.press(KEY.escape)
    await program.sees('NOT LOADED (not-authentic)')
    if (rows >= 24) await program.sees('is NOT LOADED:')
    await left(importing, 5)

    expect(await wholeTags(registry, 'team/app')).toEqual({})
  })
})

/** Artifacts need a signature, and the release has none. */
const NOBODY = `version: 1
signers:
  exporter: {stores: ['ca:exporters'], identities: ['*']}
streams:
  - {stream: '*', signedBy: [exporter]}
unstreamed: {signedBy: [exporter]}
artifacts:
  - {from: ['*'], signatures: [{anyOf: [exporter]}], unsigned: refuse}
`
