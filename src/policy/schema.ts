import { z } from 'zod'
import { parseDuration } from '../encoding/duration.js'
import { LIMITS } from '../limits.js'
import { isTag } from '../oci/reference.js'
import { TRUST_STORE_TYPES } from '../trust/policy/trust-policy.js'
import { isTrustStoreName } from '../trust/store/store-name.js'
import { isPathPattern, isSourcePattern, isTagPattern } from './patterns.js'
import { splitTag } from './rename.js'

/** What a text has to be, and what to do where it is something else. */
export interface TextRule {
  readonly expected: string
  readonly next: string
  /** for editors: a regular expression that has everything that is right, and perhaps more */
  readonly pattern?: string
}

function text(description: string, { pattern, ...rule }: TextRule, test: (text: string) => boolean) {
  const hint = pattern === undefined ? {} : { pattern }
  return z
    .string()
    .refine(test, { params: rule })
    .meta({ description, ...hint })
}

function list<T extends z.ZodType>(item: T, description: string) {
  return z.array(item).min(1).max(LIMITS.policyList).meta({ description })
}

const DURATION = '^(?:[0-9]+[dhms])+$'
const SIGNER_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/
const ENTRYPOINT = /^[A-Za-z_][A-Za-z0-9_]*(?:\/[A-Za-z_][A-Za-z0-9_]*)*$/

const duration = text(
  'a time: 30d, 12h, 90m, 1d12h',
  { expected: 'a time', next: 'write it like 30d, 12h or 90m', pattern: DURATION },
  (one) => parseDuration(one) !== undefined,
)

const staleness = text(
  'a time: 7d, 12h; 0d for none',
  { expected: 'a time, or 0d', next: 'write it like 7d, 12h or 0d', pattern: DURATION },
  (one) => parseStaleness(one) !== undefined,
)

/** Milliseconds; undefined for what is no time. `0d` allows nothing. */
export function parseStaleness(one: string): number | undefined {
  return one === '0d' ? 0 : parseDuration(one)
}

const signerName = text(
  'the name of a signer: letters, digits, ".", "_" and "-", a letter first',
  {
    expected: 'a name of a signer',
    next: 'write up to 64 letters, digits, ".", "_" or "-", a letter first',
    pattern: SIGNER_NAME.source,
  },
  (one) => SIGNER_NAME.test(one),
)

const store = text(
  'a trust store, TYPE:NAME: ca:vendor',
  {
    expected: `a trust store, TYPE:NAME with the type ${TRUST_STORE_TYPES.join(', ')}`,
    next: 'write it like ca:vendor',
    pattern: `^(?:${TRUST_STORE_TYPES.join('|')}):[a-zA-Z0-9_.-]{1,255}$`,
  },
  (one) => parseStore(one) !== undefined,
)

/** Undefined for what is no name of a trust store. */
export function parseStore(one: string) {
  const colon = one.indexOf(':')
  const type = TRUST_STORE_TYPES.find((known) => known === one.slice(0, Math.max(colon, 0)))
  const name = one.slice(colon + 1)
  return type !== undefined && isTrustStoreName(name) ? { type, name } : undefined
}

const source = text(
  'repositories at the source: HOST/NAME, HOST/PATH/* for all below, or "*" for everything',
  {
    expected: 'HOST/NAME, HOST/PATH/* or "*"',
    next: 'write the host with a dot or a port, no tag, and "*" only at the end behind a "/"',
  },
  isSourcePattern,
)

const path = text(
  'NAME, PATH/* for all below, or "*" for everything',
  { expected: 'NAME, PATH/* or "*"', next: 'write no host and no tag, and "*" only at the end behind a "/"' },
  isPathPattern,
)

const tagPattern = text(
  'a tag, or v* for all that begin so',
  { expected: 'a tag, or the beginning of tags and "*"', next: 'write it like "1.0" or "v*"' },
  isTagPattern,
)

const registry = text(
  'HOST[:PORT]',
  { expected: 'HOST[:PORT]', next: 'write it as in --to, without a path and without https://' },
  (one) => isSourcePattern(`${one}/*`) && !one.includes('/'),
)

const renameFrom = text(
  'HOST/NAME, HOST/NAME:TAG, or HOST/PATH/*',
  { expected: 'HOST/NAME, HOST/NAME:TAG or HOST/PATH/*', next: 'write the host with a dot or a port' },
  (one) => one !== '*' && isTagged(one, isSourcePattern),
)

const renameTo = text(
  'the whole name at the target without its registry: NAME, NAME:TAG, PATH/* or "*", in the same form as `from`',
  { expected: 'NAME, NAME:TAG, PATH/* or "*"', next: 'write the name at the target without its registry' },
  (one) => isTagged(one, isPathPattern),
)

/** The name, or the name and a tag; `sha256-…` is how registries and cosign name what hangs on something. */
function isTagged(one: string, isName: (name: string) => boolean): boolean {
  const { repository, tag } = splitTag(one)
  if (tag === undefined) return isName(repository)
  return isTag(tag) && !/^sha\d+-/.test(tag) && isName(repository) && !repository.endsWith('*')
}

const mediaType = text(
  'an artifact type: application/spdx+json',
  {
    expected: 'an artifact type, TYPE/SUBTYPE',
    next: 'write it like application/spdx+json',
    pattern: MEDIA_TYPE.source,
  },
  (one) => MEDIA_TYPE.test(one),
)

const opaPath = text(
  'a rule of the Rego policy: waybill/allow',
  { expected: 'names joined by "/"', next: 'write it like waybill/allow', pattern: ENTRYPOINT.source },
  (one) => one.length <= 200 && ENTRYPOINT.test(one),
)

const count = z.int().min(1).max(LIMITS.policyList)
const signers = list(signerName, 'names of signers')

const signer = z
  .strictObject({
    stores: list(store, 'trust stores whose roots count').optional(),
    identities: list(z.string(), 'subjects that count: "x509.subject: C=…, ST=…, O=…", or "*" alone').optional(),
    level: z.enum(['strict', 'permissive']).meta({ description: 'default: strict' }).optional(),
    verifyTimestamp: z.enum(['always', 'afterCertExpiry']).meta({ description: 'default: always' }).optional(),
    maxStaleness: staleness.optional(),
    statement: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'a statement of the trust policy, by its name' })
      .optional(),
    kinds: list(z.enum(['jws', 'cose', 'nv2']), 'kinds of signatures that count; default: jws, cose').optional(),
  })
  .meta({ oneOf: [{ required: ['stores', 'identities'] }, { required: ['statement'] }] })

const requirement = z
  .strictObject({
    allOf: signers.optional(),
    anyOf: signers.optional(),
    atLeast: count.optional(),
    of: signers.optional(),
  })
  .meta({ oneOf: [{ required: ['allOf'] }, { required: ['anyOf'] }, { required: ['atLeast', 'of'] }] })

const requirements = list(requirement, 'all of these have to hold')

const document = z.strictObject({
  types: list(mediaType, 'artifact types, of which one is meant'),
  atLeast: count.optional(),
  on: z.enum(['root', 'platforms']).meta({ description: 'default: root' }).optional(),
  signatures: requirements.optional(),
})

const artifact = z.strictObject({
  name: z.string().min(1).max(100).meta({ description: 'for messages' }).optional(),
  from: list(source, 'where the rule holds'),
  signatures: z.union([z.literal('trust-policy'), requirements]).optional(),
  documents: list(document, 'what has to hang on it').optional(),
  unsigned: z.enum(['refuse', 'admit']).meta({ description: 'default: refuse' }).optional(),
  immutableTags: list(tagPattern, 'tags that never move at the target').optional(),
})

/** The shape of an import policy; docs/schema/import-policy.v1.json is made of it. What shapes cannot say is in `rules.ts`. */
export const POLICY_SCHEMA = z.strictObject({
  version: z.literal(1),
  signers: z.record(signerName, signer).meta({ description: 'whom the rules can ask for, by name' }).optional(),
  revocation: z
    .strictObject({ maxStaleness: staleness })
    .meta({ description: 'for signers that say nothing' })
    .optional(),
  bundles: z.strictObject({ maxAge: duration.optional(), requireExpiry: z.boolean().optional() }).optional(),
  streams: list(
    z.strictObject({ stream: path, signedBy: signers, requireChain: z.boolean().optional() }),
    'the first one that has the stream counts; a stream without one is refused',
  ).optional(),
  unstreamed: z.strictObject({ signedBy: signers }).meta({ description: 'bundles without a stream' }).optional(),
  artifacts: list(artifact, 'the first one that has the source counts; a source without one is refused').optional(),
  names: z
    .strictObject({
      registries: list(registry, 'registries that may be imported to').optional(),
      allowed: list(path, 'whole names of repositories at the target').optional(),
      rename: list(z.strictObject({ from: renameFrom, to: renameTo }), 'the first one that has it counts').optional(),
    })
    .optional(),
  partial: z.boolean().meta({ description: 'load what is admitted where something else is refused' }).optional(),
  opa: z
    .strictObject({
      wasm: z.string().min(1).max(4096).meta({ description: 'a file, from the folder of the policy' }).optional(),
      entrypoint: opaPath.optional(),
      server: z
        .string()
        .min(1)
        .max(2048)
        .meta({ description: 'https://HOST[:PORT], or http:// on this machine' })
        .optional(),
      path: opaPath.optional(),
      tokenFile: z
        .string()
        .min(1)
        .max(4096)
        .meta({ description: 'a bearer token for the server: a file, from the folder of the policy' })
        .optional(),
    })
    .meta({ oneOf: [{ required: ['wasm'] }, { required: ['server'] }] })
    .optional(),
})

export type WrittenPolicy = z.infer<typeof POLICY_SCHEMA>
