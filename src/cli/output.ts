import { z } from 'zod'
import { outlook } from './output/outlook.js'
import {
  artifact,
  blob,
  bytes,
  check,
  claims,
  counts,
  digest,
  root,
  sequence,
  signature,
  signer,
  stream,
  time,
  verdict,
} from './output/parts.js'
import { policy, refused } from './output/policy.js'
import { policyInput } from './output/policy-input.js'
import { issuedReceipt, shownReceipt, verifiedReceipt } from './output/receipt.js'

/**
 * What `--json` prints: one document on stdout, named by its `schema`. `docs/schema/` is generated from here, and scripts
 * depend on it: members are added, never renamed.
 */
export const OUTPUTS = {
  'waybill.keys.v1': z.object({
    schema: z.literal('waybill.keys.v1'),
    caCertificate: z.string().describe('path'),
    signingKey: z.string().describe('path'),
    signingChain: z.string().describe('path'),
    rootThumbprint: z.string().describe('SHA-256 of the root certificate, lower-case hexadecimal'),
  }),
  'waybill.trust.v1': z.object({
    schema: z.literal('waybill.trust.v1'),
    type: z.enum(['ca', 'signingAuthority', 'tsa']),
    store: z.string(),
    path: z.string().optional().describe('the file that was written; absent where the store had it already'),
    certificates: z.array(z.object({ subject: z.string(), thumbprint: z.string() })),
  }),
  'waybill.sample.v1': z.object({
    schema: z.literal('waybill.sample.v1'),
    bundle: z.string().describe('path'),
    certificate: z.string().describe('path: of the root of whoever has made the sample'),
    rootThumbprint: z.string().describe('SHA-256 of that certificate, lower-case hexadecimal'),
  }),
  'waybill.policy.v1': z.object({
    schema: z.literal('waybill.policy.v1'),
    path: z.string().describe('the file that was written'),
  }),
  'waybill.serve.v1': z.object({ schema: z.literal('waybill.serve.v1'), url: z.string(), store: z.string() }),
  'waybill.manifest.v1': z.object({
    schema: z.literal('waybill.manifest.v1'),
    archive: z.string().describe('path'),
    name: z.string().optional().describe('the name of the image in the archive'),
    mediaType: z.string(),
    digest,
    size: bytes,
    path: z.string().optional().describe('the file that was written'),
  }),
  'waybill.plan.v1': z.object({
    schema: z.literal('waybill.plan.v1'),
    ...claims,
    size: bytes.describe('bytes that the bundle will have, without its signature'),
    blobs: z.array(blob),
  }),
  'waybill.export.v1': z.object({
    schema: z.literal('waybill.export.v1'),
    path: z.string(),
    size: bytes,
    waybill: digest,
    signed: z.boolean(),
    expiry: time.optional().describe('of the waybill’s signature; absent where it never expires'),
    signedRoots: z
      .array(z.object({ subject: digest, signature: digest }))
      .optional()
      .describe('with --sign: the exporter’s signatures on what was asked for'),
    ...claims,
  }),
  'waybill.inspect.v1': z.object({
    schema: z.literal('waybill.inspect.v1'),
    verified: z.literal(false).describe('inspect believes nothing and proves nothing'),
    path: z.string(),
    size: bytes,
    waybill: digest,
    signatures: z.array(digest),
    ...claims,
    blobs: z.array(blob),
  }),
  'waybill.sign.v1': z.object({
    schema: z.literal('waybill.sign.v1'),
    target: z.string().describe('what was signed, as it was named'),
    digest,
    mediaType: z.string(),
    size: bytes,
    signature: digest.optional().describe('the manifest that hangs on the target; absent where there is a file'),
    path: z.string().optional().describe('the file with the signature'),
    envelope: digest.describe('of the signature’s own bytes'),
    format: z.enum(['jws', 'cose', 'nv2']),
    algorithm: z.string(),
    signer: z.object({
      subject: z.string().optional(),
      thumbprint: z.string().optional().describe('SHA-256 of the certificate, lower-case hexadecimal'),
      root: z.string().optional(),
      rootThumbprint: z.string().optional(),
      keyId: z.string().optional().describe('nv2: the key’s id, where there is no certificate'),
    }),
    signedAt: time.optional(),
    expiry: time.optional().describe('absent where it never expires'),
    timestamp: z.object({ from: time, to: time, authority: z.string() }).optional().describe('proven by a token'),
    metadata: z.record(z.string(), z.string()).optional().describe('what the signer states'),
    references: z.array(z.string()).optional().describe('nv2: the names that the signer claims'),
    next: z.string().describe('a command that goes on from here'),
  }),
  'waybill.verify.v1': z.object({
    schema: z.literal('waybill.verify.v1'),
    path: z.string(),
    waybill: digest,
    verdict,
    verifiedAt: time,
    checks: z.array(check),
    signers: z.array(signer),
    waybillSignatures: z.array(signature),
    artifacts: z.array(artifact),
    policy,
    roots: z.array(root),
  }),
  'waybill.verify-artifacts.v1': z.object({
    schema: z.literal('waybill.verify-artifacts.v1'),
    path: z.string(),
    verdict: z.enum(['verified', 'skipped', 'refused']),
    verifiedAt: time,
    artifacts: z.array(artifact),
    notJudged: z
      .array(z.object({ name: z.string(), digest, why: z.string() }))
      .optional()
      .describe('entries of a layout that no verdict is about'),
  }),
  'waybill.policy-check.v1': z.object({
    schema: z.literal('waybill.policy-check.v1'),
    path: z.string(),
    waybill: digest,
    verdict,
    verifiedAt: time,
    checks: z.array(check),
    signers: z.array(signer),
    policy,
    admitted: z
      .array(z.object({ source: z.string(), target: z.string().optional().describe('absent without --to'), digest }))
      .describe('what an import would load, as far as can be said without asking the target or a last word'),
    refused,
  }),
  'waybill.import.v1': z.object({
    schema: z.literal('waybill.import.v1'),
    path: z.string(),
    waybill: digest,
    verdict,
    checks: z.array(check),
    signers: z.array(signer),
    waybillSignatures: z.array(signature),
    artifacts: z.array(artifact),
    policy,
    refused,
    state: z
      .object({ stream, sequence, added: z.boolean().describe('false: it was remembered before') })
      .optional()
      .describe('what was remembered; absent for a bundle without a stream, and where nothing was loaded'),
    allowedRollback: z.string().optional().describe('why --allow-rollback let pass what the check `rollback` refused'),
    ...outlook,
    loaded: z.array(z.object({ source: z.string(), target: z.string(), digest })),
    countersignatures: z
      .array(
        z.object({
          target: z.string(),
          subject: digest,
          signature: digest,
          added: z.boolean().describe('false: an earlier run has left it'),
        }),
      )
      .optional()
      .describe('with --countersign: the importer’s signatures on what was loaded'),
    receipt: issuedReceipt,
    blobs: counts,
    manifests: counts,
  }),
  'waybill.policy-input.v1': policyInput,
  'waybill.receipt.v1': shownReceipt,
  'waybill.receipt-verify.v1': verifiedReceipt,
  'waybill.error.v1': z.object({
    schema: z.literal('waybill.error.v1'),
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    exit: z.int(),
    side: z.enum(['source', 'sink', 'medium', 'operator']).optional(),
    subject: z.string().optional(),
    details: z.array(z.string()).optional().describe('everything that is wrong, where it is a list of mistakes'),
  }),
} as const

export type OutputName = keyof typeof OUTPUTS
export type Output = { [Name in OutputName]: z.infer<(typeof OUTPUTS)[Name]> }[OutputName]
export type OutputOf<Name extends OutputName> = z.infer<(typeof OUTPUTS)[Name]>
