import { canonicalJson } from '../encoding/canonical-json.js'
import { type Json, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { isMediaType, parseDescriptor } from '../oci/manifest.js'
import { parsePlatform } from '../oci/platform.js'
import { isTag } from '../oci/reference.js'
import type {
  BundleDocument,
  RecordedAnswer,
  RecordedLink,
  RecordedLookup,
  RecordedOmission,
  RecordedTags,
  Root,
} from './document.js'
import { count, DOCUMENT, digest, fail, list, object, only, repository, text, time } from './document-fields.js'
import { FORMAT_VERSION } from './layout.js'
import { parseKind } from './parse-base.js'
import { parseEvidence, parseMissingEvidence } from './parse-evidence.js'
import { parsePlace } from './stream.js'

const MEMBERS = [
  ...[
    'version',
    'kind',
    'base',
    'createdAt',
    'expiresAt',
    'generator',
    'stream',
    'sequence',
    'previous',
    'roots',
    'lookups',
    'omissions',
  ],
  ...['links', 'evidence', 'evidenceMissing', 'totals'],
]

/**
 * Parses the document, and refuses unknown members: a reader that skips what it does not know can be told lies there.
 * @throws ERR_JSON_INVALID, ERR_BUNDLE_FORMAT, ERR_BUNDLE_VERSION, ERR_LIMIT_EXCEEDED
 */
export function parseDocument(bytes: Uint8Array): BundleDocument {
  const json = object(parseStrictJson(bytes, DOCUMENT), 'the document')
  if (json['version'] !== FORMAT_VERSION) {
    throw new TransferError(
      'ERR_BUNDLE_VERSION',
      `the bundle has format version ${canonicalJson(json['version'] ?? null).slice(0, 40)}, this program reads ${FORMAT_VERSION}`,
      { side: 'medium', subject: DOCUMENT },
    )
  }
  only(json, MEMBERS)
  const { expiresAt, links, evidence, evidenceMissing } = json
  const roots = list(json['roots'], 'roots', parseRoot)
  if (roots.length === 0) fail('there are no roots')
  if (roots.length > LIMITS.roots)
    throw new TransferError('ERR_LIMIT_EXCEEDED', `the bundle has more than ${LIMITS.roots} roots`)
  const document: BundleDocument = {
    version: FORMAT_VERSION,
    ...parseKind(json),
    createdAt: time(json['createdAt'], 'createdAt'),
    ...(expiresAt === undefined ? {} : { expiresAt: time(expiresAt, 'expiresAt') }),
    ...parsePlace(json),
    generator: text(json['generator'], 'generator'),
    roots,
    lookups: list(json['lookups'], 'lookups', parseLookup),
    omissions: list(json['omissions'], 'omissions', parseOmission),
    ...(links === undefined ? {} : { links: list(links, 'links', parseLink) }),
    ...(evidence === undefined ? {} : { evidence: parseEvidence(evidence) }),
    ...(evidenceMissing === undefined ? {} : { evidenceMissing: parseMissingEvidence(evidenceMissing) }),
    totals: parseTotals(json['totals']),
  }
  // RFC 8785: another spelling of the same document would be a second document with the same meaning.
  if (canonicalJson(json) !== Buffer.from(bytes).toString('utf8')) fail('it is not in canonical form')
  return document
}

function parseLink(json: Json): RecordedLink {
  const link = object(json, 'a link')
  only(link, ['signature', 'subject'])
  return {
    signature: digest(link['signature'], 'a link’s signature'),
    subject: digest(link['subject'], 'a link’s subject'),
  }
}

function parseRoot(json: Json): Root {
  const root = object(json, 'a root')
  only(root, ['repository', 'tag', 'descriptor', 'platforms'])
  const { tag, platforms } = root
  if (tag !== undefined && (typeof tag !== 'string' || !isTag(tag))) return fail('a root’s tag is not valid')
  const descriptor = object(root['descriptor'], 'a root’s descriptor')
  only(descriptor, ['mediaType', 'digest', 'size'])
  return {
    repository: repository(root['repository']),
    ...(tag === undefined ? {} : { tag }),
    descriptor: parseDescriptor(descriptor, 'a root’s descriptor', fail),
    ...(platforms === undefined ? {} : { platforms: parsePlatforms(platforms) }),
  }
}

function parsePlatforms(json: Json): string[] {
  const platforms = list(json, 'platforms', (item) => text(item, 'a platform'))
  if (platforms.length === 0 || platforms.join() !== [...new Set(platforms)].sort().join()) {
    fail('a root’s platforms are not in order, each once')
  }
  for (const platform of platforms) {
    try {
      parsePlatform(platform)
    } catch {
      fail(`${JSON.stringify(platform.slice(0, 100))} is not a platform`)
    }
  }
  return platforms
}

function parseLookup(json: Json): RecordedLookup {
  const lookup = object(json, 'a lookup')
  only(lookup, ['repository', 'subject', 'referrers', 'tags'])
  return {
    repository: repository(lookup['repository']),
    subject: digest(lookup['subject'], 'a lookup’s subject'),
    referrers: parseAnswer(lookup['referrers']),
    tags: parseTags(lookup['tags']),
  }
}

function parseAnswer(json: Json | undefined): RecordedAnswer {
  const answer = object(json, 'an answer')
  if (answer['result'] !== 'found') return notFound(answer)
  only(answer, ['result', 'digests'])
  return { result: 'found', digests: list(answer['digests'], 'digests', (item) => digest(item, 'a referrer')) }
}

function parseTags(json: Json | undefined): RecordedTags {
  const answer = object(json, 'an answer')
  if (answer['result'] !== 'found') return notFound(answer)
  only(answer, ['result', 'tags'])
  const tags = list(answer['tags'], 'tags', (item) => {
    const one = object(item, 'a tag')
    only(one, ['tag', 'digest'])
    const tag = text(one['tag'], 'a tag')
    if (!isTag(tag)) fail('a tag is not valid')
    return { tag, digest: digest(one['digest'], 'a tag') }
  })
  return { result: 'found', tags }
}

function notFound(answer: JsonObject) {
  if (answer['result'] === 'none') {
    only(answer, ['result'])
    return { result: 'none' } as const
  }
  if (answer['result'] !== 'could-not-ask') return fail('a lookup’s result is not known')
  only(answer, ['result', 'reason'])
  return { result: 'could-not-ask', reason: text(answer['reason'], 'a reason') } as const
}

function parseOmission(json: Json): RecordedOmission {
  const omission = object(json, 'an omission')
  only(omission, ['digest', 'size', 'mediaType', 'parent', 'reason', 'platform'])
  const { reason, platform, mediaType } = omission
  if (reason !== 'platform' && reason !== 'non-distributable') return fail('an omission’s reason is not known')
  if (typeof mediaType !== 'string' || !isMediaType(mediaType)) return fail('an omission’s mediaType is not valid')
  return {
    digest: digest(omission['digest'], 'an omission'),
    size: count(omission['size'], 'an omission’s size'),
    mediaType,
    parent: digest(omission['parent'], 'an omission’s parent'),
    reason,
    ...(platform === undefined ? {} : { platform: text(platform, 'an omission’s platform') }),
  }
}

function parseTotals(json: Json | undefined) {
  const totals = object(json, 'totals')
  only(totals, ['blobs', 'bytes', 'expected'])
  const { expected } = totals
  return { ...parseAmounts(totals), ...(expected === undefined ? {} : { expected: parseExpected(expected) }) }
}

function parseExpected(json: Json) {
  const expected = object(json, 'totals.expected')
  only(expected, ['blobs', 'bytes'])
  return parseAmounts(expected)
}

function parseAmounts({ blobs, bytes }: JsonObject) {
  return { blobs: count(blobs, 'blobs in totals'), bytes: count(bytes, 'bytes in totals') }
}
