import { formatTimestamp } from '../timestamps.js'
import type { Crl } from './crl.js'
import { CERTIFICATE_HOLD, isExcused, REMOVE_FROM_CRL, revokedWords, type Standing } from './revoked.js'
import type { CrlStatement } from './statements.js'

interface Given {
  readonly at: Date
  readonly signedAt: Date | undefined
  /** the certificate says that there are delta lists */
  readonly namesDelta: boolean
}

/**
 * What lists come to at a moment, revocations for good aside: of each scope the newest list in force, with the newest delta
 * list that can be laid over it. One that holds the certificate decides; else one whose silence proves something.
 */
export function listStanding(lists: readonly CrlStatement[], given: Given): Standing {
  const standings = byKinship(lists).map((kin) => kinStanding(kin, given))
  const decided =
    standings.find(({ status }) => status === 'revoked') ?? standings.find(({ status }) => status === 'good')
  return decided ?? { status: 'unknown', detail: standings.map(({ detail }) => detail).join('; ') }
}

/** Only lists of one scope and one key of the issuer belong together (RFC 5280 §5.2.4). */
function byKinship(lists: readonly CrlStatement[]): readonly (readonly CrlStatement[])[] {
  const groups = new Map<string, CrlStatement[]>()
  for (const list of lists) groups.set(list.crl.kinship, [...(groups.get(list.crl.kinship) ?? []), list])
  return [...groups.values()]
}

function kinStanding(kin: readonly CrlStatement[], given: Given): Standing {
  const inForce = kin.filter(({ crl }) => crl.thisUpdate <= given.at && given.at <= crl.nextUpdate)
  const base = newest(inForce.filter(({ crl }) => crl.baseNumber === undefined))
  if (base === undefined) return { status: 'unknown', detail: whyNone(kin, given.at) }
  // notary: a delta list is newer than the list, and begins at it or before it (RFC 5280 §5.2.4).
  const delta = newest(inForce.filter(({ crl }) => crl.baseNumber !== undefined && crl.number > base.crl.number))
  const fits = delta?.crl.baseNumber !== undefined && delta.crl.baseNumber <= base.crl.number
  const from = fits ? delta.crl.thisUpdate : base.crl.thisUpdate
  const held = holdOf(base, given) ?? holdOf(delta, given)
  const released = fits && holdOf(delta, given) === undefined && isRemoved(delta)
  if (held !== undefined && !released) return { status: 'revoked', detail: held, from }
  if (base.silent !== undefined) return { status: 'unknown', detail: `${listName(base.crl)} ${base.silent}` }
  if ((base.crl.namesDelta || given.namesDelta) && !fits) {
    return {
      status: 'unknown',
      detail: `there are delta lists, and none in force is here that ${listName(base.crl)} needs`,
    }
  }
  const names = `${listName(base.crl)}${fits ? ` with ${listName(delta.crl)}` : ''}`
  return { status: 'good', detail: `${whyGood(base, delta)}, says ${names}`, from }
}

/** Whoever is in a list and not revoked by it has been released, or has signed before that mattered. */
function whyGood(base: CrlStatement, delta: CrlStatement | undefined): string {
  const [entry] = [...base.listed, ...(delta?.listed ?? [])].filter(({ invalidFrom }) => invalidFrom !== undefined)
  return entry === undefined ? 'not revoked' : `${revokedWords(entry)}, and signed before that mattered`
}

function holdOf(statement: CrlStatement | undefined, { signedAt }: Given): string | undefined {
  const entry = statement?.listed.find((one) => one.reason === CERTIFICATE_HOLD && !isExcused(one, signedAt))
  return entry && statement && `${revokedWords(entry)}, says ${listName(statement.crl)}`
}

function isRemoved({ listed }: CrlStatement): boolean {
  return listed.some(({ reason }) => reason === REMOVE_FROM_CRL)
}

function newest(lists: readonly CrlStatement[]): CrlStatement | undefined {
  return lists.toSorted((a, b) => (a.crl.number < b.crl.number ? 1 : a.crl.number > b.crl.number ? -1 : 0))[0]
}

function whyNone(kin: readonly CrlStatement[], at: Date): string {
  const names = kin.map(({ crl }) => listName(crl)).slice(0, 3)
  const complete = kin.some(({ crl }) => crl.baseNumber === undefined)
  return complete
    ? `no list is in force at ${formatTimestamp(at)}: ${names.join(', ')}`
    : `${names.join(', ')} without the list that it changes`
}

/** A list in words, with its window. */
export function listName({ number, baseNumber, thisUpdate, nextUpdate }: Crl): string {
  const kind = baseNumber === undefined ? 'CRL' : 'delta CRL'
  return `${kind} ${number} (${formatTimestamp(thisUpdate)} to ${formatTimestamp(nextUpdate)})`
}
