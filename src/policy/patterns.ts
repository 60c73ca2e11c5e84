import { isRegistryHost, isRepositoryName, isTag } from '../oci/reference.js'

const ALL = '*'
const BELOW = '/*'

/**
 * Whether a pattern has a name: the name itself, letter by letter, `PATH/*` for all below a path, at any depth, or `*` for
 * everything. There is no other wildcard: what a rule has can be seen by reading it.
 */
export function matchesName(pattern: string, name: string): boolean {
  if (pattern === ALL) return true
  if (!pattern.endsWith(BELOW)) return pattern === name
  const path = pattern.slice(0, -1)
  return name.length > path.length && name.startsWith(path)
}

/** Every pattern that has all names of this one, itself among them: few, so that they can be looked up. */
export function widerPatterns(pattern: string): readonly string[] {
  const parts = pattern.split('/').slice(0, -1)
  const above = parts.map((_, at) => `${parts.slice(0, at + 1).join('/')}${BELOW}`)
  return [...new Set([pattern, ...above, ALL])]
}

/** Whether a pattern has a tag: the tag itself, or `v*` for all that begin so. */
export function matchesTag(pattern: string, tag: string): boolean {
  return pattern.endsWith(ALL) ? tag.startsWith(pattern.slice(0, -1)) : pattern === tag
}

/** `HOST/NAME`, `HOST/PATH/*`, `HOST/*` or `*`. */
export function isSourcePattern(text: string): boolean {
  if (text === ALL) return true
  const slash = text.indexOf('/')
  return slash > 0 && isNamedHost(text.slice(0, slash)) && isPathPattern(text.slice(slash + 1))
}

/** `NAME`, `PATH/*` or `*`: repositories of one registry, or streams. */
export function isPathPattern(text: string): boolean {
  return text === ALL || isRepositoryName(text.endsWith(BELOW) ? text.slice(0, -2) : text)
}

/** A tag, or the beginning of tags and `*`; `*` alone is every tag. */
export function isTagPattern(text: string): boolean {
  const tag = text.endsWith(ALL) ? text.slice(0, -1) : text
  return (tag === '' && text === ALL) || isTag(tag)
}

/** A host as references have it: with a dot or a port, so that it is no part of a path. */
function isNamedHost(host: string): boolean {
  return (/[.:]/.test(host) || host === 'localhost') && isRegistryHost(host)
}
