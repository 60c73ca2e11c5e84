import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { type Digest, isDigest } from './digest.js'

/** A repository of a registry; `registry` is the host, with its port where one was given. */
export interface Repository {
  readonly registry: string
  readonly name: string
}

export type Selector =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'digest'; readonly digest: Digest }

export interface Reference {
  readonly repository: Repository
  readonly tag?: string
  readonly digest?: Digest
}

const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]{1,5})?$`)
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
const MAX_NAME = 255

export function isTag(text: string): boolean {
  return TAG.test(text)
}

/** distribution-spec: path components joined by `/`, at most 255 characters. */
export function isRepositoryName(text: string): boolean {
  return text.length <= MAX_NAME && text.split('/').every((component) => COMPONENT.test(component))
}

export function isRegistryHost(text: string): boolean {
  if (text.length > MAX_NAME || !DOMAIN.test(text)) return false
  const port = /:([0-9]+)$/.exec(text)?.[1]
  return port === undefined || (Number(port) > 0 && Number(port) <= 65_535)
}

/**
 * Parses `HOST/REPOSITORY`, `HOST/REPOSITORY:TAG` or `HOST/REPOSITORY[:TAG]@DIGEST`. Short names are not expanded: a
 * name that means another host on another machine has no place on a bundle.
 * @throws ERR_REFERENCE_INVALID
 */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@')
  const named = at < 0 ? text : text.slice(0, at)
  const digest = at < 0 ? undefined : text.slice(at + 1)
  if (digest !== undefined && !isDigest(digest)) return refuse(text, 'what follows @ is not a digest')
  const slash = named.indexOf('/')
  if (slash < 0) return refuse(text, 'it has no registry host before the first /')
  const rest = named.slice(slash + 1)
  const colon = rest.lastIndexOf(':')
  const tag = colon < 0 ? undefined : rest.slice(colon + 1)
  if (tag !== undefined && !isTag(tag)) return refuse(text, 'the tag is not valid')
  const repository = parseRepository(text, named.slice(0, slash), colon < 0 ? rest : rest.slice(0, colon))
  return { repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

function parseRepository(text: string, registry: string, name: string): Repository {
  if (!/[.:]/.test(registry) && registry !== 'localhost') {
    return refuse(text, 'the part before the first / is not a host name with a dot or a port')
  }
  if (!isRegistryHost(registry)) return refuse(text, 'the registry host is not valid')
  if (!isRepositoryName(name)) return refuse(text, 'the repository name is not valid')
  return { registry, name }
}

function refuse(text: string, why: string): never {
  throw new TransferError('ERR_REFERENCE_INVALID', `not a reference: "${printable(text, 400)}": ${why}`, {
    side: 'operator',
  })
}

export function formatRepository(repository: Repository): string {
  return `${repository.registry}/${repository.name}`
}

export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  return `${formatRepository(reference.repository)}${tag}${digest}`
}
