import { expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.js'
import {
  digestFileName,
  digestOfFileName,
  repositoryFolderName,
  repositoryOfFolderName,
  tagFileName,
  tagOfFileName,
} from '../../src/serve/file-names.js'

test.each(['latest', 'Latest', 'LATEST', '1.0', '_x', 'a.', 'con', 'v1-RC.2', 'Z'.repeat(128), `${'a'.repeat(127)}B`])(
  'the tag %s comes back from its file name',
  (tag) => {
    const name = tagFileName(tag)

    expect(tagOfFileName(name)).toBe(tag)
    expect(name).toBe(name.toLowerCase())
    expect(name.length).toBeLessThan(255)
  },
)

test('tags that differ in case alone have different file names', () => {
  const names = ['latest', 'Latest', 'LATEST', 'lateST'].map(tagFileName)

  expect(new Set(names).size).toBe(4)
})

test.each([
  'latest',
  'latest+',
  '+0',
  'latest+0+0',
  'latest+zz',
  '..+0',
  'Latest+0',
  'latest+00',
  '1+1',
  `a+${'f'.repeat(33)}`,
])('the file name %s, which we do not write, is no tag', (name) => {
  expect(tagOfFileName(name)).toBeUndefined()
})

test('a repository is one folder, whatever slashes its name has', () => {
  const name = repositoryFolderName('team/app/index.json')

  expect(name).not.toContain('/')
  expect(repositoryOfFolderName(name)).toBe('team/app/index.json')
  expect(repositoryOfFolderName('lost+found+')).toBeUndefined()
})

test('digests come back from their file names', () => {
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const digest = digestOf(Buffer.from('x'), algorithm)

    expect(digestOfFileName(digestFileName(digest))).toBe(digest)
  }
  expect(digestOfFileName('sha256-short')).toBeUndefined()
})
