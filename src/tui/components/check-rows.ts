import { amount } from '../../encoding/amount.js'
import { CHECKS } from '../../import/verification.js'
import { VERDICTS } from '../theme.js'
import { type CheckCounts, percentOf, type Transfer } from '../transfer.js'
import { joined } from './transfer-words.js'

/** One check, as far as it is: a word, never a colour alone. */
export interface CheckRow {
  readonly name: string
  readonly word: string
  readonly color: string
  /** how often, and of how much; may be empty */
  readonly more: string
}

const WAITING = { word: 'waiting', color: 'gray' }
const UNDER_WAY = { word: 'under way', color: 'cyan' }
const NOT_APPLICABLE = { word: 'not applicable', color: 'gray' }

/** Every check in its order, also what was not looked at yet; and those that only some bundles need. Pure. */
export function checkRows(transfer: Transfer): readonly CheckRow[] {
  const { checks } = transfer
  const others = [...checks.keys()].filter((name) => !CHECKS.some((check) => check === name))
  const running = transfer.stage === 'verify' && !transfer.endedStages.includes('verify')
  const next = running ? CHECKS.find((name) => !checks.has(name)) : undefined
  return [...CHECKS, ...others].map((name) => {
    const counts = checks.get(name)
    const more = joined([counts && countsWords(counts), name === 'content' ? hashedWords(transfer) : undefined])
    if (counts !== undefined && !(running && isOpen(name, counts))) return { name, ...verdictOf(counts), more }
    // Bytes are hashed beside everything else, from the first moment on.
    const now = running && (counts !== undefined || name === next || name === 'content')
    return { name, ...(now ? UNDER_WAY : WAITING), more }
  })
}

/** The policy is asked twice, about the bundle and about each root: that it admits the first is no verdict yet. */
function isOpen(name: string, { fail }: CheckCounts): boolean {
  return name === 'policy' && fail === 0
}

function verdictOf(counts: CheckCounts): Pick<CheckRow, 'word' | 'color'> {
  if (counts.fail > 0) return VERDICTS.fail
  if (counts.logged > 0) return VERDICTS.logged
  return counts.pass > 0 ? VERDICTS.pass : NOT_APPLICABLE
}

/** Only where a check is about more than one thing. */
function countsWords({ pass, fail, logged }: CheckCounts): string {
  if (pass + fail + logged < 2) return ''
  const words = { [VERDICTS.fail.word]: fail, [VERDICTS.logged.word]: logged, [VERDICTS.pass.word]: pass }
  return joined(Object.entries(words).map(([word, count]) => (count === 0 ? undefined : `${count} ${word}`)))
}

function hashedWords(transfer: Transfer): string {
  const { hashed, stage, total } = transfer
  if (stage !== 'verify' || total === undefined) return hashed === 0 ? '' : `${amount(hashed)} hashed`
  return `${percentOf(transfer) ?? 0} % · ${amount(hashed)} of ${amount(total.bytes)}`
}
