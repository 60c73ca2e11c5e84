import type { VerificationContext } from '../trust/notary/context.js'
import { verifySignature } from '../trust/notary/verify-signature.js'
import type { SignatureOutcome } from '../trust/outcome.js'
import { LEVELS } from '../trust/policy/levels.js'
import type { TrustStatement, TrustStoreName } from '../trust/policy/trust-policy.js'
import type { ReceiptFile } from './receipt-file.js'

/** The store with the roots of those who may sign an importer's records. */
export const IMPORTERS: TrustStoreName = { type: 'ca', name: 'importers' }

/** Whose receipts count: signatures by the roots of the store `ca:importers`, judged strictly. */
export const IMPORTERS_STATEMENT: TrustStatement = {
  name: 'importers',
  scopes: [],
  global: false,
  level: { name: 'strict', actions: LEVELS.strict },
  verifyTimestamp: 'always',
  stores: [IMPORTERS],
  identities: ['*'],
  waybill: { matchTarget: false, acceptNv2: false },
}

/**
 * Judges the signature on a receipt, offline. Only with the verdict `verified` is the receipt an importer's word.
 * @throws ERR_TRUST_STORE_INVALID where nobody has said which importers count
 */
export async function verifyReceipt(
  { manifest, envelope, envelopeType }: ReceiptFile,
  context: Omit<VerificationContext, 'statement'>,
): Promise<SignatureOutcome> {
  await context.store(IMPORTERS)
  const question = {
    signature: manifest.descriptor.digest,
    envelope,
    type: envelopeType,
    target: manifest.descriptor,
  }
  return await verifySignature(question, { ...context, statement: IMPORTERS_STATEMENT })
}
