// The scene at the target: what arrived, seen with other eyes than those of `waybill import`.
import { fact, PREFIX, platformsOf } from './act.mjs'
import { ENVELOPE_JWS, openEnvelope, parsePayload, SIGNATURE_TYPE } from './built.mjs'
import { registryView } from './registry-view.mjs'
import { REPOSITORY, SOURCE_TYPE, TAG } from './release.mjs'
import { SBOM_TYPE } from './sbom.mjs'
import { screen, short } from './screen.mjs'

/** @typedef {import('./release.mjs').Release} Release */
/** @typedef {import('./stage.mjs').Stage} Stage */
/** @typedef {import('./stage.mjs').RunningRegistry} RunningRegistry */

const KINDS = new Map([
  [SBOM_TYPE, 'SBOM (SPDX 2.3)'],
  [SOURCE_TYPE, 'source bundle'],
  [SIGNATURE_TYPE, 'signature'],
])

/** @param {Stage} stage @param {{ readonly target: RunningRegistry, readonly release: Release }} given */
export async function lookAtTarget(stage, { target, release }) {
  screen.step('disconnected', "What any client sees in Acme's registry, by plain HTTP")
  const base = `${target.url}/v2/${PREFIX}/${REPOSITORY}`
  const view = registryView(base, stage.signal)
  screen.say(base)
  const { digest, index } = await view.tagged(TAG)
  fact(digest === release.index.digest, `the tag ${TAG} is ${release.index.digest}, as at the source`)
  fact(
    platformsOf(index.manifests) === platformsOf(release.platforms),
    `its platforms are ${platformsOf(release.platforms)}`,
  )
  screen.say('Found through the Referrers API:')
  const found = await showReferrers(view, { subject: release.index, release, indent: '' })
  const expected = [release.sbom, release.source, ...release.signatures.map(({ manifest }) => manifest)]
  fact(
    found.toSorted().join() ===
      expected
        .map((one) => one.digest)
        .toSorted()
        .join(),
    `${found.length} of ${expected.length} are there, and every signature is over what it hangs on`,
  )
  let same = 0
  for (const { descriptor } of release.contents) same += (await view.has(descriptor)) ? 1 : 0
  const { length } = release.contents
  fact(same === length, `${same} of ${length} manifests and blobs have the digests they had at the source`)
}

/**
 * Shows what hangs on a manifest, and on that, with the name that each signature proves.
 * @param {ReturnType<typeof registryView>} view
 * @param {{ readonly subject: { readonly digest: string }, readonly release: Release, readonly indent: string }} given
 * @returns {Promise<string[]>} digests
 */
async function showReferrers(view, { subject, release, indent }) {
  const found = []
  for (const { digest, artifactType = '' } of await view.referrers(subject.digest)) {
    const by = artifactType === SIGNATURE_TYPE ? ` by ${await signerOf(view, { digest, subject, release })}` : ''
    screen.say(`  ${short(digest)}  ${indent}${KINDS.get(artifactType) ?? artifactType}${by}`)
    found.push(digest, ...(await showReferrers(view, { subject: { digest }, release, indent: `${indent}  ` })))
  }
  return found
}

/**
 * Whose signature it is: the envelope as it arrived, held against the root that the signer has published elsewhere.
 * @param {ReturnType<typeof registryView>} view
 * @param {{ readonly digest: string, readonly subject: { readonly digest: string }, readonly release: Release }} given
 */
async function signerOf(view, { digest, subject, release }) {
  const { layers } = await view.manifest(digest)
  const { payload, chain } = await openEnvelope(await view.blob(layers[0].digest), ENVELOPE_JWS)
  const signer = release.signers.find(({ rootThumbprint }) => rootThumbprint === chain.at(-1)?.thumbprint)
  if (parsePayload(payload).target.digest !== subject.digest || signer === undefined) {
    throw new Error(`${digest} is not a signature by a known signer on ${subject.digest}`)
  }
  return signer.name
}
