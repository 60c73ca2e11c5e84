import type { Expectation, FixtureFolder, FixtureRow } from '../fixtures/fixture-rule.js'
import { NOW } from './keys.js'

/** A file of a folder of fixtures that a test makes: what it holds, and what it should come to. */
export interface MadeFile {
  readonly bytes: Uint8Array | string
  readonly expect: Expectation
  readonly repo?: string
}

/** A folder of fixtures in memory, its rows in the order given. */
export function aFixtureFolder(files: Readonly<Record<string, MadeFile>>): FixtureFolder {
  const rows = Object.entries(files).map(([file, { expect, repo = 'some/project' }]): FixtureRow => {
    return { file, repo, path: file, expect, why: '', sha256: '' }
  })
  const contents = new Map(Object.entries(files).map(([file, { bytes }]) => [file, Buffer.from(bytes)]))
  return { rows, today: NOW, bytes: ({ file }) => contents.get(file) ?? new Uint8Array() }
}
