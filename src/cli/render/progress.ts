import { amount } from '../../encoding/amount.js'
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

/** Plain lines about the work, as seldom as a person wants them: the same facts where there is no terminal. */
export function progressLines(options: ProgressOptions): Emit {
  let total = 0
  let done = 0
  let stage: Stage | undefined
  let last = Number.NEGATIVE_INFINITY
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
  return (event: TransferEvent) => {
    switch (event.type) {
      case 'stage-started':
        stage = event.stage
        total = event.total?.bytes ?? 0
        done = 0
        underWay.clear()
        line(event.total === undefined ? STAGE_WORDS[stage] : startLine(stage, event.total))
        break
      case 'blob-started':
        // Where it begins anew, what was moved of it counts no more.
        done -= underWay.get(event.digest) ?? 0
        underWay.set(event.digest, 0)
        break
      case 'blob-progress':
        if (underWay.has(event.digest)) underWay.set(event.digest, (underWay.get(event.digest) ?? 0) + event.bytes)
        progress(event.bytes)
        break
      case 'blob-ended':
        progress(event.size - (underWay.get(event.digest) ?? 0))
        underWay.delete(event.digest)
        break
      case 'warning':
        line(`warning: ${printable(event.message)} (${event.code})`)
        break
      case 'retrying':
        line(
          `trying again in ${Math.ceil(event.waitMs / 1000)} s: ${printable(event.what)}: ${printable(event.reason)}`,
        )
        break
      default:
        break
    }
  }
}

function startLine(stage: Stage, total: { readonly blobs: number; readonly bytes: number }): string {
  return `${STAGE_WORDS[stage]}: ${total.blobs} blobs, ${amount(total.bytes)}`
}
