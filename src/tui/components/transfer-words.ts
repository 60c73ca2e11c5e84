import { amount } from '../../encoding/amount.js'
import { counted } from '../../encoding/counted.js'
import { formatDuration } from '../../encoding/duration.js'
import { STAGE_WORDS } from '../../events.js'
import { elapsedMs, speedOf } from '../pace.js'
import type { Work } from '../state.js'
import { type ActiveBlob, leftMs, type Note, percentOf, type Transfer } from '../transfer.js'

type Going = Pick<Work, 'phase' | 'paused' | 'transfer'>

/** What the work is doing, and whether it is held: always a word of its own. */
export function headline({ phase, paused, transfer }: Going): string {
  const { stage, pace } = transfer
  const doing = stage === undefined ? 'starting' : STAGE_WORDS[stage]
  const held = phase === 'stopping' ? 'STOPPING, what is there stays' : paused ? 'PAUSED' : undefined
  const since = stage === undefined ? undefined : formatDuration(elapsedMs(pace))
  return joined([doing, held, since])
}

/** How far it is. */
export function doneWords({ total, done }: Transfer): string {
  if (total === undefined) return done.bytes === 0 ? '' : amount(done.bytes)
  return `${amount(done.bytes)} of ${amount(total.bytes)}`
}

/** How fast it goes, and how long it still takes. */
export function paceWords(transfer: Transfer): string {
  const { pace, total } = transfer
  const speed = speedOf(pace)
  const left = leftMs(transfer)
  if (total === undefined || pace.pausedAt !== undefined) return ''
  return joined([
    speed === undefined ? undefined : `${amount(Math.round(speed))}/s`,
    left === undefined ? undefined : `${formatDuration(left)} left`,
  ])
}

/** What became of blobs and manifests, of what that happened to at all; and how often something was tried again. */
export function countWords({ stage, counts, tagged, walked, retries, done, total }: Transfer): string {
  const { copied, present, mounted, resumed } = counts
  const blobs = total === undefined || total.blobs === 0 ? undefined : `${done.blobs} of ${total.blobs} blobs`
  const read = stage === 'walk' && walked > 0 ? `${counted(walked, 'manifest')} read` : undefined
  const facts = { copied, present, mounted, resumed, 'names set': tagged }
  const said = Object.entries(facts).flatMap(([word, count]) => (count === 0 ? [] : [`${word} ${count}`]))
  return joined([blobs, read, retries === 0 ? undefined : counted(retries, 'retry', 'retries'), ...said])
}

/** One blob on one line: what it is, a bar, and how far. */
export function blobLine({ digest, size, bytes }: ActiveBlob, columns: number): string {
  const name = digest.slice(digest.indexOf(':') + 1).slice(0, 12)
  const far = `${amount(bytes)} of ${amount(size)}`
  const width = Math.max(0, Math.min(32, columns - name.length - 24))
  return `${name} ${bar(size === 0 ? 1 : bytes / size, width)} ${far}`
}

export function noteLine({ kind, text, times }: Note): string {
  return `${kind === 'retry' ? 'trying again' : 'warning'}: ${text}${times === 1 ? '' : ` (${times} times)`}`
}

/** The same for a person who hears it: in one line, without what is under way at this very moment. */
export function spokenWords(work: Going): string {
  const { transfer } = work
  const percent = percentOf(transfer)
  return joined([
    headline(work),
    percent === undefined ? undefined : `${percent} percent`,
    doneWords(transfer),
    paceWords(transfer),
    countWords(transfer),
  ])
}

function bar(part: number, width: number): string {
  if (width < 5) return ''
  const full = Math.floor(part * (width - 2))
  return `[${'='.repeat(full)}${'-'.repeat(width - 2 - full)}]`
}

/** What there is to say, on one line. */
export function joined(words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== '').join(' · ')
}
