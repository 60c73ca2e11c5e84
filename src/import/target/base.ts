import { isCarried } from '../../bundle/inventory.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import { limited } from '../../content/limited.js'
import type { CallOptions, ContentSink, ContentSource } from '../../content/store.js'
import { hasCode, TransferError } from '../../errors.js'
import type { Emit } from '../../events.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { formatRepository, type Repository } from '../../oci/reference.js'
import { type Decision, decide } from '../decide.js'
import type { Decided } from '../last-word/last-word.js'
import { type Placed, type Placing, placeRoots } from '../names/names.js'
import type { Check } from '../verification.js'

/** Where the target was found to have a blob that the bundle does not carry. */
export interface BasePlace {
  readonly repository: Repository
  readonly source: ContentSource
}

/** What came of asking the target for what an incremental bundle builds on. */
export interface BaseFindings {
  /** by digest, one place each; empty for a full bundle */
  readonly places: ReadonlyMap<Digest, BasePlace>
  /** one; none for a full bundle */
  readonly checks: readonly Check[]
}

export interface BaseOptions extends CallOptions, Placing {
  readonly open: (repository: Repository) => Promise<ContentSource & ContentSink>
  readonly emit: Emit
  /** Questions in flight. */
  readonly concurrency: number
}

const MAX_NAMED = 20

/**
 * Asks the target for every blob that an incremental bundle does not carry: first where it is needed, then where else this
 * bundle goes, then where the bundles that it builds on went. Nothing is written. That a registry says it has a digest is
 * believed as far as the registry is; its size has to be right.
 * @throws what the target throws where it cannot be asked
 */
export async function findBase(decision: Decision, given: BaseOptions): Promise<BaseFindings> {
  const { bundle } = decision
  const expected = new Set(bundle.inventory.filter((line) => !isCarried(line)).map(({ digest }) => digest))
  const wanted = wantedBlobs(decision, expected)
  if (wanted.length === 0) return { places: new Map(), checks: [] }
  const opened = new Map<string, Promise<ContentSource & ContentSink>>()
  const open = (repository: Repository): Promise<ContentSource & ContentSink> => {
    const name = formatRepository(repository)
    const known = opened.get(name) ?? given.open(repository)
    opened.set(name, known)
    return known
  }
  const others = otherRepositories(decision, given)
  const places = new Map<Digest, BasePlace>()
  const missing = new Set<Digest>()
  given.emit({ type: 'stage-started', stage: 'base', total: totalOf(wanted.map(({ blob }) => blob)) })
  await limited(wanted, { limit: given.concurrency, signal: given.signal }, async ({ blob, repository }, signal) => {
    const known = places.get(blob.digest)
    const place = await firstWith(blob, [repository, ...(known === undefined ? others : [known.repository])], {
      open,
      signal,
    })
    if (place === undefined) missing.add(blob.digest)
    else places.set(blob.digest, known ?? place)
  })
  given.emit({ type: 'stage-ended', stage: 'base' })
  return {
    places,
    checks: [judgement(bundle, [...missing].sort(), new Set(wanted.map(({ blob }) => blob.digest)).size)],
  }
}

/**
 * Holds an import against the target that it goes to, where the bundle builds on what is there. What is missing refuses
 * the bundle before anything is written, and by name.
 * @throws as `findBase`
 */
export async function withBase(
  decided: Decided,
  given: BaseOptions & { readonly placed: Placed },
): Promise<Decided & { readonly base: BaseFindings['places'] }> {
  const { verification, decision } = decided
  const { places, checks } = await findBase(decision, given)
  if (checks.length === 0) return { ...decided, base: places }
  for (const { name, subject, result } of checks) given.emit({ type: 'checked', check: name, subject, result })
  const { verified, ...rest } = verification
  // What was said before the target was asked is no longer the last word.
  const found = { ...rest, checks: [...rest.checks.filter(({ name }) => name !== 'base'), ...checks] }
  if (verified !== undefined && checks.every(({ result }) => result === 'pass'))
    return { verification: { ...found, verified }, decision, base: places }
  return { verification: found, decision: decide(found, given.placed), base: new Map() }
}

/** Says of what a registry no longer has that it was there when the import began. */
export function vanished({ digest }: Descriptor): (cause: unknown) => never {
  return (cause) => {
    if (!hasCode(cause, 'ERR_NOT_FOUND')) throw cause
    const message = `${digest} was at the target when the import began, is not any more, and the bundle does not carry it`
    throw new TransferError('ERR_BASE_MISSING', message, { cause, side: 'sink', subject: digest })
  }
}

interface WantedBlob {
  readonly blob: Descriptor
  readonly repository: Repository
}

/** Each blob in each repository that it has to be in. */
function wantedBlobs(decision: Decision, expected: ReadonlySet<Digest>): readonly WantedBlob[] {
  const wanted = new Map<string, WantedBlob>()
  for (const ruling of decision.rulings) {
    if (ruling.kind !== 'admit') continue
    const repository = ruling.target
    for (const blob of ruling.closure.nodes) {
      if (expected.has(blob.digest)) wanted.set(`${formatRepository(repository)}@${blob.digest}`, { blob, repository })
    }
  }
  return [...wanted.values()]
}

/** Where the target may have it besides; a name that is not allowed there is not asked for. */
function otherRepositories({ bundle, rulings }: Decision, placing: Placing): readonly Repository[] {
  const found = new Map<string, Repository>()
  for (const ruling of rulings) {
    if (ruling.kind === 'admit') found.set(formatRepository(ruling.target), ruling.target)
  }
  const descriptor = bundle.waybill.descriptor
  for (const repository of (bundle.document.base ?? []).flatMap(({ repositories }) => repositories)) {
    for (const place of placeRoots([{ repository, descriptor }], placing).places.values())
      found.set(formatRepository(place.repository), place.repository)
  }
  return [...found.values()]
}

async function firstWith(
  blob: Descriptor,
  repositories: readonly Repository[],
  { open, signal }: CallOptions & Pick<BaseOptions, 'open'>,
): Promise<BasePlace | undefined> {
  const [needed] = repositories
  for (const repository of repositories) {
    const source = await open(repository)
    const has = source.has(blob, { signal })
    // This account need not be allowed to read where an earlier bundle went.
    if (await (repository === needed ? has : has.catch(notAllowed))) return { repository, source }
  }
  return undefined
}

function notAllowed(cause: unknown): false {
  if (hasCode(cause, 'ERR_UNAUTHORIZED') || hasCode(cause, 'ERR_FORBIDDEN')) return false
  throw cause
}

function totalOf(blobs: readonly Descriptor[]) {
  return { blobs: blobs.length, bytes: blobs.reduce((sum, { size }) => sum + size, 0) }
}

function judgement({ waybill }: OpenedBundle, missing: readonly Digest[], expected: number): Check {
  const subject = waybill.descriptor.digest
  if (missing.length === 0) {
    const detail = `all ${expected} blobs that the bundle builds on are at the target, of their sizes`
    return { name: 'base', subject, result: 'pass', detail }
  }
  const more = missing.length > MAX_NAMED ? `, and ${missing.length - MAX_NAMED} more` : ''
  const named = missing.slice(0, MAX_NAMED).join(', ')
  const detail = `the target lacks ${missing.length} of ${expected} blobs that the bundle builds on: ${named}${more}`
  return { name: 'base', subject, result: 'fail', detail, code: 'ERR_BASE_MISSING' }
}
