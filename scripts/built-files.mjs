// What the build says about itself.
import { readdirSync, readFileSync } from 'node:fs'

/** @typedef {import('esbuild').Metafile} Metafile */

// Not child_process: commander imports it for programs in files of their own, which there are none of here.
const NETWORK = /^(?:node:)?(?:net|tls|http|https|http2|dns|dgram)(?:\/|$)/

/**
 * Throws where a file that verification loads would load one of Node's network modules with it. The sources are proven by
 * test/architecture.test.ts; this is the same rule for what the bundler made of them.
 * @param {Metafile} metafile
 * @param {readonly string[]} sources whose files may not load a network module
 */
export function refuseNetwork({ outputs }, sources) {
  const start = Object.keys(outputs).filter((file) => sources.some((source) => source in (outputs[file]?.inputs ?? {})))
  const loaded = new Set(start)
  for (const file of loaded) {
    for (const { path, kind, external } of outputs[file]?.imports ?? []) {
      if (external === true && NETWORK.test(path)) {
        throw new Error(`${file} loads ${path}, and verification loads ${file}`)
      }
      // Another command's own file is loaded only when that command is asked for.
      if (external !== true && (kind === 'import-statement' || isOfVerification(outputs[path]))) loaded.add(path)
    }
  }
  if (start.length < sources.length) throw new Error('not every file that was to be looked at is there')
}

/** @param {Metafile['outputs'][string] | undefined} output */
function isOfVerification(output) {
  return Object.keys(output?.inputs ?? {}).some((input) => /^src\/(?:import|trust|bundle|content)\//.test(input))
}

/**
 * The licences of all packages whose code is in the built files.
 * @param {Metafile} metafile
 */
export function bundledLicences({ inputs }) {
  const folders = new Set(
    Object.keys(inputs).flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []),
  )
  return [...folders].sort().map(licenceOf).join('\n')
}

/** @param {string} folder */
function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const file = readdirSync(folder).find((entry) => /^(?:licen[cs]e|copying)/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`
  return `${name} ${version} (${license})\n${text}\n${'-'.repeat(72)}`
}
