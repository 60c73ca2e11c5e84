// `npm run demo`: a signed release crosses an air gap. Two registries, one bundle, the real command line; see README.md.
import { cp, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BUNDLE, CONFIG, fact, PREFIX, platformsOf, serve, signingWith, waybill } from './act.mjs'
import { openRegistry } from './built.mjs'
import { packAsStranger, refuseDamage, refuseStranger } from './refusals.mjs'
import { CERTIFIER, pushRelease, REPOSITORY, TAG, VENDOR } from './release.mjs'
import { screen, short } from './screen.mjs'
import { Interrupted, onStage } from './stage.mjs'
import { lookAtTarget } from './target.mjs'

/** @typedef {import('./release.mjs').Release} Release */
/** @typedef {import('./stage.mjs').Stage} Stage */
/** @typedef {import('./stage.mjs').RunningRegistry} RunningRegistry */

/** What `import` prints after the checks, which are those of `verify`. */
const LOADED = /->|copied|LOADED/

const started = performance.now()
try {
  await onStage(story)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  screen.say(`Done in ${seconds} s. Both registries have ended, and the folder is removed.`)
} catch (cause) {
  process.exitCode = cause instanceof Interrupted ? cause.status : 1
  const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  if (!(cause instanceof Interrupted)) process.stderr.write(`\nThe demo failed, which it must not: ${reason}\n`)
  else if (cause.status !== 0) process.stderr.write(`\n${cause.message}: stopped. Nothing is left behind.\n`)
}

/** @param {Stage} stage */
async function story(stage) {
  screen.title('Waybill: a signed release crosses an air gap')
  screen.say('A folder stands for each side, and a third one for the disk that is carried from one to the other:')
  screen.say(stage.folder)

  const { source, release } = await publish(stage)
  await agreeOnKeys(stage)
  await trustVendor(stage, { source, release })
  await exportRelease(stage, source)

  screen.step('disk', 'The disk is carried across')
  await source.end()
  screen.say("Wabbit's registry is shut down: what follows has nothing but the disk.")
  await packAsStranger(stage, source)

  const target = await importRelease(stage)
  await lookAtTarget(stage, { target, release })
  await refuseDamage(stage, release)
  await refuseStranger(stage, target)
  await target.end()
  await summary(stage, release)
}

/** @param {Stage} stage */
async function publish(stage) {
  screen.step('connected', `${VENDOR} publishes net-monitor`)
  const source = await serve(stage, 'connected/registry')
  const client = openRegistry({
    credentials: async () => undefined,
    plainHttp: () => true,
    side: 'sink',
    emit: () => {},
    now: () => Date.now(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  })
  try {
    const sink = client.repository({ registry: source.host, name: REPOSITORY })
    const release = await pushRelease(sink, { now: new Date(), signal: stage.signal })
    screen.say(`pushed ${source.host}/${REPOSITORY}:${TAG}`)
    screen.say(`  ${short(release.index.digest)}  index of ${platformsOf(release.platforms)}`)
    screen.say(`  ${short(release.sbom.digest)}  SBOM (SPDX 2.3)`)
    screen.say(`  ${short(release.source.digest)}  source bundle`)
    screen.say(`${VENDOR} has signed all three; the registry's owner, ${CERTIFIER}, the index too.`)
    return { source, release }
  } finally {
    await client.close()
  }
}

/** @param {Stage} stage */
async function agreeOnKeys(stage) {
  screen.step('connected', 'Acme Rockets makes a key to sign bundles with, once')
  const made = await waybill(stage, ['keys', 'init', 'connected/keys', '--name', 'Acme Rockets'])

  screen.step('disconnected', "Acme's data centre learns whom to trust, once")
  await mkdir(join(stage.folder, 'datacentre'), { recursive: true })
  await cp(join(stage.folder, 'connected/keys/ca.crt'), join(stage.folder, 'datacentre/acme-ca.crt'))
  const added = await waybill(stage, ['trust', 'add', 'datacentre/acme-ca.crt', ...CONFIG])
  const fingerprint = /root: ([0-9a-f]{64})$/m.exec(made)?.[1]
  fact(fingerprint !== undefined && added.includes(fingerprint), 'the fingerprints on both sides are the same')
}

/**
 * Acme's own policy, in notation's form: what comes from the vendor's repository has to be signed by the vendor.
 * @param {Stage} stage @param {{ readonly source: RunningRegistry, readonly release: Release }} given
 */
async function trustVendor(stage, { source, release }) {
  screen.step('disconnected', `And whose signature net-monitor needs: ${VENDOR}'s, by Acme's trust policy`)
  const root = release.signers.find(({ name }) => name === VENDOR)?.caCertPem ?? ''
  await writeFile(join(stage.folder, 'datacentre/vendor-ca.crt'), root)
  await waybill(stage, ['trust', 'add', 'datacentre/vendor-ca.crt', '--store', 'vendor', ...CONFIG])
  const statement = {
    name: 'vendor',
    registryScopes: [`${source.host}/${REPOSITORY}`],
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:vendor'],
    trustedIdentities: [`x509.subject: C=ZZ, ST=-, O=${VENDOR}`],
  }
  const policy = JSON.stringify({ version: '1.0', trustPolicies: [statement] })
  await writeFile(join(stage.folder, CONFIG[1] ?? '', 'trustpolicy.json'), policy)
  screen.say(policy)
}

/** @param {Stage} stage @param {RunningRegistry} source */
async function exportRelease(stage, source) {
  screen.step('connected', 'The release, and everything that hangs on it, becomes one signed file')
  await mkdir(join(stage.folder, 'disk'))
  const name = `${source.host}/${REPOSITORY}:${TAG}`
  await waybill(stage, ['export', name, '--output', BUNDLE, ...signingWith('connected/keys')])
}

/** @param {Stage} stage */
async function importRelease(stage) {
  screen.step('disconnected', 'What does the file claim?')
  await waybill(stage, ['inspect', BUNDLE])
  screen.step('disconnected', 'Is it true? Verified offline: no network, no registry')
  await waybill(stage, ['verify', BUNDLE, ...CONFIG])
  screen.step('disconnected', "Verified once more, and loaded into Acme's registry")
  const target = await serve(stage, 'datacentre/registry')
  await waybill(stage, ['import', BUNDLE, '--to', `${target.host}/${PREFIX}`, ...CONFIG], { show: LOADED })
  return target
}

/** @param {Stage} stage @param {Release} release */
async function summary(stage, { contents, platforms, signatures }) {
  const { size } = await stat(join(stage.folder, BUNDLE))
  screen.step('disk', 'Summary')
  screen.say(`carried    ${platforms.length} platforms, SBOM, source bundle and ${signatures.length} signatures`)
  screen.say(`in         one signed file of ${(size / 1000).toFixed(1)} kB, which is an OCI image layout too`)
  screen.say(`verified   offline, all of it, and that ${VENDOR} signed the release, before anything was written`)
  screen.say(`loaded     ${contents.length} manifests and blobs, each with the digest it had at the source`)
  screen.say('refused    a damaged bundle (exit 6), and one from a stranger (exit 5)')
}
