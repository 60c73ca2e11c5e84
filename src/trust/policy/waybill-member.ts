import { described, Members, type MembersOptions } from './members.js'
import type { TrustStatement } from './trust-policy.js'

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000 }
const DURATION = /^(0|[1-9][0-9]{0,5})([dhm])$/

/**
 * The member `waybill` of a statement: `{"maxStaleness": "30d", "matchTarget": true, "nv2": true}`, each optional. It is this program's
 * own, and what it says loosens: so nothing in it may be misspelt.
 * @throws ERR_TRUST_POLICY_INVALID
 */
export function parseWaybillMember(
  statement: Members,
  { place, warn }: Pick<MembersOptions, 'place' | 'warn'>,
): TrustStatement['waybill'] {
  const value = statement.value('waybill')
  if (value === undefined) return { matchTarget: false, acceptNv2: false }
  const known = ['maxStaleness', 'matchTarget', 'nv2']
  const member = new Members(value, { place: { ...place, member: 'waybill' }, known, others: 'refuse', warn })
  const maxStalenessMs = parseDuration(member)
  return {
    ...(maxStalenessMs === undefined ? {} : { maxStalenessMs }),
    matchTarget: member.boolean('matchTarget') ?? false,
    acceptNv2: member.boolean('nv2') ?? false,
  }
}

function parseDuration(member: Members): number | undefined {
  const text = member.string('maxStaleness')
  if (text === undefined) return undefined
  const [, count, unit = ''] = DURATION.exec(text) ?? []
  const unitMs = UNITS[unit]
  if (count !== undefined && unitMs !== undefined) return Number(count) * unitMs
  throw member.refusal('maxStaleness', {
    expected: 'a number of days, hours or minutes',
    found: described(text),
    next: 'write it like 30d, 12h or 90m',
  })
}
