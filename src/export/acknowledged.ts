import type { HeldContent } from '../bundle/base.js'
import { hasCode, TransferError } from '../errors.js'
import type { Digest } from '../oci/digest.js'
import { formatRepository, parseReference } from '../oci/reference.js'
import type { Receipt, ReceiptRoot } from '../receipt/receipt.js'

/** A receipt that was verified, and what it is called. */
export interface VerifiedReceipt {
  readonly path: string
  /** of its manifest */
  readonly digest: Digest
  readonly receipt: Receipt
}

export interface Acknowledgements {
  readonly held: readonly HeldContent[]
  /** receipts that stand for nothing, and why: one sentence each */
  readonly passedOver: readonly string[]
}

/**
 * What the far side says it has. A bundle goes to one target: a receipt of another one than the first stands for nothing,
 * nor does one of an import that was refused.
 * @throws ERR_RECEIPT_INVALID where a name in a receipt is none
 */
export function acknowledgements(receipts: readonly VerifiedReceipt[]): Acknowledgements {
  const first = receipts[0] && targetOf(receipts[0].receipt)
  const held: HeldContent[] = []
  const passedOver: string[] = []
  for (const one of receipts) {
    const { path, receipt } = one
    const target = targetOf(receipt)
    if (receipt.result === 'refused') passedOver.push(`${path} is about an import that was refused: nothing is there`)
    else if (target !== first) passedOver.push(`${path} is of ${target}, and the first receipt of ${first ?? ''}`)
    else held.push(heldAccordingTo(one, target))
  }
  return { held, passedOver }
}

function heldAccordingTo({ receipt, digest }: VerifiedReceipt, target: string): HeldContent {
  const admitted = receipt.roots.filter(({ ruling }) => ruling === 'admitted')
  const repositories = [...new Set(admitted.map(repositoryOf))].sort()
  return {
    base: { kind: 'acknowledged', receipt: digest, waybill: receipt.waybill.digest, repositories, target },
    digests: new Set(receipt.held),
  }
}

function targetOf({ target: { registry, prefix } }: Receipt): string {
  return prefix === undefined ? registry : `${registry}/${prefix}`
}

function repositoryOf({ source }: ReceiptRoot): string {
  try {
    return formatRepository(parseReference(source).repository)
  } catch (cause) {
    if (!hasCode(cause, 'ERR_REFERENCE_INVALID')) throw cause
    const message = `the receipt is refused: ${JSON.stringify(source.slice(0, 200))} is no name of a root`
    throw new TransferError('ERR_RECEIPT_INVALID', message, { cause, subject: 'receipt' })
  }
}
