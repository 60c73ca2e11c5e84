import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { EXITS, errorsPage, policySchemaPage, schemaPages, withLimits } from '../scripts/docs.mjs'
import * as layout from '../src/bundle/layout.js'
import { buildProgram } from '../src/cli/args.js'
import { EVENT_LINE } from '../src/cli/output/events.js'
import { OUTPUTS } from '../src/cli/output.js'
import { ERRORS } from '../src/errors.js'
import { CHECKS } from '../src/import/verification.js'
import { LIMITS } from '../src/limits.js'
import * as imageLayout from '../src/oci/image-layout.js'
import { POLICY_SCHEMA } from '../src/policy/schema.js'
import { ENVELOPE_JWS } from '../src/trust/envelope/envelope.js'
import { SIGNATURE_TYPE } from '../src/trust/signature-manifest.js'

const ROOT = resolve(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...below('docs', '.md'),
  ...below('changes', '.md'),
]
const ADRS = below('docs/adr', '.md')

describe('what the code decides', () => {
  test('errors.md is made from the table of errors', () => {
    expect(read('docs/errors.md')).toBe(errorsPage(ERRORS))
  })

  test('format.md has the limits of the code', () => {
    const format = read('docs/format.md')

    expect(format).toBe(withLimits(format, { source: read('src/limits.ts'), limits: LIMITS }))
  })

  test('there is one schema for each document that --json can print, for the lines of --events ndjson and for the import policy, made from the code', () => {
    const made = [...schemaPages({ ...OUTPUTS, 'waybill.event.v1': EVENT_LINE }, z), policySchemaPage(POLICY_SCHEMA, z)]

    expect(made.map(({ path }) => path).sort()).toEqual(below('docs/schema', '.json'))
    for (const { path, text } of made) expect(read(path), path).toBe(text)
  })

  test('format.md quotes every path, media type and fixed byte of the format', () => {
    const format = read('docs/format.md')
    const decoder = new TextDecoder()
    const fixed = [
      ...[layout.WAYBILL_TYPE, layout.DOCUMENT_TYPE, layout.INVENTORY_TYPE, SIGNATURE_TYPE, ENVELOPE_JWS],
      ...[imageLayout.LAYOUT_FILE, imageLayout.INDEX_FILE, imageLayout.REF_NAME, imageLayout.CONTAINERD_NAME],
      ...[layout.WAYBILL_NAME, decoder.decode(layout.OCI_LAYOUT_BYTES), layout.EMPTY_CONFIG.digest],
    ]

    expect(fixed.filter((one) => !format.includes(`\`${one}\``) && !format.includes(`"${one}"`))).toEqual([])
    expect(format).toContain(`format version ${layout.FORMAT_VERSION}`)
  })

  test('every exit status has its meaning in README.md and automation.md', () => {
    const used = Object.values(ERRORS).map(({ exit }) => String(exit))
    const statuses = Object.keys(EXITS)

    expect(used.filter((exit) => !statuses.includes(exit))).toEqual([])
    for (const page of ['README.md', 'docs/automation.md']) {
      const rows = [...read(page).matchAll(/^\| ([0-9, ]+) \|/gm)].flatMap(([, numbers = '']) => numbers.split(', '))
      expect(rows, page).toEqual(statuses)
    }
  })

  test('every command is in README.md, and every command and option in the operator’s guide', () => {
    const program = buildProgram({ version: '0', run: async () => {}, write: () => {} })
    const guide = read('docs/operator.md')
    const readme = read('README.md')
    const commands = leaves(program)

    expect(commands.length).toBeGreaterThan(6)
    for (const { name, options } of commands) {
      expect(readme).toContain(`waybill ${name}`)
      expect(guide).toContain(`\`${name}`)
      for (const option of options) expect(guide, `${name} ${option}`).toContain(`\`${option}`)
    }
  })

  test('every event, with each of its stages, is in automation.md', () => {
    const events = read('src/events.ts')
    const page = read('docs/automation.md')
    const types = [...events.matchAll(/readonly type: '([a-z-]+)'/g)].map(([, type]) => type)
    const stages = [...(/type Stage =([^/]*)/.exec(events)?.[1] ?? '').matchAll(/'([a-z]+)'/g)].map(
      ([, stage]) => stage,
    )

    expect(types.length).toBeGreaterThan(5)
    expect(stages.length).toBeGreaterThan(5)
    expect(types.filter((type) => !page.includes(`| \`${type}\` |`))).toEqual([])
    expect(stages.filter((stage) => !page.includes(`\`${stage}\``))).toEqual([])
  })

  test('every document of --json is in automation.md, and every check in the operator’s guide', () => {
    const automation = read('docs/automation.md')
    const guide = read('docs/operator.md')

    expect(Object.keys(OUTPUTS).filter((name) => !automation.includes(`(schema/${name}.json)`))).toEqual([])
    expect(CHECKS.filter((check) => !guide.includes(`| \`${check}\` |`))).toEqual([])
  })

  test('every dependency is in dependencies.md, with its version and licence', () => {
    const page = read('docs/dependencies.md')
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json')) as Packages
    const rows = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).map(
      ([name, version]) => {
        const { license } = JSON.parse(read(`node_modules/${name}/package.json`)) as { readonly license: string }
        return `| ${name} | ${version} | ${license} |`
      },
    )

    expect(rows.filter((row) => !page.includes(row))).toEqual([])
    expect(page.match(/^\| @?[a-z]/gm)).toHaveLength(rows.length + 2) // and the heads of the two tables
  })
})

describe('what documents name', () => {
  test.each(PAGES)('the links in %s lead somewhere', (page) => {
    expect(deadLinks(page)).toEqual([])
  })

  test('a dead link is noticed', () => {
    expect(resolves('README.md', 'docs/format.md#limits')).toBe(true)
    expect(resolves('README.md', 'docs/format.md#no-such-heading')).toBe(false)
    expect(resolves('docs/format.md', 'README.md')).toBe(false)
  })

  test.each(PAGES)('the error codes in %s exist', (page) => {
    const named = read(page).match(/\bERR_[A-Z_]+/g) ?? []

    expect(named.filter((code) => !Object.hasOwn(ERRORS, code))).toEqual([])
  })

  test.each(PAGES)('the files of the project that %s names exist', (page) => {
    const named = [...read(page).matchAll(/`((?:src|test|docs|scripts|samples|changes|bench)\/[\w./-]*)`/g)]

    expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  test('the sources name only documents that exist', () => {
    const named = ['src', 'test', 'scripts'].flatMap((folder) =>
      below(folder, '').flatMap((path) => {
        if (!/\.(?:ts|mjs|js)$/.test(path)) return []
        return read(path).match(/\bdocs\/[\w/.-]+\.(?:md|json)\b/g) ?? []
      }),
    )

    expect([...new Set(named)].filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  test('nothing names the machine or the tools with which it was written', () => {
    const places = [
      ['', 'work', 'main'],
      ['', 'work', 'shared'],
      ['', 'work', '.library'],
      ['', 'work', '.mirror'],
    ]
    const words = [...places.map((parts) => parts.join('/')), ['before', 'stop'].join('-'), ['brief', 'md'].join('.')]
    const findings = trackedFiles().flatMap((path) => {
      const text = read(path)
      return words.filter((word) => text.includes(word)).map((word) => `${path}: ${word}`)
    })

    expect(findings).toEqual([])
  })
})

describe('their form', () => {
  test('README.md has at most 200 lines', () => {
    expect(lines(read('README.md'))).toBeLessThanOrEqual(200)
  })

  test('decisions are numbered without gaps, and have their four parts in at most 60 lines', () => {
    const numbers = ADRS.map((path) => Number(/\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1]))

    expect(numbers).toEqual(ADRS.map((_, at) => at + 1))
    for (const path of ADRS) {
      const text = read(path)
      expect(lines(text), path).toBeLessThanOrEqual(60)
      for (const part of ['Context', 'Decision', 'Consequences', 'Rejected'])
        expect(text, path).toContain(`## ${part}\n`)
      expect(text, path).toMatch(new RegExp(`^# ${Number(/\d{4}/.exec(path)?.[0])}\\. `))
    }
  })

  test.each(PAGES)('%s has no line that is too long to read', (page) => {
    const long = read(page)
      .split('\n')
      .filter((line) => line.length > 120 && !/^\||^\{|https?:/.test(line))

    expect(long).toEqual([])
  })

  test('the licence is the Apache License 2.0, unchanged', () => {
    expect(createHash('sha256').update(read('LICENSE')).digest('hex')).toBe(
      'cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30',
    )
  })
})

interface Packages {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

/** Files below a folder whose name ends so, sorted. */
function below(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .sort()
}

function lines(text: string): number {
  return text.split('\n').length - 1
}

/** Commands that do something, by their full names: `keys init`. */
function leaves(command: Command, prefix = ''): { readonly name: string; readonly options: readonly string[] }[] {
  return command.commands.flatMap((one) => {
    const name = `${prefix}${one.name()}`
    if (one.commands.length > 0) return leaves(one, `${name} `)
    return [{ name, options: one.options.map(({ long }) => long ?? '') }]
  })
}

function deadLinks(page: string): string[] {
  const text = withoutCode(read(page))
  const targets = [
    ...[...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target),
    ...[...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, target = '']) => target),
  ]
  return targets.filter((target) => !/^https?:/.test(target) && !resolves(page, target))
}

function resolves(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(join(ROOT, file))) return false
  return anchor === undefined || anchorsOf(read(file)).includes(anchor)
}

/** The anchors that code hosts give to headings. */
function anchorsOf(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^( *)```.*?^\1```$/gms, '')
}

/** What is, or will be, in the repository; nothing where this is no checkout. */
function trackedFiles(): string[] {
  if (!existsSync(join(ROOT, '.git'))) return []
  const given = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  const all = execFileSync('git', given, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).split('\0')
  return all.filter((path) => path !== '' && !/\.(?:tar|gz|sum)$/.test(path) && existsSync(join(ROOT, path)))
}
