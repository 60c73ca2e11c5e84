import { memoryStore } from '../../src/content/memory.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { TransferError } from '../../src/errors.js'
import { describe } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_CONFIG, OCI_MANIFEST } from '../../src/oci/media-types.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { anArtifact, anImage, anIndex, type Built, noise, OCI_LAYER, together } from './build.js'
import { APP, aRelease, aRepository } from './bundles.js'
import { aBase, type Base, type Vector } from './bundles-vectors.js'

const LIBRARY = 'other.example:5000/library/tool'

export interface ValidVectors {
  readonly image: Base
  readonly release: Base
  readonly subset: Base
  /** has an entry with a pax header */
  readonly sha512: Base
  readonly vectors: readonly Vector[]
}

/** Bundles that every reader must take, made by the exporter itself. */
export async function validVectors(signer: Signer): Promise<ValidVectors> {
  const one = anImage({ layers: 1, size: 300 })
  const two = anImage({ layers: 2, size: 300 })
  const release = aRelease(300)
  const from = { [APP]: await aRepository(release.all, one.tagged('image'), anArtifact().tagged('artifact')) }
  const base = (name: string, source: string) => aBase(name, { from, sources: [`${APP}:${source}`], signer })
  const image = await base('valid-one-image', 'image')
  const whole = await base('valid-index-with-referrers-and-cosign-tags', '1.0')
  const subset = await aBase('valid-platform-subset', {
    from,
    sources: [`${APP}:1.0`],
    platforms: ['linux/arm64'],
    signer,
  })
  const artifact = await base('valid-artifact-with-empty-config', 'artifact')
  const shared = await aBase('valid-two-repositories-share-blobs', {
    from: {
      [APP]: await aRepository(one.tagged('1.0')),
      [LIBRARY]: await aRepository(together(two, one).tagged('2.0')),
    },
    sources: [`${APP}:1.0`, `${LIBRARY}:2.0`],
    signer,
  })
  const unknown = await aBase('valid-referrers-could-not-be-asked-for', {
    from: { [APP]: withoutReferrers(await aRepository(one.tagged('1.0'))) },
    sources: [`${APP}:1.0`],
    allowUnknownReferrers: true,
    signer,
  })
  const sha512 = await sha512Base(signer)
  const cycle = await cycleBase(signer)
  const valid = (of: Base, why: string): Vector => ({ name: of.name, why, bytes: of.bytes, verdict: 'verified' })
  return {
    image,
    release: whole,
    subset,
    sha512,
    vectors: [
      valid(image, 'one image of one layer, signed'),
      valid(whole, 'two platforms, an SBOM, a signature on the SBOM, one on an image, and what cosign hangs up by tag'),
      valid(subset, 'one of two platforms; the other one is recorded as left out'),
      valid(artifact, 'an artifact whose config is the empty one, which the waybill has too: it is there once'),
      valid(shared, 'two roots in two repositories of two registries that share a layer'),
      valid(unknown, 'a registry could not say what hangs on the image, and the document says so'),
      valid(sha512, 'a layer with a sha512 digest, whose name needs a pax header'),
      valid(cycle, 'two images, each hung up as the signature of the other by a tag'),
    ],
  }
}

function withoutReferrers(store: Awaited<ReturnType<typeof aRepository>>) {
  return {
    resolve: store.resolve.bind(store),
    fetch: store.fetch.bind(store),
    // biome-ignore lint/correctness/useYield: a registry that is down answers nothing
    referrers: async function* () {
      throw new TransferError('ERR_SOURCE_UNREACHABLE', 'registry.example answered 503')
    },
  }
}

async function sha512Base(signer: Signer): Promise<Base> {
  const store = memoryStore()
  const bytes = noise(300, 'sha512')
  const layer = { mediaType: OCI_LAYER, digest: digestOf(bytes, 'sha512'), size: bytes.byteLength }
  const config = canonicalBytes({ os: 'linux', architecture: 'amd64' })
  const manifest = canonicalBytes({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: describe(OCI_CONFIG, config),
    layers: [layer],
  })
  store.hold(layer, bytes)
  store.hold(describe(OCI_CONFIG, config), config)
  store.hold(describe(OCI_MANIFEST, manifest), manifest)
  const sources = [`${APP}@${digestOf(manifest)}`]
  return await aBase('valid-sha512-layer', { from: { [APP]: store }, sources, signer })
}

async function cycleBase(signer: Signer): Promise<Base> {
  const [one, two] = [anImage({ size: 50, seed: 'one' }), anImage({ size: 50, seed: 'two' })]
  const tag = ({ root }: Built) => `sha256-${root.digest.slice(7)}.sig`
  const store = await aRepository(together(anIndex([one]).tagged('1.0'), one.tagged(tag(two)), two.tagged(tag(one))))
  return await aBase('valid-tags-in-a-circle', { from: { [APP]: store }, sources: [`${APP}:1.0`], signer })
}
