// Writes the parts of docs/ that the source code decides: docs/errors.md, docs/schema/, the limits in docs/format.md.
// `npm run docs` runs it; test/docs.test.ts fails while they differ from the code.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @typedef {{ readonly exit: number, readonly retry: boolean, readonly hint: string }} ErrorFacts */
/** @typedef {{ readonly path: string, readonly text: string }} Page */

/** Every exit status of the program, and what it means; codes are listed below the status that they lead to. */
export const EXITS = /** @type {Readonly<Record<number, string>>} */ ({
  0: 'done; for `verify` and `import`: every check passed',
  1: 'a bug in the program; standard error has the stack',
  2: 'usage: an argument, reference, key or configuration file is wrong. Nothing has been done',
  3: 'partly done: some roots loaded, others refused. Reserved; this release loads all of a bundle or nothing',
  4: 'refused: the bundle is authentic and whole, but may not be loaded here',
  5: 'not authentic: unsigned, badly signed, by somebody unknown, revoked, out of date, ambiguous; or unreadable trust',
  6: 'damaged: truncated, changed, incomplete, of another format, or beyond the limits',
  7: 'registry: it, or a timestamp authority, could not be reached, or refused; or required evidence is missing',
  8: 'local machine: disk, file, folder or port',
  130: 'stopped by Ctrl+C (SIGINT)',
  143: 'stopped by SIGTERM',
})

/** @param {Readonly<Record<string, ErrorFacts>>} errors */
export function errorsPage(errors) {
  const sections = Object.entries(EXITS).map(([exit, meaning]) => {
    const rows = Object.entries(errors).filter(([, facts]) => facts.exit === Number(exit))
    const table = rows.map(([code, { retry, hint }]) => `| \`${code}\` | ${retry ? 'yes' : 'no'} | ${cell(hint)} |`)
    const head = ['', '| code | may pass | what to do |', '| --- | --- | --- |']
    return [`## Exit ${exit}`, '', `${sentence(meaning)}.`, ...(table.length === 0 ? [] : [...head, ...table])].join(
      '\n',
    )
  })
  return `${[ERRORS_HEAD, ...sections].join('\n\n')}\n`
}

const ERRORS_HEAD = `# Errors and exit statuses

<!-- Made by \`npm run docs\` from src/errors.ts. Do not edit. -->

Every error has a code that does not change between releases; its text may. \`--json\` prints the code, the exit status,
the side of the transfer (\`source\`, \`sink\`, \`medium\`, \`operator\`) and the subject: see [automation.md](automation.md).
"May pass" says whether the same command may succeed later without a change: the cause can go away by itself.
A script must treat a status or code that it does not know as a failure.`

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|')
}

const LIMITS_BEGIN = '<!-- limits: made by `npm run docs` from src/limits.ts -->'
const LIMITS_END = '<!-- end of limits -->'

/**
 * Puts the table of limits between its marks.
 * @param {string} page docs/format.md
 * @param {{ readonly source: string, readonly limits: Readonly<Record<string, number>> }} given `source`: src/limits.ts
 */
export function withLimits(page, { source, limits }) {
  const begin = page.indexOf(LIMITS_BEGIN)
  const end = page.indexOf(LIMITS_END)
  if (begin < 0 || end < begin) throw new Error('docs/format.md has no marks around its limits')
  return `${page.slice(0, begin)}${LIMITS_BEGIN}\n${limitsTable(source, limits)}\n${page.slice(end)}`
}

/** @param {string} source @param {Readonly<Record<string, number>>} limits */
function limitsTable(source, limits) {
  const rows = Object.entries(limits).map(([name, value]) => {
    const comment = new RegExp(String.raw`/\*\* (.*) \*/\s+${name}:`).exec(source)?.[1]
    if (comment === undefined) throw new Error(`src/limits.ts does not say what ${name} is`)
    return `| \`${name}\` | ${value.toLocaleString('en')} | ${cell(comment)} |`
  })
  return ['| name | limit | what |', '| --- | --- | --- |', ...rows].join('\n')
}

/**
 * One JSON Schema for each document that `--json` can print, and for the lines of `--events ndjson`.
 * @param {Readonly<Record<string, import('zod').ZodType>>} outputs
 * @param {typeof import('zod').z} z
 * @returns {Page[]}
 */
export function schemaPages(outputs, z) {
  return Object.entries(outputs).map(([name, schema]) => {
    // As an input it may have members that a later release adds; a reader must not mind them.
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
    return { path: `docs/schema/${name}.json`, text: `${JSON.stringify({ $schema, title: name, ...rest }, null, 2)}\n` }
  })
}

/**
 * The JSON Schema of the import policy, for editors.
 * @param {import('zod').ZodType} schema
 * @param {typeof import('zod').z} z
 * @returns {Page}
 */
export function policySchemaPage(schema, z) {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  const title = 'waybill import policy, version 1'
  return {
    path: 'docs/schema/import-policy.v1.json',
    text: `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`,
  }
}

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** The sources themselves, so that the pages never show what an old build said. */
async function loadSources() {
  const { build } = await import('esbuild')
  const contents = `export { ERRORS } from './src/errors.ts'
    export { LIMITS } from './src/limits.ts'
    export { OUTPUTS } from './src/cli/output.ts'
    export { EVENT_LINE } from './src/cli/output/events.ts'
    export { POLICY_SCHEMA } from './src/policy/schema.ts'
    export { z } from 'zod'`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  const text = outputFiles[0]?.text ?? ''
  return await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`)
}

async function main() {
  const { ERRORS, EVENT_LINE, LIMITS, OUTPUTS, POLICY_SCHEMA, z } = await loadSources()
  const format = await readFile(join(ROOT, 'docs/format.md'), 'utf8')
  const source = await readFile(join(ROOT, 'src/limits.ts'), 'utf8')
  const pages = [
    { path: 'docs/errors.md', text: errorsPage(ERRORS) },
    { path: 'docs/format.md', text: withLimits(format, { source, limits: LIMITS }) },
    ...schemaPages({ ...OUTPUTS, 'waybill.event.v1': EVENT_LINE }, z),
    policySchemaPage(POLICY_SCHEMA, z),
  ]
  await mkdir(join(ROOT, 'docs/schema'), { recursive: true })
  for (const { path, text } of pages) await writeFile(join(ROOT, path), text)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
