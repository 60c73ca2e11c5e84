import { amount } from '../../encoding/amount.js'
import { counted } from '../../encoding/counted.js'
import { printable } from '../../encoding/printable.js'
import { type Emit, STAGE_WORDS, type Stage, type TransferEvent } from '../../events.js'
import type { Digest } from '../../oci/digest.js'

export interface ProgressOptions {
  readonly write: (line: string) => void
  /** milliseconds */
  readonly now: () => number
  /** least time between two lines about the same stage */
  readonly everyMs: number
}

/** Checks that one stage tells one by one; the result has all of them. */
const TOLD_CHECKS = 20

/** Plain lines about the work, as seldom as a person wants them: the same facts where there is no terminal. */
export function progressLines(options: ProgressOptions): Emit {
  let total = 0
  let done = 0
  let stage: Stage | undefined
  let last = Number.NEGATIVE_INFINITY
  let checks = 0
  let tags = 0
  let walked = 0
  const underWay = new Map<Digest, number>()
  const line = (text: string): void => {
    last = options.now()
    options.write(text)
  }
  const progress = (bytes: number): void => {
    done += bytes
    if (stage === undefined || total === 0 || options.now() - last < options.everyMs) return
    line(`${STAGE_WORDS[stage]}: ${amount(done)} of ${amount(total)} (${Math.floor((100 * done) / total)} %)`)
  }
  const begun = ({ stage: next, total: amounts }: EventOf<'stage-started'>): void => {
    stage = next
    total = amounts?.bytes ?? 0
    done = 0
    checks = 0
    tags = 0
    walked = 0
    underWay.clear()
    line(amounts === undefined ? STAGE_WORDS[next] : startLine(next, amounts))
  }
  const checked = (event: EventOf<'checked'>): void => {
    if (event.result === 'pass' || event.result === 'not-applicable') return
    checks += 1
    if (checks <= TOLD_CHECKS) line(checkLine(event))
    else if (checks === TOLD_CHECKS + 1) line('more checks did not pass: the result has all of them')
  }
  const tagged = (): void => {
    tags += 1
    // The result names each; who waits for thousands of them sees that it goes on.
    if (options.now() - last >= options.everyMs) line(`${STAGE_WORDS.tag}: ${tags} set`)
  }
  const walkedOne = (): void => {
    walked += 1
    if (options.now() - last >= options.everyMs) line(`${STAGE_WORDS.walk}: ${counted(walked, 'manifest')} read`)
  }
  const blob = (event: EventOf<'blob-started' | 'blob-progress' | 'blob-ended'>): void => {
    const moved = underWay.get(event.digest)
    if (event.type === 'blob-started') {
      // Where it begins anew, what was moved of it counts no more.
      done -= moved ?? 0
      underWay.set(event.digest, 0)
    } else if (event.type === 'blob-progress') {
      if (moved !== undefined) underWay.set(event.digest, moved + event.bytes)
      progress(event.bytes)
    } else {
      underWay.delete(event.digest)
      progress(event.size - (moved ?? 0))
    }
  }
  return (event: TransferEvent) => {
    switch (event.type) {
      case 'stage-started':
        return begun(event)
      case 'walked':
        return walkedOne()
      case 'blob-started':
      case 'blob-progress':
      case 'blob-ended':
        return blob(event)
      case 'checked':
        return checked(event)
      case 'tagged':
        return tagged()
      case 'warning':
        return line(`warning: ${printable(event.message)} (${event.code})`)
      case 'retrying':
        return line(
          `trying again in ${Math.ceil(event.waitMs / 1000)} s: ${printable(event.what)}: ${printable(event.reason)}`,
        )
      default:
        return
    }
  }
}

type EventOf<Type extends TransferEvent['type']> = TransferEvent & { readonly type: Type }

function checkLine({ check, subject, result }: EventOf<'checked'>): string {
  return `${result === 'fail' ? 'FAIL' : result} ${printable(check)}: ${printable(subject)}`
}

function startLine(stage: Stage, total: { readonly blobs: number; readonly bytes: number }): string {
  return `${STAGE_WORDS[stage]}: ${total.blobs} blobs, ${amount(total.bytes)}`
}
