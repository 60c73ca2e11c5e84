import { type Digest, isDigest } from '../oci/digest.js'
import { isRepositoryName, isTag, type Selector } from '../oci/reference.js'
import { Refusal } from './refusal.js'

/** What a path of the distribution API stands for. */
export type Route =
  | { readonly kind: 'ping' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly selector: Selector }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: Digest }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: Digest }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }

/**
 * Reads the path of a request, from its end, as it came: nothing is decoded or normalised, so that `..` and `%2f` are
 * characters that no repository name has. Components such as `blobs` are allowed in names; the last two words decide.
 * @throws Refusal 404, 400 NAME_INVALID, 400 DIGEST_INVALID
 */
export function parseRoute(path: string): Route {
  if (path === '/v2/' || path === '/v2') return { kind: 'ping' }
  if (path === '/v2/_catalog') return { kind: 'catalog' }
  const words = path.split('/')
  if (words[0] !== '' || words[1] !== 'v2') throw unknownPath()
  const last = words.at(-1) ?? ''
  const before = words.at(-2)
  if (before === 'uploads' && words.at(-3) === 'blobs') return uploadRoute(nameOf(words, 3), last)
  if (last === 'uploads' && before === 'blobs') return uploadRoute(nameOf(words, 2), '')
  if (before === 'tags' && last === 'list') return { kind: 'tags', repository: nameOf(words, 2) }
  if (before === 'manifests') {
    return { kind: 'manifest', repository: nameOf(words, 2), selector: parseSelector(withColon(last)) }
  }
  if (before === 'blobs') return { kind: 'blob', repository: nameOf(words, 2), digest: requireDigest(withColon(last)) }
  if (before === 'referrers') {
    return { kind: 'referrers', repository: nameOf(words, 2), digest: requireDigest(withColon(last)) }
  }
  throw unknownPath()
}

const UPLOAD_ID = /^[0-9a-f]{32}$/

function uploadRoute(repository: string, id: string): Route {
  if (id === '') return { kind: 'uploads', repository }
  if (!UPLOAD_ID.test(id)) throw new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload')
  return { kind: 'upload', repository, id }
}

function nameOf(words: readonly string[], atEnd: number): string {
  return requireName(words.slice(2, words.length - atEnd).join('/'))
}

/** @throws Refusal 400 NAME_INVALID */
export function requireName(name: string): string {
  if (!isRepositoryName(name)) throw new Refusal(400, 'NAME_INVALID', 'the repository name is not valid')
  return name
}

/** Some clients write the colon of a digest as every other reserved character. */
function withColon(word: string): string {
  return word.replace(/%3a/i, ':')
}

function parseSelector(text: string): Selector {
  if (isTag(text)) return { kind: 'tag', tag: text }
  if (isDigest(text)) return { kind: 'digest', digest: text }
  if (text.includes(':')) throw badDigest()
  throw new Refusal(400, 'MANIFEST_INVALID', 'the tag is not valid')
}

/** @throws Refusal 400 DIGEST_INVALID */
export function requireDigest(text: string): Digest {
  if (!isDigest(text)) throw badDigest()
  return text
}

function badDigest(): Refusal {
  return new Refusal(400, 'DIGEST_INVALID', 'not a sha256 or sha512 digest in lower-case hexadecimal')
}

function unknownPath(): Refusal {
  return new Refusal(404, 'UNSUPPORTED', 'the distribution API has no such path')
}
