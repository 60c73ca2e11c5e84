import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { anImporterFolder, aServedRegistry, startProgram } from '../support/program.js'
import { KEY, startInPty } from '../support/pty.js'
import { tmpFolder } from '../support/tmp.js'

const RELEASE = fileURLToPath(new URL('../vectors/valid-two-repositories-share-blobs/bundle.tar', import.meta.url))

/** A folder in which an importer stands, a registry with two repositories, and a key that it trusts itself. */
async function aFilledRegistry(): Promise<{ readonly folder: string; readonly registry: string }> {
  const folder = await anImporterFolder(await tmpFolder())
  const registry = await aServedRegistry(folder)
  await copyFile(RELEASE, join(folder, 'release.tar'))
  expect((await startProgram(folder, ['import', 'release.tar', '--to', registry]).end).exit).toBe(0)
  await mkdir(join(folder, 'config'), { recursive: true })
  expect((await startProgram(folder, ['keys', 'init', 'config/keys', '--name', 'Wabbit']).end).exit).toBe(0)
  expect((await startProgram(folder, ['trust', 'add', 'config/keys/ca.crt']).end).exit).toBe(0)
  return { folder, registry }
}

describe('an export on a terminal', () => {
  test.each([
    [80, 24],
    [120, 40],
    [40, 15],
  ])('goes from a registry to a bundle that its importer verifies, at %i×%i', async (columns, rows) => {
    const { folder, registry } = await aFilledRegistry()
    const program = startInPty({ folder, columns, rows, args: ['export', '--ui'] })

    await program.sees('› Add: browse')
    program.press(KEY.enter)
    await program.sees('› Registry')
    program.press(registry, KEY.enter)
    await program.sees(/\d repositories/)
    await program.sees(/› [a-z]/)
    program.press(KEY.enter)
    await program.sees(/› \[ \] /)
    program.press(' ')
    await program.sees(/› \[x\] /)
    program.press(KEY.enter)
    await program.sees('› Go on')
    program.press(KEY.enter)
    await program.sees('Estimate: ')
    program.press('carried.tar', KEY.enter)
    await program.sees('› Export')
    program.press(KEY.enter)
    await program.sees(/wrote .*carried\.tar/)
    program.press(KEY.enter)
    await program.sees('What do you want to do?')
    program.press('q')

    expect((await program.end).exit).toBe(0)
    expect(program.terminal.buffer.active.type).toBe('normal')
    const verified = await startProgram(folder, ['verify', 'carried.tar']).end
    expect(verified.stdout).toContain('VERIFIED')
    expect(verified.exit).toBe(0)
  })

  test('says of what the registry has not got that it cannot be carried, and is left by Ctrl+C', async () => {
    const { folder, registry } = await aFilledRegistry()
    const listed = await fetch(`http://${registry}/v2/_catalog`)
    const { repositories } = (await listed.json()) as { readonly repositories: readonly string[] }
    const program = startInPty({ folder, args: ['export', `${registry}/${repositories[0]}:nothing`, '--ui'] })

    await program.sees('› Go on')
    program.press(KEY.enter)
    await program.sees(/ERR_[A-Z_]+: /)
    program.press(KEY.interrupt)

    expect((await program.end).exit).toBe(130)
    expect(program.terminal.buffer.active.type).toBe('normal')
  })
})
