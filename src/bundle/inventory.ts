import type { Role } from '../content/node.js'
import { canonicalJson } from '../encoding/canonical-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type Digest, isDigest } from '../oci/digest.js'
import { isMediaType } from '../oci/manifest.js'
import { isIndexType, isManifestType } from '../oci/media-types.js'
import { EMPTY_CONFIG, EVIDENCE_TYPES } from './layout.js'

/** One blob of the bundle; the inventory has them in the order of the archive. */
export type InventoryLine = CarriedLine | ExpectedLine

interface ListedBlob {
  readonly digest: Digest
  /** bytes */
  readonly size: number
  readonly mediaType: string
  readonly role: LineRole
}

/** A blob that lies in the archive. */
export interface CarriedLine extends ListedBlob {
  /** The part that has it; a bundle in one file has part 1. */
  readonly here: 1
  readonly base?: never
}

/** A blob that the target has to have already. */
export interface ExpectedLine extends ListedBlob {
  /** The number, from 1, of what stands for it in the document’s `base`. */
  readonly base: number
  readonly here?: never
}

export type LineRole = Role | 'evidence'

const ROLES: readonly string[] = ['index', 'manifest', 'config', 'layer', 'blob', 'evidence']
const MAY_STAY: readonly string[] = ['config', 'layer', 'blob']
const EVIDENCE: readonly string[] = Object.values(EVIDENCE_TYPES)

export function formatInventory(lines: readonly InventoryLine[]): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => `${canonicalJson({ ...line })}\n`).join(''))
}

/** True of a blob that lies in the archive, false of one that is expected at the target. */
export function isCarried(line: InventoryLine): line is CarriedLine {
  return line.base === undefined
}

/** True where the waybill's empty config is content too: it then lies with the content, since no path is there twice. */
export function hasEmptyConfig(lines: readonly InventoryLine[]): boolean {
  return lines.some(({ digest }) => digest === EMPTY_CONFIG.digest)
}

/**
 * Parses the inventory: one canonical line a blob, each digest once, manifests before all else, then evidence.
 * @throws ERR_BUNDLE_FORMAT, ERR_LIMIT_EXCEEDED
 */
export function parseInventory(bytes: Uint8Array): InventoryLine[] {
  const texts = Buffer.from(bytes).toString('utf8').split('\n')
  if (texts.pop() !== '') fail('it does not end with a line feed')
  if (texts.length > LIMITS.graphNodes) {
    throw new TransferError('ERR_LIMIT_EXCEEDED', `the inventory has more than ${LIMITS.graphNodes} lines`)
  }
  const lines = texts.map(parseLine)
  if (new Set(lines.map(({ digest }) => digest)).size !== lines.length) fail('a digest is listed twice')
  lines.forEach((line, at) => {
    if (at > 0 && placeOf(line) < placeOf(lines[at - 1])) fail(`${placeName(line)} is listed after other content`)
  })
  return lines
}

function placeOf(line: InventoryLine | undefined): number {
  if (line === undefined || isManifestType(line.mediaType)) return 0
  return line.role === 'evidence' ? 1 : 2
}

function placeName({ role }: InventoryLine): string {
  return role === 'evidence' ? 'evidence' : 'a manifest'
}

// RFC 8785 of exactly these members: nothing in them needs an escape, so the form is the whole grammar.
const LINE =
  /^\{(?:"base":([1-9][0-9]{0,5}),)?"digest":"([a-z0-9]{6}:[0-9a-f]{64,128})"(,"here":1)?,"mediaType":"([!-~]{3,255})","role":"([a-z]{1,16})","size":(0|[1-9][0-9]{0,15})\}$/

function parseLine(text: string, at: number): InventoryLine {
  const what = `line ${at + 1} of the inventory`
  const [, base, digest = '', here, mediaType = '', role = '', digits = ''] =
    LINE.exec(text) ?? fail(`${what} is not in its one form`)
  if ((base === undefined) === (here === undefined)) fail(`${what} is not in its one form`)
  const size = Number(digits)
  if (!isDigest(digest)) return fail(`${what} has no valid digest`)
  if (!Number.isSafeInteger(size)) return fail(`${what} has no valid size`)
  if (!isMediaType(mediaType)) return fail(`${what} has no valid mediaType`)
  if (!isRole(role)) return fail(`${what} has no known role`)
  if (
    (role === 'index') !== isIndexType(mediaType) ||
    (role === 'manifest' || role === 'index') !== isManifestType(mediaType)
  ) {
    fail(`${what}: the role ${role} does not suit ${mediaType}`)
  }
  if (role === 'evidence' && !EVIDENCE.includes(mediaType)) fail(`${what}: ${mediaType} is no evidence`)
  const blob = { digest, size, mediaType, role }
  if (base === undefined) return { ...blob, here: 1 }
  // What a verifier has to read must be here: it asks nobody.
  if (!MAY_STAY.includes(role) || digest === EMPTY_CONFIG.digest) fail(`${what} is left out, and must not be`)
  return { ...blob, base: Number(base) }
}

function isRole(text: string): text is LineRole {
  return ROLES.includes(text)
}

function fail(why: string): never {
  throw new TransferError('ERR_BUNDLE_FORMAT', `the inventory is refused: ${why}`, { subject: 'inventory' })
}
