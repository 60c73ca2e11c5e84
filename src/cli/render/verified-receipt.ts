import { printable } from '../../encoding/printable.js'
import type { CompactReceipt } from '../../receipt/compact.js'
import type { Receipt } from '../../receipt/receipt.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import { receiptLines } from './receipt.js'

/** One thing that was held against what it should be. */
export interface Finding {
  readonly what: string
  readonly result: 'pass' | 'fail'
  readonly detail: string
}

export interface VerifiedReceipt {
  readonly verdict: 'verified' | 'refused'
  readonly findings: readonly Finding[]
  readonly about: Pick<CompactReceipt, 'waybill' | 'result' | 'finishedAt' | 'stream' | 'sequence'>
  readonly receipt?: Receipt
  readonly path: string | undefined
  /** the clock of an audit */
  readonly at: Date | undefined
}

/** The verdict on a receipt in lines; what it says only where that is somebody's word. */
export function verifiedLines({ verdict, findings, about, receipt, path, at }: VerifiedReceipt): string[] {
  const { waybill, result, finishedAt, stream, sequence } = about
  const place = stream === undefined ? '' : `, number ${sequence ?? 0} of ${stream}`
  const said = receipt === undefined ? [`${waybill}${place}: ${result} at ${finishedAt}`] : receiptLines(receipt)
  const asOf = at === undefined ? '' : ` as of ${formatTimestamp(at)}`
  const name = path === undefined ? 'the compact receipt' : printable(path, 1000)
  return [
    ...(verdict === 'verified' ? said : []),
    ...findings.map(({ what, result: passed, detail }) => `${passed.padEnd(5)}${what}: ${printable(detail, 1500)}`),
    `${verdict === 'verified' ? 'VERIFIED' : 'NOT VERIFIED'} ${name}${asOf}`,
  ]
}
