// What every scene of the demo does: run commands in front of the audience, and state facts.
import { screen } from './screen.mjs'

/** @typedef {import('./stage.mjs').Stage} Stage */

export const BUNDLE = 'disk/net-monitor.tar'
/** Where Acme's registry keeps what comes from outside. */
export const PREFIX = 'acme'
/** The importer's configuration, which holds whom it trusts. */
export const CONFIG = ['--config', 'datacentre/config']

/** A claim of the demo: where it does not hold, the demo fails. @param {boolean} holds @param {string} sentence */
export function fact(holds, sentence) {
  if (!holds) throw new Error(`this should hold, and does not: ${sentence}`)
  screen.fact(sentence)
}

/**
 * Runs a command, shows it and what it prints, and fails unless it ends as it must.
 * @param {Stage} stage
 * @param {readonly string[]} args
 * @param {{ readonly status?: number, readonly show?: RegExp }} [given] `status`: what it must end with; `show`: the
 *   lines worth showing, where not all of them are
 * @returns {Promise<string>} what it printed
 */
export async function waybill(stage, args, { status = 0, show = /^/ } = {}) {
  screen.command(args)
  const ended = await stage.waybill(args)
  screen.output(ended.stdout, show)
  if (ended.status === status) return ended.stdout
  throw new Error(`\`waybill ${args[0]}\` ended with ${ended.status}, not with ${status}:\n${ended.stderr}`)
}

/** @param {Stage} stage @param {string} store */
export async function serve(stage, store) {
  screen.command(['serve', '--store', store, '--listen', '127.0.0.1:0'])
  const running = await stage.serve(store)
  screen.output(`listening on ${running.url}`)
  return running
}

/** @param {string} folder */
export function signingWith(folder) {
  return ['--key', `${folder}/signing.key`, '--cert', `${folder}/signing.crt`]
}

/** @param {readonly { readonly platform?: { readonly os: string, readonly architecture: string } }[]} manifests */
export function platformsOf(manifests) {
  return manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`).join(', ')
}
