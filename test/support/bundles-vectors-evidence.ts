import type { BundleDocument, RecordedEvidence } from '../../src/bundle/document.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { ErrorCode } from '../../src/errors.js'
import { describe } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { SIGNATURE_CONFIG } from '../../src/trust/signature-manifest.js'
import { anArtifact, built, content, together } from './build.js'
import { APP, aRepository } from './bundles.js'
import { aBase, type Base, type Vector } from './bundles-vectors.js'
import { type Hostile, signed } from './bundles-vectors-signed.js'
import { MADE_AT } from './clock.js'
import { fixedAnswers, fixedFile, SIGNED_IMAGE } from './evidence-fixed.js'

/** Evidence about revocation, and what an exporter can say of it whose key is trusted. */
export async function evidenceVectors(signer: Signer): Promise<readonly Vector[]> {
  const published = anArtifact({
    subject: SIGNED_IMAGE,
    artifactType: 'application/x.crl',
    mediaType: 'application/pkix-crl',
    bytes: fixedFile('list.crl'),
  })
  const base = await evidenceBase('valid-evidence', signer)
  const shared = await evidenceBase('valid-evidence-that-is-content-too', signer, published)
  const valid = (of: Base, why: string): Vector => ({ name: of.name, why, bytes: of.bytes, verdict: 'verified' })
  return [
    valid(base, 'a signed image with a list and a response about its signer; another list could not be had'),
    valid(shared, 'the list about the signer hangs on the image too: it is there once, as a layer'),
    damaged(base),
    ...(await signed(base, signer, hostile)),
  ]
}

async function evidenceBase(name: string, signer: Signer, ...others: readonly ReturnType<typeof anArtifact>[]) {
  const signature = content(OCI_MANIFEST, fixedFile('signature.json'))
  const envelope = content('application/jose+json', fixedFile('envelope.jws'))
  const hung = built(signature.descriptor, [envelope, SIGNATURE_CONFIG, signature])
  return await aBase(name, {
    from: { [APP]: await aRepository(together(SIGNED_IMAGE, hung, ...others).tagged('1.0')) },
    sources: [`${APP}:1.0`],
    evidence: { exchange: fixedAnswers, files: [], required: false, now: () => MADE_AT },
    signer,
  })
}

function damaged(base: Base): Vector {
  const bytes = Buffer.from(base.bytes)
  const at = bytes.indexOf(fixedFile('list.crl')) + 40
  bytes[at] = (bytes[at] ?? 0) ^ 1
  const why = 'a bit of a list has changed on the way'
  return { name: 'changed-evidence', why, verdict: 'damaged', code: 'ERR_CONTENT_MISMATCH', of: base.name, bytes }
}

const FORMAT = 'ERR_BUNDLE_FORMAT'
const INCOMPLETE = 'ERR_BUNDLE_INCOMPLETE'

/** Another document, by what it says of evidence. */
function claimed(
  name: string,
  why: string,
  code: ErrorCode,
  change: (evidence: readonly RecordedEvidence[], document: BundleDocument) => object,
): Hostile {
  return {
    name,
    why,
    code,
    change: ({ contents: { document } }) => ({
      document: canonicalBytes({ ...document, ...change(document.evidence ?? [], document) }),
    }),
  }
}

/** Every entry changed. */
function each(name: string, why: string, code: ErrorCode, change: (one: RecordedEvidence) => object): Hostile {
  return claimed(name, why, code, (evidence) => ({ evidence: evidence.map((one) => ({ ...one, ...change(one) })) }))
}

const OTHER = digestOf(Buffer.from('other'))
const GARBAGE = Buffer.from('no list at all')

const hostile: readonly Hostile[] = [
  each('evidence-of-a-type-that-is-not-known', 'evidence that no reader can judge', FORMAT, () => ({ type: 'crlset' })),
  each('evidence-media-type-differs', 'a list that is called a layer', FORMAT, ({ descriptor }) => ({
    descriptor: { ...descriptor, mediaType: 'application/vnd.oci.image.layer.v1.tar' },
  })),
  each('evidence-with-unknown-member', 'a member that no reader knows', FORMAT, () => ({ revoked: false })),
  each('evidence-about-nobody', 'a list of no certificates', FORMAT, () => ({ certificates: [] })),
  each('evidence-about-what-is-no-certificate', 'a thumbprint that is none', FORMAT, () => ({
    certificates: ['../x'],
  })),
  each('evidence-hostile-address', 'an address that leads into the reader’s own files', FORMAT, () => ({
    url: 'file:///etc/passwd',
  })),
  each('evidence-time-is-none', 'a time that is none', FORMAT, () => ({ fetchedAt: '2026-02-30T00:00:00Z' })),
  claimed('evidence-is-an-empty-list', 'nothing, in a second spelling', FORMAT, () => ({ evidence: [] })),
  claimed('evidence-missing-hostile-address', 'an address that is none', FORMAT, (_, { evidenceMissing = [] }) => ({
    evidenceMissing: evidenceMissing.map((one) => ({ ...one, url: 'ldap://ca.example/list' })),
  })),
  claimed('evidence-in-another-order', 'the entries in another order than they have', INCOMPLETE, (evidence) => ({
    evidence: evidence.toReversed(),
  })),
  claimed('evidence-not-named', 'a list that the document does not know', INCOMPLETE, (evidence) => ({
    evidence: evidence.filter(({ type }) => type === 'ocsp'),
  })),
  each('evidence-not-here', 'evidence that is promised, and not here', INCOMPLETE, ({ descriptor }) => ({
    descriptor: { ...descriptor, digest: OTHER },
  })),
  each('evidence-window-differs', 'a list that is said to be in force for longer than it says', INCOMPLETE, () => ({
    nextUpdate: '2030-01-01T00:00:00Z',
  })),
  each('evidence-size-differs', 'evidence of another size than is here', 'ERR_CONTENT_MISMATCH', ({ descriptor }) => ({
    descriptor: { ...descriptor, size: descriptor.size + 1 },
  })),
  each('evidence-is-a-manifest', 'the image’s manifest is called evidence too', 'ERR_CONTENT_AMBIGUOUS', (one) => ({
    descriptor: { ...one.descriptor, digest: SIGNED_IMAGE.root.digest, size: SIGNED_IMAGE.root.size },
  })),
  {
    name: 'evidence-is-garbage',
    why: 'a list that is none',
    code: 'ERR_CONTENT_MISMATCH',
    change: ({ contents, content: blobs }) => {
      const descriptor = describe('application/pkix-crl', GARBAGE)
      const evidence = contents.document.evidence?.map((one) => (one.type === 'crl' ? { ...one, descriptor } : one))
      const inventory = contents.inventory.map((line) =>
        line.mediaType === descriptor.mediaType ? { ...line, ...descriptor } : line,
      )
      const bytes = inventory.reduce((sum, { size }) => sum + size, 0)
      return {
        inventory,
        content: new Map(blobs).set(descriptor.digest, GARBAGE),
        document: canonicalBytes({
          ...contents.document,
          evidence,
          totals: { ...contents.document.totals, bytes },
        }),
      }
    },
  },
  {
    name: 'evidence-after-other-content',
    why: 'evidence behind the layers, where nobody looks for it before he has read them',
    code: FORMAT,
    change: ({ contents: { inventory } }) => ({
      inventory: [
        ...inventory.filter(({ role }) => role !== 'evidence'),
        ...inventory.filter(({ role }) => role === 'evidence'),
      ],
    }),
  },
  {
    name: 'inventory-evidence-of-another-kind',
    why: 'a tar that is called evidence',
    code: FORMAT,
    change: ({ contents: { inventory } }) => ({
      inventory: inventory.map((line) =>
        line.role === 'evidence' ? { ...line, mediaType: 'application/vnd.oci.image.layer.v1.tar' } : line,
      ),
    }),
  },
]
