import { copyFile, realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { numberedBundles } from '../support/killed-importer.js'
import { anImporterFolder, aServedRegistry, startProgram } from '../support/program.js'
import { wholeTags } from '../support/registry-walk.js'
import { tmpFolder } from '../support/tmp.js'

/** A module that is loaded before the program: from a read on, a file cannot be read any more. */
function unreadable(path: string, fromRead: number): string {
  return `import { readlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
const any = await open('/dev/null')
const handles = Object.getPrototypeOf(any)
await any.close()
const { read } = handles
let reads = 0
handles.read = function (...given) {
  if (readlinkSync('/proc/self/fd/' + this.fd) !== ${JSON.stringify(path)}) return read.apply(this, given)
  reads += 1
  if (reads < ${fromRead}) return read.apply(this, given)
  return Promise.reject(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5, syscall: 'read' }))
}
`
}

it('says that the medium cannot be read, wherever that begins, and comes to its end with one that can', async () => {
  const folder = await anImporterFolder(await tmpFolder())
  const registry = await aServedRegistry(folder)
  const [bundle] = await numberedBundles(1)
  if (bundle === undefined) throw new Error('no bundle')
  const preload = join(folder, 'preload.mjs')
  const words = ['import', bundle.path, '--to', registry, '--json']
  let failed = 0

  for (let fromRead = 1; fromRead < 200; fromRead += Math.ceil(fromRead / 4)) {
    await writeFile(preload, unreadable(await realpath(bundle.path), fromRead))
    const { exit, stdout, stderr } = await startProgram(folder, words, ['--import', preload]).end
    if (exit === 0) break
    failed += 1
    expect(exit, `read ${fromRead}: ${stdout}${stderr}`).toBe(8)
    expect(stderr).toContain('ERR_MEDIUM')
    expect(await wholeTags(registry, 'team/app')).toEqual({})
  }

  expect(failed).toBeGreaterThan(4)
  const { exit, stderr } = await startProgram(folder, words).end
  expect(exit, stderr).toBe(0)
  expect(await wholeTags(registry, 'team/app')).toEqual(bundle.tags)
})

/** A module that is loaded before the program: at a read, something is done to the file first. */
function changing(path: string, { atRead, change }: { readonly atRead: number; readonly change: string }): string {
  return `import { copyFileSync, readlinkSync, renameSync, truncateSync } from 'node:fs'
import { open } from 'node:fs/promises'
const any = await open('/dev/null')
const handles = Object.getPrototypeOf(any)
await any.close()
const { read } = handles
const path = ${JSON.stringify(path)}
let reads = 0
handles.read = function (...given) {
  if (readlinkSync('/proc/self/fd/' + this.fd) === path) {
    reads += 1
    if (reads === ${atRead}) { ${change} }
  }
  return read.apply(this, given)
}
`
}

it.for([
  ['cut short', 'truncateSync(path, 3_000)', 2],
  ['exchanged for another one', 'copyFileSync(path + ".other", path + ".new"); renameSync(path + ".new", path)', 0],
  ['written over by another one', 'copyFileSync(path + ".other", path)', 2],
] as const)(
  'names nothing but what was verified where the file is %s while it is imported',
  async ([, change, least]) => {
    const folder = await anImporterFolder(await tmpFolder())
    const registry = await aServedRegistry(folder)
    const [bundle, other] = await numberedBundles(2)
    if (bundle === undefined || other === undefined) throw new Error('no bundle')
    const path = join(await realpath(folder), 'bundle.tar')
    await copyFile(other.path, `${path}.other`)
    const preload = join(folder, 'preload.mjs')

    let refused = 0
    for (const atRead of [1, 2, 4, 7, 12, 20, 32]) {
      await rm(path, { force: true })
      await copyFile(bundle.path, path)
      await writeFile(preload, changing(path, { atRead, change }))
      const to = `${registry}/read${atRead}`
      const words = ['import', path, '--to', to, '--json', '--state', `state${atRead}`]
      const { exit, stdout, stderr } = await startProgram(folder, words, ['--import', preload]).end

      const tags = await wholeTags(registry, `read${atRead}/team/app`)
      expect(exit === 0 ? [bundle.tags, other.tags] : [{}], `read ${atRead}: ${stdout}${stderr}`).toContainEqual(tags)
      expect(stderr).not.toContain('this is a bug')
      if (exit !== 0) refused += 1
    }

    expect(refused).toBeGreaterThanOrEqual(least)
  },
)
