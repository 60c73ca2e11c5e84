import { IMPORTERS_STATEMENT } from '../../../receipt/verify-receipt.js'
import type { TrustStatement } from '../../../trust/policy/trust-policy.js'

/**
 * Whose state counts: that of whom receipts are believed. State is read long after it was signed, by importers that know
 * nothing else: a certificate that has run out since is recorded, and does not make it unreadable. One that was revoked does.
 */
export const STATE_STATEMENT: TrustStatement = {
  ...IMPORTERS_STATEMENT,
  level: {
    ...IMPORTERS_STATEMENT.level,
    actions: { ...IMPORTERS_STATEMENT.level.actions, authenticTimestamp: 'log' },
  },
}
