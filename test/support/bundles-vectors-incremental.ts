import type { BundleBase, HeldContent } from '../../src/bundle/base.js'
import type { BundleDocument } from '../../src/bundle/document.js'
import { formatInventory, type InventoryLine, isCarried } from '../../src/bundle/inventory.js'
import { EMPTY_CONFIG } from '../../src/bundle/layout.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { ErrorCode } from '../../src/errors.js'
import { type Digest, digestOf } from '../../src/oci/digest.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { anImage } from './build.js'
import { APP, aRepository } from './bundles.js'
import { aBase, type Base, type Vector } from './bundles-vectors.js'
import { type Hostile, signed } from './bundles-vectors-signed.js'
import type { ValidVectors } from './bundles-vectors-valid.js'

const FORMAT = 'ERR_BUNDLE_FORMAT'
const INCOMPLETE = 'ERR_BUNDLE_INCOMPLETE'
const WAYBILL = digestOf(Buffer.from('a waybill'))
const RECEIPT = digestOf(Buffer.from('a receipt'))

const ACKNOWLEDGED: BundleBase = {
  kind: 'acknowledged',
  waybill: WAYBILL,
  receipt: RECEIPT,
  repositories: [APP],
  target: 'registry.acme.example/mirror',
}
const ASSUMED: BundleBase = { kind: 'assumed', waybill: WAYBILL, repositories: [APP] }

/** Bundles that leave out what an earlier one brought, and what an exporter can do with that whose key is trusted. */
export async function incrementalVectors(valid: ValidVectors, signer: Signer): Promise<readonly Vector[]> {
  const held = (base: BundleBase): HeldContent => ({
    base,
    digests: new Set(valid.image.contents.inventory.map(({ digest }) => digest)),
  })
  const acknowledged = await increment('valid-incremental-on-a-receipt', [held(ACKNOWLEDGED)], signer)
  const assumed = await increment('valid-incremental-on-an-assumed-bundle', [held(ASSUMED)], signer)
  const sound = (of: Base, why: string): Vector => ({
    ...{ name: of.name, why, bytes: of.bytes, verdict: 'verified' },
    after: valid.image.name,
  })
  return [
    sound(acknowledged, 'a layer that the far side has acknowledged is not carried'),
    sound(assumed, 'a layer that the far side is assumed to have is not carried'),
    ...(await signed(acknowledged, signer, [...kinds, ...bases, ...lines])),
    ...(await signed(valid.release, signer, neededToVerify)),
  ]
}

async function increment(name: string, held: readonly HeldContent[], signer: Signer): Promise<Base> {
  const [old] = anImage({ layers: 1, size: 300 }).contents
  if (old === undefined) throw new Error('an image without a layer')
  const image = anImage({ layers: [old.bytes, Buffer.alloc(1536, 'new')] }).tagged('next')
  const from = { [APP]: await aRepository(image) }
  const base = await aBase(name, { from, sources: [`${APP}:next`], held, signer })
  const left = new Set(base.contents.inventory.filter((line) => !isCarried(line)).map(({ digest }) => digest))
  return { ...base, content: new Map([...base.content].filter(([digest]) => !left.has(digest))) }
}

function claimed(name: string, why: string, code: ErrorCode, change: (document: BundleDocument) => object): Hostile {
  return {
    ...{ name, why, code },
    change: ({ contents }) => ({ document: canonicalBytes({ ...contents.document, ...change(contents.document) }) }),
  }
}

const kinds: readonly Hostile[] = [
  claimed('incremental-without-base', 'something is left out, and nothing said to have it', FORMAT, () => ({
    base: undefined,
  })),
  claimed('incremental-with-empty-base', 'a base that is none', FORMAT, () => ({ base: [] })),
  claimed('incremental-called-full', 'a full bundle with a base', FORMAT, () => ({ kind: 'full' })),
  claimed('full-that-leaves-something-out', 'a full bundle whose inventory names a base', FORMAT, () => ({
    kind: 'full',
    base: undefined,
  })),
  claimed('incremental-totals-differ', 'fewer blobs said to be left out than are', INCOMPLETE, ({ totals }) => ({
    totals: { ...totals, expected: { blobs: 0, bytes: 0 } },
  })),
  claimed('incremental-totals-without-expected', 'nothing said to be left out', INCOMPLETE, ({ totals }) => ({
    totals: { blobs: totals.blobs, bytes: totals.bytes },
  })),
]

function based(name: string, why: string, base: readonly object[]): Hostile {
  return claimed(name, why, FORMAT, () => ({ base }))
}

const bases: readonly Hostile[] = [
  based('incremental-base-for-nothing', 'a base that no blob has', [ACKNOWLEDGED, ASSUMED]),
  based('incremental-base-twice', 'one base twice', [ACKNOWLEDGED, ACKNOWLEDGED]),
  based('incremental-bases-in-another-order', 'what is assumed before what is acknowledged', [ASSUMED, ACKNOWLEDGED]),
  based('incremental-base-of-unknown-kind', 'a base by hearsay', [{ ...ASSUMED, kind: 'told' }]),
  based('incremental-base-with-unknown-member', 'an assumed base with a receipt', [{ ...ASSUMED, receipt: RECEIPT }]),
  based('incremental-base-without-receipt', 'acknowledged, and nothing that says so', [
    { ...ACKNOWLEDGED, receipt: undefined },
  ]),
  based('incremental-base-without-repositories', 'a base that came from nowhere', [{ ...ASSUMED, repositories: [] }]),
  based('incremental-base-repository-twice', 'one repository twice', [{ ...ASSUMED, repositories: [APP, APP] }]),
  based('incremental-base-hostile-repository', 'a repository that leads out of the target', [
    { ...ASSUMED, repositories: ['registry.example/../../kube-system/app'] },
  ]),
  based('incremental-base-hostile-target', 'a target that is an address', [
    { ...ACKNOWLEDGED, target: 'https://registry.acme.example/?x' },
  ]),
  based('incremental-base-hostile-waybill', 'a digest that leads out of the folder', [
    { ...ASSUMED, waybill: `sha256:${'../'.repeat(18)}etc/passwd` },
  ]),
]

/** Another inventory, as text. */
function listedAs(name: string, why: string, change: (text: string) => string, code: ErrorCode = FORMAT): Hostile {
  const inventory = ({ contents }: Base) =>
    Buffer.from(change(Buffer.from(formatInventory(contents.inventory)).toString()))
  return { ...{ name, why, code }, change: (base) => ({ inventory: inventory(base) }) }
}

const lines: readonly Hostile[] = [
  listedAs('incremental-unknown-base', 'a blob with a base that the document has not', (text) =>
    text.replace('"base":1', '"base":2'),
  ),
  listedAs('incremental-base-zero', 'a base below the first one', (text) => text.replace('"base":1', '"base":0')),
  listedAs('incremental-blob-here-and-not', 'a blob that is here and at the target', (text) =>
    text.replace(/("base":1,"digest":"[^"]*")/, '$1,"here":1'),
  ),
  listedAs('incremental-blob-nowhere', 'a blob that is neither here nor at the target', (text) =>
    text.replace('"base":1,', ''),
  ),
  listedAs('incremental-manifest-left-out', 'a manifest that the target is said to have', (text) =>
    text.replace(/^\{("digest":"[^"]*"),"here":1/, '{"base":1,$1'),
  ),
  listedAs(
    'incremental-blob-that-nothing-names',
    'a blob at the target that belongs to nothing',
    (text) =>
      `${text}${text
        .split('\n')
        .find((line) => line.includes('"base"'))
        ?.replace(/sha256:..../, 'sha256:0000')}\n`,
    INCOMPLETE,
  ),
  listedAs(
    'incremental-size-differs',
    'a blob at the target of another size than its manifest gives',
    (text) =>
      text.replace(/("base":1.*"size":)([0-9]+)/, (_all, start: string, size: string) => `${start}${Number(size) + 1}`),
    INCOMPLETE,
  ),
  {
    name: 'incremental-blob-carried-all-the-same',
    why: 'an entry for what is said to be left out',
    code: FORMAT,
    change: ({ contents, content }) => {
      const [old] = anImage({ layers: 1, size: 300 }).contents
      const line = contents.inventory.find(({ base }) => base !== undefined)
      return { content: new Map([...content, ...(old && line ? [[line.digest, old.bytes] as const] : [])]) }
    },
  },
]

/** A sound bundle that leaves out what has to be read to verify it. */
function leftOut(name: string, why: string, code: ErrorCode, is: (line: InventoryLine) => boolean): Hostile {
  return {
    ...{ name, why, code },
    change: ({ contents, content }) => {
      const left = new Set<Digest>(contents.inventory.filter(is).map(({ digest }) => digest))
      const inventory = contents.inventory.map((line): InventoryLine => {
        const { digest, size, mediaType, role } = line
        return left.has(digest) ? { digest, size, mediaType, role, base: 1 } : line
      })
      const expected = inventory.filter((line) => !isCarried(line))
      const bytes = expected.reduce((sum, { size }) => sum + size, 0)
      const totals = { ...contents.document.totals, expected: { blobs: expected.length, bytes } }
      return {
        document: canonicalBytes({ ...contents.document, kind: 'incremental', base: [ASSUMED], totals }),
        inventory,
        content: new Map([...content].filter(([digest]) => !left.has(digest))),
      }
    },
  }
}

const neededToVerify: readonly Hostile[] = [
  leftOut('incremental-signature-left-out', 'a signature is left to the target', INCOMPLETE, ({ mediaType }) =>
    mediaType.startsWith('application/jose'),
  ),
  leftOut('incremental-sbom-left-out', 'an SBOM is left to the target', INCOMPLETE, ({ mediaType }) =>
    mediaType.startsWith('application/spdx'),
  ),
  leftOut(
    'incremental-cosign-payload-left-out',
    'what cosign signed is left to the target',
    INCOMPLETE,
    ({ mediaType }) => mediaType.startsWith('application/vnd.dev.cosign'),
  ),
  leftOut(
    'incremental-empty-config-left-out',
    'the waybill’s own config is left to the target',
    FORMAT,
    ({ digest }) => digest === EMPTY_CONFIG.digest,
  ),
]
