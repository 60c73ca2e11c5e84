import type { Root } from '../bundle/document.js'
import { TransferError } from '../errors.js'
import { isRegistryHost, isRepositoryName, type Repository } from '../oci/reference.js'

/** Where an import goes: a registry, and a prefix below which every repository lands. */
export interface Destination {
  readonly registry: string
  readonly prefix?: string
}

/**
 * Parses `HOST[:PORT][/PREFIX]`.
 * @throws ERR_REFERENCE_INVALID
 */
export function parseDestination(text: string): Destination {
  const slash = text.indexOf('/')
  const registry = slash < 0 ? text : text.slice(0, slash)
  const prefix = slash < 0 ? undefined : text.slice(slash + 1)
  if (!isRegistryHost(registry) || (prefix !== undefined && !isRepositoryName(prefix))) {
    throw new TransferError(
      'ERR_REFERENCE_INVALID',
      `not a target: ${JSON.stringify(text.slice(0, 300))}; write HOST[:PORT][/PREFIX]`,
      {
        side: 'operator',
        subject: text,
      },
    )
  }
  return { registry, ...(prefix === undefined ? {} : { prefix }) }
}

/**
 * The repository that a root becomes at the target: its name without its registry's host, below the prefix.
 * @throws ERR_REFERENCE_INVALID where that would be too long
 */
export function targetOf(root: Root, to: Destination): Repository {
  const name = root.repository.slice(root.repository.indexOf('/') + 1)
  const target = to.prefix === undefined ? name : `${to.prefix}/${name}`
  if (isRepositoryName(target)) return { registry: to.registry, name: target }
  throw new TransferError(
    'ERR_REFERENCE_INVALID',
    `${root.repository} cannot become ${JSON.stringify(target.slice(0, 300))} at the target`,
    {
      side: 'operator',
      subject: root.repository,
    },
  )
}
