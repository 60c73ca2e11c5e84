import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readIndex } from '../fixtures/index-rows.js'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-index-'))
  await writeFile(join(folder, 'there'), 'x')
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function indexOf(document: unknown) {
  await writeFile(join(folder, 'index.json'), JSON.stringify(document))
  return readIndex(folder)
}

describe('the index of a folder of fixtures', () => {
  test('needs no more of a row than its file and its verdict', async () => {
    const [indexed] = await indexOf([{ file: 'there', expect: 'valid' }])

    expect(indexed?.broken).toBeUndefined()
    expect(indexed?.row).toMatchObject({ file: 'there', path: 'there', expect: 'valid', sha256: '', why: '' })
  })

  test.each([
    ['names no file', { expect: 'valid' }],
    ['has no verdict', { file: 'there' }],
    ['has a verdict that is none', { file: 'there', expect: 'perhaps' }],
    ['has a file that is not there', { file: 'elsewhere', expect: 'valid' }],
    ['has a folder for a file', { file: '.', expect: 'valid' }],
    ['leads out of the folder', { file: '../there', expect: 'valid' }],
    ['is no object', 5],
  ])('keeps a row that %s, and the others whole', async (_, row) => {
    const rows = await indexOf([row, { file: 'there', expect: 'invalid' }])

    expect(rows.map(({ broken }) => broken === undefined)).toEqual([false, true])
  })

  test('may be empty, and must be a list', async () => {
    expect(await indexOf([])).toEqual([])
    await expect(indexOf({})).rejects.toThrow('not a list')
  })
})
