import { type Root, rootName } from '../../bundle/document.js'
import { printable } from '../../encoding/printable.js'
import { type ErrorCode, TransferError } from '../../errors.js'
import { formatRepository, isRegistryHost, isRepositoryName, type Repository } from '../../oci/reference.js'
import type { NameRules } from '../../policy/import-policy.js'
import { matchesName } from '../../policy/patterns.js'
import { renamed } from '../../policy/rename.js'
import type { Check } from '../verification.js'
import { collisions } from './collisions.js'
import type { Place } from './place.js'

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

export interface Placing {
  readonly destination: Destination
  /** of the import policy; undefined where there is none: every name is allowed, and none is changed */
  readonly names?: NameRules | undefined
  /** the repository of the importer's own records, where no root may go */
  readonly records?: Repository | undefined
}

export interface Placed {
  readonly places: ReadonlyMap<Root, Place>
  /** Each root has a place, or a finding with its `rootName` as the subject; a finding about no root is about all of them. */
  readonly findings: readonly Check[]
}

/**
 * Gives every root its name at the target: its path at the source below the prefix of the destination, or what a rule for
 * renaming makes of it. A name that is not allowed, and one that two sources would share, is refused: of two artifacts
 * under one name an operator would take one for the other, and the signatures of one would hang beside those of the other.
 */
export function placeRoots(roots: readonly Root[], placing: Placing): Placed {
  const { registry } = placing.destination
  const { registries = [] } = placing.names ?? {}
  if (registries.length > 0 && !registries.includes(registry)) {
    const detail = `the import policy names the registries ${registries.join(', ')}, and ${registry} is none of them`
    return { places: new Map(), findings: [refused('ERR_POLICY_REFUSED', registry, detail)] }
  }
  const wanted = new Map<Root, Place>()
  const findings: Check[] = []
  for (const root of roots) {
    const found = placeOf(root, placing)
    if ('code' in found) findings.push(refused(found.code, rootName(root), found.detail))
    else wanted.set(root, found)
  }
  const shared = collisions(wanted)
  for (const [root, detail] of shared) findings.push(refused('ERR_COLLISION', rootName(root), detail))
  return { places: new Map([...wanted].filter(([root]) => !shared.has(root))), findings }
}

/** The repository that a root gets at the target, whatever the others get; undefined where it may not go there. */
export function targetOf(root: Root, placing: Placing): Repository | undefined {
  const found = placeOf(root, placing)
  return 'code' in found ? undefined : found.repository
}

function placeOf(root: Root, placing: Placing): Place | { readonly code: ErrorCode; readonly detail: string } {
  const { destination, names, records } = placing
  const { registry, prefix } = destination
  const rule = names === undefined ? undefined : renamed(root, names.rename)
  const name = rule?.name ?? pathBelow(root, destination)
  const becomes = `${rootName(root)} would become ${registry}/${printable(name, 300)}`
  if (!isRepositoryName(name))
    return { code: 'ERR_REFERENCE_INVALID', detail: `${becomes}, which is no name that a registry takes` }
  if (prefix !== undefined && !name.startsWith(`${prefix}/`))
    return { code: 'ERR_POLICY_REFUSED', detail: `${becomes}, which is not below ${registry}/${prefix}` }
  if (names !== undefined && names.allowed.length > 0 && !names.allowed.some((one) => matchesName(one, name))) {
    const detail = `${becomes}, and the import policy allows only ${names.allowed.join(', ')} there`
    return { code: 'ERR_POLICY_REFUSED', detail }
  }
  const repository = { registry, name }
  if (records !== undefined && formatRepository(records) === formatRepository(repository))
    return { code: 'ERR_COLLISION', detail: `${becomes}, where the importer keeps its own records` }
  const tag = rule?.tag ?? root.tag
  return { repository, ...(tag === undefined ? {} : { tag }) }
}

/** Its name at the source without the registry's host, below the prefix. */
function pathBelow(root: Root, { prefix }: Destination): string {
  const name = root.repository.slice(root.repository.indexOf('/') + 1)
  return prefix === undefined ? name : `${prefix}/${name}`
}

function refused(code: ErrorCode, subject: string, detail: string): Check {
  return { name: 'policy', subject, result: 'fail', code, detail }
}
