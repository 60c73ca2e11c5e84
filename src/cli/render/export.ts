import { amount } from '../../encoding/amount.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { Exported, PlannedExport, WrittenExport } from '../exporting.js'
import type { Output } from '../output.js'
import { blobsOutput, claimsLines, claimsOutput } from './claims.js'

/** What an export came to, for programs. */
export function exportOutput(exported: Exported): Output {
  const { document, inventory } = exported.plan.contents
  if (exported.summary === undefined) {
    const { size } = exported
    return { schema: 'waybill.plan.v1', ...claimsOutput(document), size, blobs: blobsOutput(inventory) }
  }
  const roots = exported.plan.signedRoots.map((one) => ({ ...one }))
  const expiry = expiryOf(exported)
  return {
    schema: 'waybill.export.v1',
    ...exported.summary,
    signed: exported.signature !== undefined,
    ...(expiry === undefined ? {} : { expiry }),
    ...(roots.length === 0 ? {} : { signedRoots: roots }),
    ...claimsOutput(document),
  }
}

/** The same in lines, for people. */
export function exportLines(exported: Exported): string[] {
  return exported.summary === undefined ? planLines(exported) : writtenLines(exported)
}

function planLines({ plan, size }: PlannedExport): string[] {
  const { document, inventory } = plan.contents
  return [
    'The plan. Nothing has been written.',
    ...claimsLines(document),
    `the bundle will have ${amount(size)} (${size} bytes) and its signature`,
    ...inventory.map(
      ({ digest, size: bytes, role, base }) =>
        `  ${digest}  ${role.padEnd(8)}  ${amount(bytes)}${base === undefined ? '' : '  not carried'}`,
    ),
  ]
}

function writtenLines(exported: WrittenExport): string[] {
  const { plan, summary, signature } = exported
  const expiry = expiryOf(exported)
  const until = expiry === undefined ? '' : `, until ${expiry}`
  return [
    `wrote ${summary.path}: ${amount(summary.size)}`,
    `waybill ${summary.waybill}`,
    signature === undefined
      ? 'NOT SIGNED: no importer takes it by itself'
      : `signed by ${signature.opened.chain[0]?.subject ?? ''}${until}`,
    ...plan.signedRoots.map(({ subject, signature: digest }) => `signed ${subject}: ${digest}`),
    ...claimsLines(plan.contents.document),
  ]
}

function expiryOf({ signature }: WrittenExport): string | undefined {
  const expiry = signature?.opened.attributes.expiry
  return expiry && formatTimestamp(expiry)
}
