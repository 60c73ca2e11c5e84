import { z } from 'zod'
import {
  artifact,
  bytes,
  check,
  claims,
  digest,
  evidence,
  evidenceMissing,
  omission,
  sequence,
  signature,
  signer,
  stream,
  time,
} from './parts.js'
import { bundleFinding, rootFinding } from './policy-findings.js'

const bundle = z.object({
  waybill: digest,
  size: bytes,
  kind: claims.kind,
  base: claims.base,
  createdAt: time,
  ageSeconds: z.int().describe('from createdAt to verifiedAt; below zero where the exporter’s clock is ahead'),
  expiresAt: time.optional().describe('the bundle must not be imported from then on'),
  stream: stream.optional(),
  sequence: sequence.optional(),
  previous: digest.optional().describe('the waybill of the bundle before it'),
  generator: z.string(),
  totals: claims.totals,
})

const lookup = z.object({
  repository: z.string(),
  subject: digest,
  referrers: z.enum(['found', 'none', 'could-not-ask']),
  tags: z.enum(['found', 'none', 'could-not-ask']),
  found: z.array(
    z.object({
      digest,
      tag: z.string().optional().describe('where it was found by a tag'),
      mediaType: z.string().optional().describe('absent where the bundle is not verified'),
      artifactType: z.string().optional(),
    }),
  ),
  reason: z.string().optional().describe('why it could not be asked'),
})

const root = z.object({
  name: z.string().describe('full reference at the source'),
  repository: z.string().describe('HOST/NAME at the source'),
  tag: z.string().optional(),
  digest,
  mediaType: z.string(),
  platforms: z.array(z.string()).optional().describe('the platforms that were kept; absent where all were'),
  ruling: z.enum(['admit', 'refuse']).describe('by the importer’s own rules'),
  target: z.string().optional().describe('HOST/NAME at the target; absent where it is refused'),
  targetTag: z.string().optional(),
  because: z.array(check).describe('why it is refused'),
  policy: rootFinding.optional().describe('what the import policy says; absent where none is asked'),
})

/** What a policy in Rego decides on: `input` of its rules. */
export const policyInput = z.object({
  schema: z.literal('waybill.policy-input.v1'),
  verifiedAt: time.describe('the importer’s clock; RFC 3339, UTC, whole seconds'),
  target: z
    .object({ registry: z.string().describe('HOST[:PORT]'), prefix: z.string().optional() })
    .optional()
    .describe('where the bundle is to go; absent where nobody has said so'),
  bundle,
  checks: z.array(check),
  signers: z.array(signer),
  waybillSignatures: z.array(signature),
  artifacts: z.array(artifact),
  lookups: z.array(lookup),
  omissions: z.array(omission),
  evidence: z.array(evidence),
  evidenceMissing: z.array(evidenceMissing),
  policy: z
    .object({ digest: digest.describe('of the import policy’s file'), partial: z.boolean(), bundle: bundleFinding })
    .optional()
    .describe('absent where no import policy is asked'),
  roots: z.array(root),
})
