import type { BundleDocument, RecordedLookup, Root } from '../../src/bundle/document.js'
import type { InventoryLine } from '../../src/bundle/inventory.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { ErrorCode } from '../../src/errors.js'
import { digestOf } from '../../src/oci/digest.js'
import { DOCKER_MANIFEST, isManifestType } from '../../src/oci/media-types.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { anArtifact, anImage, OCI_LAYER } from './build.js'
import { APP } from './bundles.js'
import type { Vector } from './bundles-vectors.js'
import { type Hostile, lineOf, signed } from './bundles-vectors-signed.js'
import type { ValidVectors } from './bundles-vectors-valid.js'

/** What an exporter can do whose key is trusted: claim anything about content, and sign it. */
export async function claimVectors(valid: ValidVectors, signer: Signer): Promise<readonly Vector[]> {
  return [
    ...(await signed(valid.image, signer, claims)),
    ...(await signed(valid.release, signer, releaseClaims)),
    ...(await signed(valid.subset, signer, subsetClaims)),
  ]
}

const FORMAT = 'ERR_BUNDLE_FORMAT'
const INCOMPLETE = 'ERR_BUNDLE_INCOMPLETE'

/** Another document, by what it says. */
function claimed(
  name: string,
  why: string,
  code: ErrorCode | undefined,
  change: (document: BundleDocument) => object,
): Hostile {
  return {
    name,
    why,
    ...(code === undefined ? {} : { code }),
    change: ({ contents }) => ({ document: canonicalBytes({ ...contents.document, ...change(contents.document) }) }),
  }
}

function roots(name: string, why: string, code: ErrorCode, change: (root: Root) => object): Hostile {
  return claimed(name, why, code, (document) => ({ roots: document.roots.map(change) }))
}

function lookups(name: string, why: string, change: (lookup: RecordedLookup) => object): Hostile {
  return claimed(name, why, INCOMPLETE, (document) => ({ lookups: document.lookups.map(change) }))
}

const OTHER = digestOf(Buffer.from('other'))

const claims: readonly Hostile[] = [
  roots('root-not-in-bundle', 'a root that is not here', INCOMPLETE, (root) => ({
    ...root,
    descriptor: { ...root.descriptor, digest: OTHER },
  })),
  roots(
    'root-media-type-differs',
    'a root under another media type than its manifest gives',
    'ERR_CONTENT_AMBIGUOUS',
    (root) => ({
      ...root,
      descriptor: { ...root.descriptor, mediaType: DOCKER_MANIFEST },
    }),
  ),
  roots('root-size-differs', 'a root of another size than its manifest has', 'ERR_CONTENT_MISMATCH', (root) => ({
    ...root,
    descriptor: { ...root.descriptor, size: root.descriptor.size + 1 },
  })),
  roots('root-hostile-digest', 'a digest that leads out of the folder', FORMAT, (root) => ({
    ...root,
    descriptor: { ...root.descriptor, digest: `sha256:${'../'.repeat(18)}etc/passwd` },
  })),
  roots('root-hostile-repository', 'a repository that leads out of the target', FORMAT, (root) => ({
    ...root,
    repository: 'registry.example/../../kube-system/app',
  })),
  roots('root-hostile-tag', 'a tag that is none', FORMAT, (root) => ({ ...root, tag: 'a/../../b' })),
  roots('root-hostile-platform', 'a platform that is none', FORMAT, (root) => ({ ...root, platforms: ['linux/../x'] })),
  claimed('no-roots', 'nothing was asked for', FORMAT, () => ({ roots: [] })),
  claimed('totals-differ', 'totals that are not the sum', INCOMPLETE, ({ totals }) => ({
    totals: { ...totals, bytes: totals.bytes + 1 },
  })),
  claimed('lookup-missing', 'it does not say what hangs on the image', INCOMPLETE, () => ({ lookups: [] })),
  claimed('lookup-of-nothing', 'it says what hangs on something that is not here', INCOMPLETE, (document) => ({
    lookups: [...document.lookups, ...document.lookups.map((lookup) => ({ ...lookup, subject: OTHER }))],
  })),
  lookups('lookup-in-another-repository', 'it asked somewhere else', (lookup) => ({
    ...lookup,
    repository: 'other.example/app',
  })),
  lookups('lookup-names-what-is-not-here', 'a signature was found, and is not here', (lookup) => ({
    ...lookup,
    referrers: { result: 'found', digests: [OTHER] },
  })),
  {
    name: 'lookup-sets-a-tag',
    why: 'a tag that cosign does not know would be set at the target',
    code: INCOMPLETE,
    change: ({ contents }) => ({
      document: canonicalBytes({
        ...contents.document,
        lookups: contents.document.lookups.map((lookup) => ({
          ...lookup,
          tags: { result: 'found', tags: [{ tag: 'latest', digest: lookup.subject }] },
        })),
      }),
    }),
  },
  claimed('omission-of-what-is-here', 'it says that the layer was left out', INCOMPLETE, (document) => ({
    omissions: document.roots.map(({ descriptor }) => ({
      digest: OTHER,
      size: 1,
      mediaType: OCI_LAYER,
      parent: descriptor.digest,
      reason: 'non-distributable',
    })),
  })),
  {
    ...claimed('expired', 'it was to be used until the day before', 'ERR_BUNDLE_STALE', () => ({
      expiresAt: '2026-11-21T12:00:00Z',
    })),
    verdict: 'not-authentic',
  },
  claimed('valid-not-yet-expired', 'it may be used until the day after', undefined, () => ({
    expiresAt: '2026-11-23T12:00:00Z',
  })),
  claimed('valid-first-of-a-stream', 'number 1 of a stream, which has nothing before it', undefined, () => ({
    stream: 'acme/nightly',
    sequence: 1,
  })),
  claimed('valid-later-of-a-stream', 'a number, what is before it, and an end', undefined, () => ({
    stream: 'acme/nightly',
    sequence: 9_007_199_254_740_991,
    previous: OTHER,
    expiresAt: '2026-11-23T12:00:00Z',
  })),
  claimed('valid-later-of-a-stream-without-previous', 'an exporter that lost its books', undefined, () => ({
    stream: `${'a'.repeat(63)}/${'b'.repeat(64)}`,
    sequence: 7,
  })),
  claimed('stream-without-sequence', 'a stream in which it has no number', FORMAT, () => ({ stream: 'acme/nightly' })),
  claimed('stream-hostile-name', 'a name that leads out of the folder of the state', FORMAT, () => ({
    stream: '../../etc/cron.d/x',
    sequence: 1,
  })),
  claimed('stream-name-too-long', 'a name of 129 characters', FORMAT, () => ({ stream: 'a'.repeat(129), sequence: 1 })),
  claimed('sequence-without-stream', 'a number that is compared with nothing', FORMAT, () => ({ sequence: 2 })),
  claimed('sequence-zero', 'numbers begin with 1', FORMAT, () => ({ stream: 'acme/nightly', sequence: 0 })),
  claimed('sequence-as-text', 'a number that sorts like a text', FORMAT, () => ({
    stream: 'acme/nightly',
    sequence: '10',
  })),
  claimed('previous-without-stream', 'it follows a bundle of no stream', FORMAT, () => ({ previous: OTHER })),
  claimed('previous-of-the-first', 'the first of a stream, which follows another one', FORMAT, () => ({
    stream: 'acme/nightly',
    sequence: 1,
    previous: OTHER,
  })),
  claimed('previous-hostile-digest', 'what it follows leads out of the folder', FORMAT, () => ({
    stream: 'acme/nightly',
    sequence: 2,
    previous: `sha256:${'../'.repeat(18)}etc/passwd`,
  })),
  {
    ...claimed('colliding-names', 'two registries with one repository and tag', 'ERR_COLLISION', (document) => ({
      roots: [...document.roots.map((root) => ({ ...root, repository: 'other.example/team/app' })), ...document.roots],
      lookups: [
        ...document.lookups.map((lookup) => ({ ...lookup, repository: 'other.example/team/app' })),
        ...document.lookups,
      ],
    })),
    verdict: 'refused',
  },
  {
    name: 'subject-mismatch-referrer',
    why: 'a signature of another image is claimed to hang on this one',
    code: INCOMPLETE,
    change: ({ contents, content: blobs }) => {
      const stranger = anArtifact({ subject: anImage({ seed: 'another' }), artifactType: 'application/x.signature' })
      const lines = stranger.contents.map((one) =>
        lineOf(one, isManifestType(one.descriptor.mediaType) ? 'manifest' : 'layer'),
      )
      const added = new Map(stranger.contents.map(({ descriptor, bytes }) => [descriptor.digest, bytes]))
      const inventory = [...contents.inventory, ...lines].sort((a, b) => rank(a) - rank(b))
      const [lookup] = contents.document.lookups
      if (lookup === undefined) throw new Error('no lookup')
      return {
        inventory,
        content: new Map([...blobs, ...added]),
        document: canonicalBytes({
          ...contents.document,
          lookups: [
            { ...lookup, referrers: { result: 'found', digests: [stranger.root.digest] } },
            { ...lookup, repository: APP, subject: stranger.root.digest },
          ],
        }),
      }
    },
  },
]

function rank(line: InventoryLine): number {
  return isManifestType(line.mediaType) ? 0 : 1
}

const SBOM = 'application/spdx+json'

const releaseClaims: readonly Hostile[] = [
  {
    name: 'referrer-dropped',
    why: 'the document says that an SBOM was found, and it is not here',
    code: INCOMPLETE,
    change: ({ contents, content: blobs }) => ({
      inventory: contents.inventory.filter(
        ({ digest, mediaType }) =>
          mediaType !== SBOM && !Buffer.from(blobs.get(digest) ?? '').includes(`"artifactType":"${SBOM}"`),
      ),
    }),
  },
  {
    name: 'referrers-denied',
    why: 'the document says that nothing was found, and it is here',
    code: INCOMPLETE,
    change: ({ contents }) => ({
      document: {
        ...contents.document,
        lookups: contents.document.lookups.map((lookup) => ({ ...lookup, referrers: { result: 'none' } })),
      },
    }),
  },
  {
    name: 'found-claimed-unknown',
    why: 'the document says that nobody could be asked, and what was found is here',
    code: INCOMPLETE,
    change: ({ contents }) => ({
      document: {
        ...contents.document,
        lookups: contents.document.lookups.map((lookup) => ({
          ...lookup,
          referrers: { result: 'could-not-ask', reason: 'ERR_SOURCE_UNREACHABLE: no route' },
        })),
      },
    }),
  },
]

const subsetClaims: readonly Hostile[] = [
  claimed('omission-not-declared', 'a platform was left out, and the document does not say so', INCOMPLETE, () => ({
    omissions: [],
  })),
  roots('platforms-not-declared', 'one platform is here, and the document says that all are', INCOMPLETE, (root) => ({
    repository: root.repository,
    tag: root.tag,
    descriptor: root.descriptor,
  })),
  roots('other-platform-declared', 'another platform is declared than is here', INCOMPLETE, (root) => ({
    ...root,
    platforms: ['linux/amd64'],
  })),
]
