import { printable } from '../../encoding/printable.js'
import type { Receipt, ReceiptCounts, ReceiptRoot } from '../../receipt/receipt.js'
import type { OutputOf } from '../output.js'

/** A receipt as `--json` prints it: the document as it is. */
export function receiptDocument(receipt: Receipt): OutputOf<'waybill.receipt.v1'>['receipt'] {
  return structuredClone(receipt) as unknown as OutputOf<'waybill.receipt.v1'>['receipt']
}

/** Everything that a receipt says, for people. Foreign text in it is made harmless. */
export function receiptLines(receipt: Receipt): string[] {
  const { waybill, target, policy, allowedRollback, checks, roots, held, counts } = receipt
  return [
    `receipt of ${waybill.digest}`,
    ...bundleLines(receipt),
    `${receipt.result} into ${target.registry}${target.prefix === undefined ? '' : `/${target.prefix}`}`,
    `verified at ${receipt.verifiedAt}, finished at ${receipt.finishedAt}, by ${shown(receipt.generator)}`,
    ...(policy === undefined ? [] : [`import policy ${policy}`]),
    ...(allowedRollback === undefined ? [] : [`gone back on purpose, because: ${shown(allowedRollback)}`]),
    ...roots.flatMap(rootLines),
    ...checks.map(({ name, subject, result, detail, code }) => {
      const what = `${result.padEnd(14)} ${shown(name)} ${shown(subject)}: ${shown(detail)}`
      return code === undefined ? what : `${what} (${shown(code)})`
    }),
    `the target has ${held.length} manifests and blobs of it`,
    countLine('blobs', counts.blobs),
    countLine('manifests', counts.manifests),
  ]
}

function bundleLines({ bundle }: Receipt): string[] {
  const { createdAt, stream, sequence, previous, signers } = bundle
  const place = stream === undefined ? 'a bundle of no stream' : `number ${sequence ?? 0} of ${shown(stream)}`
  return [
    `${place}, made at ${createdAt}${previous === undefined ? '' : `, after ${previous}`}`,
    ...signers.map(
      ({ subject, rootThumbprint }) => `signed by ${shown(subject)}, below the root ${shown(rootThumbprint)}`,
    ),
  ]
}

function rootLines(root: ReceiptRoot): string[] {
  const rule = root.rule === undefined ? '' : `, by the rule ${shown(root.rule)}`
  const name = `${root.ruling} ${shown(root.source)} ${root.digest}${rule}`
  if (root.ruling === 'refused') {
    const reasons = root.because ?? []
    return [
      name,
      ...reasons.map(({ detail, code }) => `  ${shown(detail)}${code === undefined ? '' : ` (${shown(code)})`}`),
    ]
  }
  const change = root.change === undefined ? '' : `, ${root.change}`
  const was = root.was === undefined ? '' : ` from ${shown(root.was)}`
  const own = root.countersignature === undefined ? [] : [`  countersigned: ${root.countersignature}`]
  return [name, `  -> ${shown(root.target ?? '')}${change}${was}`, ...own]
}

function countLine(what: string, { copied, present, mounted }: ReceiptCounts): string {
  return `${what}: ${copied} copied, ${present} there already, ${mounted} mounted`
}

function shown(text: string): string {
  return printable(text, 1000)
}
