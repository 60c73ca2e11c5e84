import { z } from 'zod'
import { digest } from './parts.js'

const code = z.string().optional().describe('why it is refused; absent where it is admitted')

const counted = z.object({
  signer: z.string().describe('in the words of the policy'),
  signature: z.string().describe('digest'),
  subject: z.string().describe('of the certificate'),
  thumbprint: z.string().describe('SHA-256 of the certificate, lower-case hexadecimal'),
})

const requirement = z.object({
  atLeast: z.int().positive(),
  of: z.array(z.string()),
  met: z.boolean(),
  counted: z.array(counted).describe('each by a key of its own'),
  detail: z.string(),
})

const document = z.object({
  types: z.array(z.string()),
  atLeast: z.int().positive(),
  subject: digest.describe('the root, or an image below it'),
  platform: z.string().optional(),
  met: z.boolean(),
  detail: z.string(),
  found: z.array(z.object({ digest, type: z.string(), counts: z.boolean(), signatures: z.array(requirement) })),
})

/** What an import policy makes of a bundle. */
export const policy = z
  .object({
    path: z.string(),
    digest: digest.describe('of the file'),
    partial: z.boolean().describe('roots that are refused do not keep the others out'),
    bundle: z.object({
      admitted: z.boolean(),
      rule: z.string().optional().describe('the stream of the rule, or `unstreamed`'),
      detail: z.string(),
      code,
      signers: z.array(counted),
    }),
    roots: z
      .array(
        z.object({
          source: z.string(),
          digest,
          admitted: z.boolean(),
          rule: z
            .object({ name: z.string(), number: z.int().positive().describe('among `artifacts`, from 1') })
            .optional(),
          detail: z.string(),
          code,
          signatures: z.array(requirement),
          documents: z.array(document),
          follows: z.array(z.string()).optional().describe('it is a signature of what these roots have'),
        }),
      )
      .describe('none where the bundle itself is refused'),
  })
  .optional()
  .describe('absent where there is no import policy, or an earlier check failed')

/** Roots that are not loaded. */
export const refused = z
  .array(z.object({ source: z.string(), digest, detail: z.string(), code: z.string().optional() }))
  .describe('the first reason of each')
