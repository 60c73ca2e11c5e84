import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeNewFile } from '../../src/cli/new-file.js'
import { tmpFolder } from '../support/tmp.js'

const BYTES = Buffer.from('a signature')

it('writes a file that was not there', async () => {
  const folder = await tmpFolder()

  await writeNewFile(join(folder, 'new'), BYTES)

  expect(await readFile(join(folder, 'new'))).toEqual(BYTES)
  expect(await readdir(folder)).toEqual(['new'])
})

it('leaves a file that is there, and the file that a link leads to', async () => {
  const folder = await tmpFolder()
  await writeFile(join(folder, 'there'), 'before')
  await symlink(join(folder, 'elsewhere'), join(folder, 'link'))

  for (const name of ['there', 'link']) {
    await expect(writeNewFile(join(folder, name), BYTES)).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })
  }
  expect(await readFile(join(folder, 'there'), 'utf8')).toBe('before')
  expect((await readdir(folder)).sort()).toEqual(['link', 'there'])
})

it('says what is wrong where it cannot write', async () => {
  const path = join(await tmpFolder(), 'no', 'such', 'folder')

  await expect(writeNewFile(path, BYTES)).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
})
