import { z } from 'zod'
import { counts, digest, sequence, stream, time } from './parts.js'

const receipt = z
  .object({
    version: z.literal(1),
    waybill: z.object({ digest, size: z.int() }),
    bundle: z.object({
      createdAt: time,
      stream: stream.optional(),
      sequence: sequence.optional(),
      previous: digest.optional(),
      signers: z.array(z.object({ subject: z.string(), rootThumbprint: z.string() })),
    }),
    result: z.enum(['loaded', 'partial', 'refused']),
    verifiedAt: time,
    finishedAt: time,
    target: z.object({ registry: z.string(), prefix: z.string().optional() }),
    generator: z.string(),
    policy: digest.optional().describe('of the import policy’s bytes'),
    allowedRollback: z.string().optional(),
    checks: z.array(
      z.object({
        name: z.string(),
        subject: z.string(),
        result: z.enum(['pass', 'fail', 'logged', 'not-applicable']),
        detail: z.string(),
        code: z.string().optional(),
      }),
    ),
    roots: z.array(
      z.object({
        source: z.string(),
        digest,
        ruling: z.enum(['admitted', 'refused']),
        rule: z.string().optional(),
        because: z.array(z.object({ detail: z.string(), code: z.string().optional() })).optional(),
        target: z.string().optional(),
        change: z.enum(['new', 'same', 'moved']).optional(),
        was: z.string().optional().describe('what a name that was moved meant before'),
        countersignature: digest.optional(),
      }),
    ),
    held: z.array(digest).describe('everything of the admitted roots that the target has'),
    counts: z.object({ blobs: counts, manifests: counts }),
  })
  .describe('the document of the receipt, as docs/format.md has it')

const compact = z.string().optional().describe('the compact form, as a QR code has it')

/** With --key: the receipt of an import. */
export const issuedReceipt = z
  .object({
    digest: digest.describe('of the manifest that hangs on the waybill'),
    repository: z.string().optional().describe('where it hangs; absent for a bundle that was refused'),
    path: z.string().optional().describe('the file that was written'),
    added: z.boolean().describe('false: an earlier run has left one that says the same'),
    compact,
  })
  .optional()
  .describe('with --key: the signed receipt')

export const shownReceipt = z.object({
  schema: z.literal('waybill.receipt.v1'),
  verified: z.literal(false).describe('show believes nothing and proves nothing'),
  path: z.string(),
  digest: digest.describe('of the manifest that hangs on the waybill'),
  receipt,
  compact,
})

export const verifiedReceipt = z.object({
  schema: z.literal('waybill.receipt-verify.v1'),
  verdict: z.enum(['verified', 'refused']),
  verifiedAt: time,
  path: z.string().optional().describe('absent where only a compact form was given'),
  waybill: digest,
  result: z.enum(['loaded', 'partial', 'refused']).describe('what the receipt says of the bundle'),
  finishedAt: time,
  stream: stream.optional(),
  sequence: sequence.optional(),
  signer: z.object({ subject: z.string(), thumbprint: z.string() }).optional(),
  findings: z.array(z.object({ what: z.string(), result: z.enum(['pass', 'fail']), detail: z.string() })),
  receipt: receipt.optional().describe('only of one that is verified, and was given as a file'),
})
