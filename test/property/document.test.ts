import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BundleDocument,
  formatDocument,
  type MissingEvidence,
  type RecordedEvidence,
} from '../../src/bundle/document.js'
import { formatInventory, type InventoryLine, parseInventory } from '../../src/bundle/inventory.js'
import { EVIDENCE_TYPES } from '../../src/bundle/layout.js'
import { parseDocument } from '../../src/bundle/parse-document.js'
import { TransferError } from '../../src/errors.js'
import { type Digest, digestOf } from '../../src/oci/digest.js'
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'

const digest: fc.Arbitrary<Digest> = fc
  .tuple(fc.nat(), fc.constantFrom('sha256' as const, 'sha512' as const))
  .map(([seed, algorithm]) => digestOf(Buffer.from(String(seed)), algorithm))
const size = fc.maxSafeNat()
const repository = fc.constantFrom('registry.example/app', '127.0.0.1:5000/team/app', '[::1]:5000/a/b/c', 'localhost/x')
const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}$/)
const time = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`)
const text = fc.string({ unit: 'grapheme' })
const notFound = fc.oneof(
  fc.constant({ result: 'none' as const }),
  fc.record({ result: fc.constant('could-not-ask' as const), reason: text }),
)
const thumbprint = fc.nat().map((seed) => digestOf(Buffer.from(String(seed))).slice('sha256:'.length))
const url = fc.webUrl({ withQueryParameters: true })
const evidence: fc.Arbitrary<RecordedEvidence> = fc
  .record(
    {
      type: fc.constantFrom('crl' as const, 'ocsp' as const),
      url,
      fetchedAt: time,
      thisUpdate: time,
      nextUpdate: time,
      certificates: fc.uniqueArray(thumbprint, { minLength: 1, maxLength: 3 }).map((list) => list.sort()),
      descriptor: fc.record({ mediaType: fc.constant(''), digest, size: fc.nat(1000) }),
    },
    { requiredKeys: ['type', 'fetchedAt', 'thisUpdate', 'certificates', 'descriptor'] },
  )
  .map((one) => ({ ...one, descriptor: { ...one.descriptor, mediaType: EVIDENCE_TYPES[one.type] } }))
const missing: fc.Arbitrary<MissingEvidence> = fc.record(
  { certificate: thumbprint, subject: text, url, reason: text },
  { requiredKeys: ['certificate', 'subject', 'reason'] },
)
const document: fc.Arbitrary<BundleDocument> = fc.record(
  {
    version: fc.constant(1 as const),
    kind: fc.constant('full' as const),
    createdAt: time,
    expiresAt: time,
    generator: text,
    roots: fc.array(
      fc.record(
        {
          repository,
          tag,
          descriptor: fc.record({ mediaType: fc.constantFrom(OCI_INDEX, OCI_MANIFEST), digest, size }),
          platforms: fc
            .uniqueArray(fc.constantFrom('linux/amd64', 'linux/arm/v7', 'windows/amd64'), { minLength: 1 })
            .map((list) => list.sort()),
        },
        { requiredKeys: ['repository', 'descriptor'] },
      ),
      { minLength: 1, maxLength: 5 },
    ),
    lookups: fc.array(
      fc.record({
        repository,
        subject: digest,
        referrers: fc.oneof(
          notFound,
          fc.record({ result: fc.constant('found' as const), digests: fc.array(digest, { maxLength: 3 }) }),
        ),
        tags: fc.oneof(
          notFound,
          fc.record({
            result: fc.constant('found' as const),
            tags: fc.array(fc.record({ tag, digest }), { maxLength: 3 }),
          }),
        ),
      }),
      { maxLength: 5 },
    ),
    omissions: fc.array(
      fc.record(
        {
          digest,
          size,
          mediaType: fc.constant('application/octet-stream'),
          parent: digest,
          reason: fc.constantFrom('platform' as const, 'non-distributable' as const),
          platform: text,
        },
        { requiredKeys: ['digest', 'size', 'mediaType', 'parent', 'reason'] },
      ),
      { maxLength: 3 },
    ),
    evidence: fc.array(evidence, { minLength: 1, maxLength: 3 }),
    evidenceMissing: fc.array(missing, { minLength: 1, maxLength: 3 }),
    totals: fc.record({ blobs: size, bytes: size }),
  },
  {
    requiredKeys: ['version', 'kind', 'createdAt', 'generator', 'roots', 'lookups', 'omissions', 'totals'],
  },
)

describe('a document', () => {
  it('is read as it was written, and written as it was read', () => {
    fc.assert(
      fc.property(document, (written) => {
        const bytes = formatDocument(written)

        const read = parseDocument(bytes)

        expect(read).toEqual(written)
        expect(Buffer.compare(formatDocument(read), bytes)).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  it('is either refused or still the only spelling of what it says, with any byte changed', () => {
    fc.assert(
      fc.property(document, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, place, mask) => {
        const bytes = Buffer.from(formatDocument(written))
        const at = place % bytes.byteLength
        bytes[at] = (bytes[at] ?? 0) ^ mask

        const read = parsedOrRefused(() => parseDocument(bytes))

        if (read !== undefined) expect(Buffer.compare(formatDocument(read), bytes)).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
})

const line: fc.Arbitrary<InventoryLine> = fc.oneof(
  fc.record({
    digest,
    size,
    mediaType: fc.constantFrom(OCI_CONFIG, 'application/octet-stream', 'a/b', 'x-y/z+json'),
    role: fc.constantFrom('config' as const, 'layer' as const, 'blob' as const),
    here: fc.constant(1 as const),
  }),
  fc.record({
    digest,
    size,
    mediaType: fc.constantFrom(...Object.values(EVIDENCE_TYPES)),
    role: fc.constant('evidence' as const),
    here: fc.constant(1 as const),
  }),
  fc.record({
    digest,
    size,
    mediaType: fc.constant(OCI_INDEX),
    role: fc.constant('index' as const),
    here: fc.constant(1 as const),
  }),
)

const inventory = fc
  .uniqueArray(line, { maxLength: 12, selector: (one) => one.digest })
  .map((lines) => lines.sort((a, b) => placeOf(a) - placeOf(b)))

function placeOf({ role }: InventoryLine): number {
  return role === 'index' ? 0 : role === 'evidence' ? 1 : 2
}

describe('an inventory', () => {
  it('is read as it was written, and written as it was read', () => {
    fc.assert(
      fc.property(inventory, (written) => {
        const bytes = formatInventory(written)

        const read = parseInventory(bytes)

        expect(read).toEqual(written)
        expect(Buffer.compare(formatInventory(read), bytes)).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  it('is either refused or still the only spelling of what it says, with any byte changed', () => {
    fc.assert(
      fc.property(inventory, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, place, mask) => {
        const bytes = Buffer.from(formatInventory(written))
        if (bytes.byteLength === 0) return
        const at = place % bytes.byteLength
        bytes[at] = (bytes[at] ?? 0) ^ mask

        const read = parsedOrRefused(() => parseInventory(bytes))

        if (read !== undefined) expect(Buffer.compare(formatInventory(read), bytes)).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
})

/** What was parsed; undefined where it was refused as the program refuses things, and not by a bug. */
function parsedOrRefused<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (cause) {
    if (cause instanceof TransferError) return undefined
    throw cause
  }
}
