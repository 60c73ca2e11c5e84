import { z } from 'zod'

// Parts that several documents of `--json` have.
export const digest = z.string().describe('algorithm and lower-case hexadecimal digits')
export const bytes = z.int().nonnegative().describe('bytes')
export const time = z.string().describe('RFC 3339, UTC')

export const root = z.object({
  name: z.string().describe('full reference at the source'),
  digest,
  mediaType: z.string(),
  platforms: z.array(z.string()).optional().describe('the platforms that were kept; absent where all were'),
})

export const lookup = z.object({
  repository: z.string(),
  subject: digest,
  referrers: z.enum(['found', 'none', 'could-not-ask']),
  tags: z.enum(['found', 'none', 'could-not-ask']),
  found: z.array(digest),
  reason: z.string().optional().describe('why it could not be asked'),
})

export const omission = z.object({
  digest,
  size: bytes,
  mediaType: z.string(),
  parent: digest,
  reason: z.enum(['platform', 'non-distributable']),
  platform: z.string().optional(),
})

export const evidence = z.object({
  type: z.enum(['crl', 'ocsp']),
  url: z.string().optional().describe('the address that it answers for; absent for what came as a file'),
  fetchedAt: time,
  thisUpdate: time,
  nextUpdate: time.optional(),
  digest,
  size: bytes,
  certificates: z.array(z.string()).describe('SHA-256 of each certificate that it is about, lower-case hexadecimal'),
})

export const evidenceMissing = z.object({
  certificate: z.string().describe('SHA-256, lower-case hexadecimal'),
  subject: z.string(),
  url: z.string().optional().describe('absent where the certificate names no address that can be asked'),
  reason: z.string(),
})

export const blob = z.object({
  digest,
  size: bytes,
  mediaType: z.string(),
  role: z.string(),
  base: z
    .int()
    .positive()
    .optional()
    .describe('not carried: which of `base`, counted from 1, stands for it; absent for what the bundle carries'),
})

const amounts = { blobs: z.int().nonnegative(), bytes }

const base = z.object({
  kind: z.enum(['acknowledged', 'assumed']),
  waybill: digest.describe('the bundle that brought it'),
  repositories: z.array(z.string()).describe('where that bundle came from'),
  receipt: digest.optional().describe('with acknowledged: the receipt that says so'),
  target: z.string().optional().describe('with acknowledged: what the receipt was given for'),
})

export const stream = z.string().describe('name of a stream')
export const sequence = z.int().positive().describe('number of the bundle in its stream')

export const claims = {
  kind: z.enum(['full', 'incremental']),
  base: z.array(base).optional().describe('what an incremental bundle builds on; absent where all is carried'),
  createdAt: time,
  expiresAt: time.optional().describe('the bundle must not be imported from then on'),
  stream: stream.optional(),
  sequence: sequence.optional(),
  previous: digest.optional().describe('the waybill of the bundle before it'),
  generator: z.string(),
  roots: z.array(root),
  lookups: z.array(lookup),
  omissions: z.array(omission),
  links: z
    .array(z.object({ signature: digest, subject: digest.describe('what it says it is about') }))
    .optional()
    .describe('signatures that no registry ties to their subjects'),
  evidence: z.array(evidence),
  evidenceMissing: z.array(evidenceMissing),
  totals: z.object({
    ...amounts,
    expected: z.object(amounts).optional().describe('the part of it that is not carried, but expected at the target'),
  }),
}

export const check = z.object({
  name: z.string(),
  subject: z.string(),
  result: z
    .enum(['pass', 'fail', 'logged', 'not-applicable'])
    .describe('logged: failed, and the trust policy only records it'),
  detail: z.string(),
  code: z.string().optional(),
})

export const signer = z.object({
  subject: z.string(),
  thumbprint: z.string().describe('SHA-256 of the certificate, lower-case hexadecimal'),
  root: z.string(),
  rootThumbprint: z.string(),
  signedAt: time,
})

export const signature = z.object({
  signature: z.string().describe('digest or path'),
  kind: z.enum(['jws', 'cose', 'nv2', 'other']),
  verdict: z.enum(['verified', 'refused']),
  scheme: z.string().optional(),
  validations: z.array(
    z.object({
      validation: z.string(),
      action: z.enum(['enforce', 'log', 'skip']).describe('what the policy does with a failure'),
      result: z.enum(['pass', 'fail', 'stale', 'not-made']),
      detail: z.string(),
      looked: z.array(z.string()).describe('what was looked at'),
      code: z.string().optional(),
    }),
  ),
  chain: z
    .array(
      z.object({
        subject: z.string(),
        issuer: z.string(),
        thumbprint: z.string(),
        publicKey: z.string().describe('SHA-256 of the key: the same in two certificates of one'),
        notBefore: time,
        notAfter: time,
      }),
    )
    .describe('leaf first'),
  signingTime: time.optional().describe('the signer’s claim'),
  expiry: time.optional(),
  timestamp: z.object({ from: time, to: time, authority: z.string() }).optional().describe('proven by a token'),
  metadata: z.record(z.string(), z.string()).describe('what the signer stated'),
})

export const artifact = z.object({
  name: z.string(),
  required: z.boolean().describe('without its verdict nothing is loaded'),
  digest,
  mediaType: z.string(),
  size: bytes,
  scope: z.string().describe('what was compared with the scopes of the policy'),
  statement: z.string().optional(),
  level: z.string().optional(),
  verdict: z.enum(['verified', 'skipped', 'refused']),
  detail: z.string(),
  code: z.string().optional(),
  signatures: z.array(signature),
})

export const counts = z.object({
  copied: z.int().nonnegative(),
  present: z.int().nonnegative(),
  mounted: z.int().nonnegative(),
})

export const verdict = z
  .enum(['verified', 'partial', 'not-authentic', 'damaged', 'refused'])
  .describe('partial: the import policy lets in a part, and refuses the rest')
