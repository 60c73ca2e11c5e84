// The scenes in which the importer says no.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BUNDLE, CONFIG, fact, signingWith, waybill } from './act.mjs'
import { registryView } from './registry-view.mjs'
import { REPOSITORY, TAG } from './release.mjs'
import { screen } from './screen.mjs'

/** @typedef {import('./release.mjs').Release} Release */
/** @typedef {import('./stage.mjs').Stage} Stage */
/** @typedef {import('./stage.mjs').RunningRegistry} RunningRegistry */

const TAR_BLOCK = 512
const NOT_AUTHENTIC = 5
const DAMAGED = 6
/** What failed, what to do about it, and the verdict. */
const FAILURES = /^FAIL|^ {7}ERR_|^NOT /

/** @param {Stage} stage @param {Release} release */
export async function refuseDamage(stage, release) {
  screen.step('disk', 'A scratched disk: one bit of one layer is another')
  const layer = /** @type {import('./release.mjs').Descriptor} */ (release.layers[1])
  const bytes = await readFile(join(stage.folder, BUNDLE))
  const header = bytes.indexOf(`blobs/${layer.digest.replace(':', '/')}`)
  const at = header + TAR_BLOCK + Math.floor(layer.size / 2)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  await writeFile(join(stage.folder, 'disk/scratched.tar'), bytes)
  screen.say(`byte ${at} of disk/scratched.tar, in the layer ${layer.digest}`)
  const report = await waybill(stage, ['verify', 'disk/scratched.tar', ...CONFIG], {
    status: DAMAGED,
    show: FAILURES,
  })
  if (!report.includes(layer.digest)) throw new Error('the report does not name the layer that is damaged')
  screen.refused(`exit status ${DAMAGED} (damaged), and the layer is named`)
}

/** @param {Stage} stage @param {RunningRegistry} source */
export async function packAsStranger(stage, source) {
  screen.step('disk', 'On the way a stranger packs it anew, under the same name, with a key of his own')
  await waybill(stage, ['keys', 'init', 'stranger/keys', '--name', 'Acme Rockets'], { show: /^SHA-256/ })
  const content = `oci-archive:${BUNDLE}:${source.host}/${REPOSITORY}:${TAG}`
  const args = ['export', content, '--output', 'disk/stranger.tar', ...signingWith('stranger/keys')]
  await waybill(stage, args, { show: /^(wrote|signed)/ })
}

/** @param {Stage} stage @param {RunningRegistry} target */
export async function refuseStranger(stage, target) {
  screen.step('disconnected', "The stranger's bundle: undamaged, and signed by somebody who says he is Acme Rockets")
  const args = ['import', 'disk/stranger.tar', '--to', `${target.host}/stranger`, ...CONFIG]
  await waybill(stage, args, { status: NOT_AUTHENTIC, show: FAILURES })
  screen.refused(`exit status ${NOT_AUTHENTIC} (not authentic)`)
  const view = registryView(`${target.url}/v2/stranger/${REPOSITORY}`, stage.signal)
  fact((await view.tags()) === undefined, "nothing of it is in Acme's registry")
}
