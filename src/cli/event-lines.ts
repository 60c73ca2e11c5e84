import { printableJson } from '../encoding/printable.js'
import type { Emit } from '../events.js'
import type { EventLine } from './output/events.js'
import type { Output, OutputOf } from './output.js'

export interface EventLinesOptions {
  readonly write: (line: string) => void
  readonly now: () => Date
  /** the program, `waybill/1.2.3` */
  readonly generator: string
}

/** What `--events ndjson` says of a command: first of which version it is, then its events, then how it ended. */
export interface EventLines {
  readonly emit: Emit
  /** @param printed what the command has printed with `--json`, or would have */
  readonly ended: (exit: number, printed: Output | undefined) => void
  readonly failed: (error: OutputOf<'waybill.error.v1'>) => void
}

/** Writes events as NDJSON, each with the time of day; the first line says which schema the lines have. */
export function eventLines({ write, now, generator }: EventLinesOptions): EventLines {
  let greeted = false
  const line = (event: EventLine): void => write(`${printableJson(event)}\n`)
  const say = (event: (at: string) => EventLine): void => {
    const at = now().toISOString()
    if (!greeted) line({ type: 'hello', at, schema: 'waybill.event.v1', generator })
    greeted = true
    line(event(at))
  }
  return {
    emit: (event) => say((at) => ({ ...event, at })),
    ended: (exit, printed) => say((at) => ({ type: 'ended', at, exit, ...cameTo(printed) })),
    failed: (error) => say((at) => ({ type: 'error', at, ...error })),
  }
}

function cameTo(printed: Output | undefined): Pick<EventLine & { type: 'ended' }, 'verdict' | 'waybill' | 'receipt'> {
  switch (printed?.schema) {
    case 'waybill.export.v1':
      return { waybill: printed.waybill }
    case 'waybill.verify.v1':
      return { verdict: printed.verdict, waybill: printed.waybill }
    case 'waybill.import.v1': {
      const { verdict, waybill, receipt } = printed
      return { verdict, waybill, ...(receipt === undefined ? {} : { receipt: receipt.digest }) }
    }
    default:
      return {}
  }
}
