import { z } from 'zod'
import { digest } from './parts.js'

// What an import policy makes of a bundle, as several documents of `--json` have it.
const counted = z.object({
  signer: z.string().describe('its name in the import policy'),
  signature: z.string().describe('digest'),
  subject: z.string().describe('of the certificate'),
  thumbprint: z.string().describe('SHA-256 of the certificate, lower-case hexadecimal'),
})

const requirement = z.object({
  atLeast: z.int().nonnegative(),
  of: z.array(z.string()).describe('names of signers'),
  met: z.boolean(),
  counted: z.array(counted),
  detail: z.string(),
})

const document = z.object({
  types: z.array(z.string()).describe('artifact types, of which one is meant'),
  atLeast: z.int().nonnegative(),
  subject: digest,
  platform: z.string().optional(),
  met: z.boolean(),
  detail: z.string(),
  found: z.array(z.object({ digest, type: z.string(), counts: z.boolean(), signatures: z.array(requirement) })),
})

export const bundleFinding = z.object({
  admitted: z.boolean(),
  detail: z.string(),
  code: z.string().optional(),
  rule: z.string().optional().describe('the `stream` of the rule that governs it, or `unstreamed`'),
  signers: z.array(counted),
})

export const rootFinding = z.object({
  admitted: z.boolean(),
  detail: z.string(),
  code: z.string().optional(),
  rule: z.object({ name: z.string(), number: z.int().positive() }).optional().describe('among `artifacts`, from 1'),
  signatures: z.array(requirement),
  documents: z.array(document),
  recorded: z.boolean().describe('the trust policy lets it pass, and records a failure or asks for nothing'),
  follows: z.array(z.string()).optional().describe('names of the roots of which it is a signature'),
})
