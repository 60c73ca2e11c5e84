import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { numberedBundles } from '../support/killed-importer.js'
import { anImporterFolder, aServedRegistry, FIXED_KEY, startProgram } from '../support/program.js'
import { wholeTags } from '../support/registry-walk.js'
import { tmpFolder } from '../support/tmp.js'

const run = promisify(execFile)

it.for([
  ['state', '--state', 'disk/state'],
  ['journal', '--journal', 'disk/journal'],
  ['receipt', '--receipt', 'disk/receipt.json'],
])(
  'says that there is no room for the %s, and comes to its end when there is',
  async ([what = '', word = '', path = ''], test) => {
    const folder = await anImporterFolder(await tmpFolder())
    const disk = join(folder, 'disk')
    await run('mkdir', [disk])
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
    } catch {
      test.skip('only root may mount a small disk')
    }
    onTestFinished(async () => {
      await run('umount', ['-l', disk])
    })
    await writeFile(join(disk, 'other'), Buffer.alloc(100_000)).catch(() => undefined)
    const registry = await aServedRegistry(folder)
    const [bundle] = await numberedBundles(1)
    if (bundle === undefined) throw new Error('no bundle')
    const words = ['import', bundle.path, '--to', registry, word, path, ...FIXED_KEY]

    const { exit, stdout, stderr } = await startProgram(folder, words).end

    expect(exit, stdout + stderr).toBe(8)
    expect(stderr).toContain('ERR_DISK_FULL')
    const tags = await wholeTags(registry, 'team/app')
    expect(tags).toEqual(what === 'receipt' ? bundle.tags : {})
    await rm(join(disk, 'other'))
    const again = await startProgram(folder, words).end
    expect(again.exit, again.stderr).toBe(0)
    expect(await wholeTags(registry, 'team/app')).toEqual(bundle.tags)
  },
)
