import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const FOLDER = `${ROOT}test/vectors/`
const NAMES = readdirSync(FOLDER).filter((name) => existsSync(`${FOLDER}${name}/expect.json`))

/** How many rows each part of the corpus has. */
const PARTS = { A: 11, D: 7, J: 7, G: 7, S: 10 } as const
const IDS = Object.entries(PARTS).flatMap(([part, rows]) => Array.from({ length: rows }, (_, at) => `${part}${at + 1}`))

const ROWS = readFileSync(`${FOLDER}README.md`, 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, id]) => /^[A-Z][0-9]+$/.test(id ?? ''))
  .map(([, id = '', , codes = '', vectors = '', tests = '', remark = '']) => ({
    ...{ id, remark, codes: quoted(codes), tests: quoted(tests) },
    vectors: quoted(vectors).map((pattern) => ({ pattern, names: NAMES.filter((name) => matches(pattern, name)) })),
  }))

function quoted(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

function codeOf(name: string): string | undefined {
  return (JSON.parse(readFileSync(`${FOLDER}${name}/expect.json`, 'utf8')) as { readonly code?: string }).code
}

describe('the table of what others were broken with', () => {
  it('has every row of the corpus, once and in order', () => {
    expect(ROWS.map(({ id }) => id)).toEqual(IDS)
  })

  it.each(ROWS)('names vectors or tests for $id, or says why there are none', ({ vectors, tests, remark }) => {
    expect(vectors.length + tests.length > 0 || remark.startsWith('Not applicable: ')).toBe(true)
    expect(vectors.filter(({ names }) => names.length === 0)).toEqual([])
    expect(tests.filter((path) => !existsSync(`${ROOT}${path}`))).toEqual([])
  })

  it.each(ROWS)('has the codes of $id, and no others', ({ vectors, codes }) => {
    const found = vectors.flatMap(({ names }) => names.map(codeOf)).filter((code) => code !== undefined)

    expect([...new Set(found)].sort()).toEqual(codes)
  })

  it.each(ROWS)(
    'says in words why nothing of $id is refused as a bundle, where that is so',
    ({ codes, remark, tests }) => {
      expect(codes.length > 0 || remark !== '' || tests.length > 0).toBe(true)
    },
  )
})
