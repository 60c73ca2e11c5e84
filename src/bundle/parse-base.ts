import { canonicalJson } from '../encoding/canonical-json.js'
import type { Json, JsonObject } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { isRegistryHost, isRepositoryName } from '../oci/reference.js'
import type { BundleBase } from './base.js'
import type { BundleDocument } from './document.js'
import { digest, fail, list, object, only, repository, text } from './document-fields.js'

/**
 * Parses the kind of a bundle and what it builds on (format.md, Document).
 * @throws ERR_BUNDLE_FORMAT, ERR_LIMIT_EXCEEDED
 */
export function parseKind(json: JsonObject): Pick<BundleDocument, 'kind' | 'base'> {
  const { kind, base } = json
  if (kind === 'full') {
    if (base !== undefined) fail('a full bundle builds on something')
    return { kind }
  }
  if (kind !== 'incremental') {
    return fail(`kind is ${canonicalJson(kind ?? null).slice(0, 40)}, this program reads full and incremental bundles`)
  }
  const bases = list(base, 'base', parseBase)
  if (bases.length === 0) fail('an incremental bundle builds on nothing')
  if (bases.length > LIMITS.bases)
    throw new TransferError('ERR_LIMIT_EXCEEDED', `the bundle builds on more than ${LIMITS.bases} others`)
  if (!isAscending(bases.map((one) => canonicalJson({ ...one })))) fail('base is not in order, each once')
  return { kind, base: bases }
}

function parseBase(json: Json): BundleBase {
  const one = object(json, 'a base')
  const { kind } = one
  const facts = () => ({
    waybill: digest(one['waybill'], 'a base’s waybill'),
    repositories: parseRepositories(one['repositories']),
  })
  if (kind === 'assumed') {
    only(one, ['kind', 'waybill', 'repositories'])
    return { kind, ...facts() }
  }
  if (kind !== 'acknowledged') return fail('the kind of a base is not known')
  only(one, ['kind', 'waybill', 'repositories', 'receipt', 'target'])
  return { kind, ...facts(), receipt: digest(one['receipt'], 'a base’s receipt'), target: parseTarget(one['target']) }
}

function parseRepositories(json: Json | undefined): string[] {
  const repositories = list(json, 'a base’s repositories', repository)
  if (repositories.length === 0 || !isAscending(repositories)) fail('a base’s repositories are not in order, each once')
  return repositories
}

function parseTarget(json: Json | undefined): string {
  const target = text(json, 'a base’s target')
  const slash = target.indexOf('/')
  const host = slash < 0 ? target : target.slice(0, slash)
  const valid = isRegistryHost(host) && (slash < 0 || isRepositoryName(target.slice(slash + 1)))
  return valid ? target : fail(`${JSON.stringify(target.slice(0, 200))} is not a target`)
}

function isAscending(texts: readonly string[]): boolean {
  return texts.every((one, at) => at === 0 || (texts[at - 1] ?? '') < one)
}
