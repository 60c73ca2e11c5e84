import { type BundleDocument, rootName } from '../../bundle/document.js'
import { placeOf, type StreamPlace } from '../../bundle/stream.js'
import type { ErrorCode } from '../../errors.js'
import type { Digest } from '../../oci/digest.js'
import { type ImporterState, latest, type StreamState } from '../memory/state.js'
import type { NamedDigest } from '../memory/stream-record.js'
import type { Check } from '../verification.js'
import { type Finding, movedNames } from './moved-names.js'

/** What the importer remembers, and how strict it is about it. */
export interface RollbackOptions {
  readonly state: ImporterState
  /** refuse a bundle that does not follow the last one of its stream */
  readonly requireChain: boolean
  /** why going back is let pass this time; it stays visible as `logged` */
  readonly allow?: string
}

/** An authentic bundle, as far as this check looks at it. */
export interface RollbackClaim {
  readonly document: BundleDocument
  readonly waybill: Digest
  /** SHA-256 of the certificates in which its signers' chains end */
  readonly signers: readonly string[]
  readonly now: Date
}

/** Clocks of two machines that nobody compares; less than the way of any medium. */
const CLOCK_TOLERANCE_MS = 3_600_000

/** Going back is sometimes meant. Two bundles with one number never are. */
const ALLOWABLE: readonly ErrorCode[] = ['ERR_ROLLBACK', 'ERR_CLOCK_BACK']

/**
 * Holds a bundle against what the importer remembers: its number and predecessor in the stream, what names meant, and the
 * clock (ADR 29). Pure: reading and writing the state is for others.
 */
export function checkRollback(claim: RollbackClaim, given: RollbackOptions): readonly Check[] {
  const place = placeOf(claim.document)
  const known = place === undefined ? undefined : given.state.get(place.stream)
  const findings = [
    ...(place === undefined ? withoutStream(claim, given) : inStream(place, { claim, known, given })),
    ...movedNames(claim.document, { state: given.state, known }),
    ...clock(claim, known === undefined ? [...given.state.values()] : [known]),
  ]
  const refused = findings.filter(({ code }) => code !== undefined)
  const said = findings.filter(({ code }) => code === undefined).map(({ detail }) => detail)
  if (refused.length > 0) return refused.map((finding) => refusal(finding, claim.waybill, given.allow))
  const result = place === undefined ? 'not-applicable' : 'pass'
  return [{ name: 'rollback', subject: claim.waybill, result, detail: said.join('; ') }]
}

function refusal({ code, detail }: Finding, subject: Digest, allow: string | undefined): Check {
  const allowed = allow !== undefined && code !== undefined && ALLOWABLE.includes(code)
  return {
    name: 'rollback',
    subject,
    result: allowed ? 'logged' : 'fail',
    detail: allowed ? `${detail}; let pass, because: ${allow}` : detail,
    ...(code === undefined ? {} : { code }),
  }
}

function withoutStream({ signers }: RollbackClaim, { state, requireChain }: RollbackOptions): Finding[] {
  const theirs = [...state.values()].filter((one) => signers.some((signer) => one.signers.has(signer)))
  const known =
    theirs.length === 0
      ? ''
      : `, although its exporter has streams: ${theirs
          .map(({ stream }) => stream)
          .slice(0, 5)
          .join(', ')}`
  const detail = `the bundle belongs to no stream${known}; nothing tells whether it is an old one`
  return [requireChain ? { code: 'ERR_CHAIN_BROKEN', detail } : { detail }]
}

interface Compared {
  readonly claim: RollbackClaim
  readonly known: StreamState | undefined
  readonly given: RollbackOptions
}

function inStream(place: StreamPlace, { claim, known, given }: Compared): Finding[] {
  const { stream, sequence } = place
  if (known === undefined) return [{ detail: `number ${sequence} of ${stream}, the first that is seen of it here` }]
  const { highest, accepted } = known
  const strangers = claim.signers.some((signer) => known.signers.has(signer))
    ? []
    : [{ detail: 'it is signed below another root than all bundles of the stream before' }]
  const twin = accepted.get(sequence)
  if (twin !== undefined && twin !== claim.waybill) {
    const detail = `number ${sequence} of ${stream} is ${claim.waybill}, and was ${twin} when it was let in`
    return [{ code: 'ERR_EQUIVOCATION', detail }]
  }
  if (sequence < highest.sequence) {
    const back = backwards(claim.document, known)
    const detail = `number ${sequence} of ${stream} is older than number ${highest.sequence}, which was let in${back}`
    return [{ code: 'ERR_ROLLBACK', detail }]
  }
  if (sequence === highest.sequence) {
    return [{ detail: `number ${sequence} of ${stream}, the same bundle as before` }, ...strangers]
  }
  return [...chain(place, known, given), ...strangers]
}

/** Which names would mean something older. */
function backwards(document: BundleDocument, known: StreamState): string {
  const back = namesOf(document).filter(({ name, digest }) => {
    const floor = known.floors.get(name)
    return floor !== undefined && floor.digest !== digest
  })
  if (back.length === 0) return ''
  const [first] = back
  return `; ${first?.name}${back.length === 1 ? '' : ` and ${back.length - 1} more`} would go back`
}

function chain({ stream, sequence, previous }: StreamPlace, known: StreamState, given: RollbackOptions): Finding[] {
  const { highest } = known
  const follows = `number ${sequence} of ${stream} after number ${highest.sequence}`
  const code = given.requireChain ? { code: 'ERR_CHAIN_BROKEN' as const } : {}
  if (sequence > highest.sequence + 1)
    return [{ ...code, detail: `${follows}: ${sequence - highest.sequence - 1} in between were never seen here` }]
  if (previous === highest.waybill) return [{ detail: follows }]
  const other = previous === undefined ? 'does not say what it follows' : `says that it follows ${previous}`
  return [{ ...code, detail: `${follows}, but it ${other}, and ${highest.waybill} was let in` }]
}

/** Full names with what they mean, of roots that have a tag. */
export function namesOf(document: BundleDocument): NamedDigest[] {
  return document.roots
    .filter(({ tag }) => tag !== undefined)
    .map((root) => ({ name: rootName(root), digest: root.descriptor.digest }))
}

function clock({ document, now }: RollbackClaim, known: readonly StreamState[]): Finding[] {
  const trusted = latest(...known.map(({ trustedTime }) => trustedTime))
  const findings: Finding[] = []
  if (trusted !== '' && now.getTime() < Date.parse(trusted) - CLOCK_TOLERANCE_MS) {
    const detail = `this machine’s clock says ${shown(now)}, and it was ${trusted} already when a bundle was loaded`
    findings.push({ code: 'ERR_CLOCK_BACK', detail })
  }
  if (Date.parse(document.createdAt) > now.getTime() + CLOCK_TOLERANCE_MS) {
    const detail = `the bundle was made ${document.createdAt}, and this machine’s clock says ${shown(now)}`
    findings.push({ code: 'ERR_CLOCK_BACK', detail })
  }
  return findings
}

function shown(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
