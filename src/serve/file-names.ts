import { algorithmOf, type Digest, encodedOf, isDigest } from '../oci/digest.js'
import { isRepositoryName, isTag } from '../oci/reference.js'

// No part of a request becomes a path as it is: a digest gives hexadecimal digits, a repository is one folder whatever
// slashes it has (so that components named `blobs` or `index.json` mean nothing), and a tag cannot be `..` or differ
// from another by case alone on a disk that ignores case.

export function digestFileName(digest: Digest): string {
  return `${algorithmOf(digest)}-${encodedOf(digest)}`
}

export function digestOfFileName(name: string): Digest | undefined {
  const digest = name.replace('-', ':')
  return isDigest(digest) ? digest : undefined
}

export function repositoryFolderName(repository: string): string {
  return repository.replaceAll('/', '+')
}

export function repositoryOfFolderName(name: string): string | undefined {
  const repository = name.replaceAll('+', '/')
  return isRepositoryName(repository) ? repository : undefined
}

/** The tag in lower case, and a bit for each letter that was not: `Latest` is `latest+1`. */
export function tagFileName(tag: string): string {
  let capitals = 0n
  for (const [at, letter] of [...tag].entries()) {
    if (letter >= 'A' && letter <= 'Z') capitals |= 1n << BigInt(at)
  }
  return `${tag.toLowerCase()}+${capitals.toString(16)}`
}

export function tagOfFileName(name: string): string | undefined {
  const [lower, mask, ...more] = name.split('+')
  if (lower === undefined || mask === undefined || more.length > 0 || !/^[0-9a-f]{1,32}$/.test(mask)) return undefined
  const capitals = BigInt(`0x${mask}`)
  const tag = [...lower].map((letter, at) => ((capitals >> BigInt(at)) & 1n ? letter.toUpperCase() : letter)).join('')
  return isTag(tag) && tagFileName(tag) === name ? tag : undefined
}
