import { isJsonObject, type Json, type JsonObject } from '../../encoding/strict-json.js'
import { type Digest, isDigest } from '../../oci/digest.js'
import { isManifestType } from '../../oci/media-types.js'
import { isRegistryHost, isRepositoryName, isTag } from '../../oci/reference.js'
import { damaged, type LinePlace } from '../../state/log-lines.js'
import type { PlannedName } from './planned-name.js'

/** Which import it is: the same bundle for the same names at the target. */
export interface ImportIdentity {
  readonly waybill: Digest
  /** over every name and root at the target, and what they are to mean */
  readonly names: Digest
}

export interface RootAtTarget {
  /** full name at the source */
  readonly source: string
  /** full name at the target */
  readonly target: string
  readonly digest: Digest
}

/** What a line of a journal says (docs/journal.md). */
export type JournalEntry =
  | (ImportIdentity & {
      readonly step: 'begun'
      readonly registry: string
      /** path of the bundle, for people */
      readonly bundle: string
      readonly at: string
      readonly roots: readonly RootAtTarget[]
    })
  | { readonly step: 'content'; readonly repository: string }
  | { readonly step: 'signed' }
  | { readonly step: 'remembered' }
  | { readonly step: 'naming'; readonly set: readonly PlannedName[] }
  | { readonly step: 'named' }
  | (FinishedImport & { readonly step: 'ended' | 'abandoned' })

/** An import that nothing is left to do of: all that is kept of it when the next one begins. */
export interface FinishedImport extends ImportIdentity {
  readonly registry: string
  readonly at: string
}

const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/

const MEMBERS: Readonly<Record<JournalEntry['step'], readonly string[]>> = {
  begun: ['step', 'waybill', 'names', 'registry', 'bundle', 'at', 'roots'],
  content: ['step', 'repository'],
  signed: ['step'],
  remembered: ['step'],
  naming: ['step', 'set'],
  named: ['step'],
  ended: ['step', 'waybill', 'names', 'registry', 'at'],
  abandoned: ['step', 'waybill', 'names', 'registry', 'at'],
}

/**
 * Reads what a line of a journal says. Names from here are set at a registry: each is held against its grammar again.
 * @throws ERR_STATE_DAMAGED
 */
export function parseEntry(entry: JsonObject, where: LinePlace): JournalEntry {
  const { step } = entry
  if (!isStep(step)) throw damaged(where, 'it is no step of an import')
  const members = MEMBERS[step]
  const unknown = Object.keys(entry).find((key) => !members.includes(key))
  if (unknown !== undefined) throw damaged(where, `it has a member ${JSON.stringify(unknown.slice(0, 80))}`)
  const fields = fieldsOf(entry, where)
  switch (step) {
    case 'begun':
      return { step, ...fields.finished(), bundle: fields.text('bundle'), roots: fields.list('roots', rootAt) }
    case 'content':
      return { step, repository: fields.text('repository', isRepositoryName) }
    case 'naming':
      return { step, set: fields.list('set', plannedName) }
    case 'ended':
    case 'abandoned':
      return { step, ...fields.finished() }
    default:
      return { step }
  }
}

function isStep(step: Json | undefined): step is JournalEntry['step'] {
  return typeof step === 'string' && Object.hasOwn(MEMBERS, step)
}

function rootAt(entry: JsonObject, where: LinePlace): RootAtTarget {
  const { text, digest } = fieldsOf(entry, where)
  return { source: text('source'), target: text('target'), digest: digest('digest') }
}

function plannedName(entry: JsonObject, where: LinePlace): PlannedName {
  const { text, digest } = fieldsOf(entry, where)
  const { size, was, root } = entry
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || typeof root !== 'boolean')
    throw damaged(where, 'a name of it has another form')
  return {
    repository: text('repository', isRepositoryName),
    tag: text('tag', isTag),
    descriptor: { mediaType: text('mediaType', isManifestType), digest: digest('digest'), size },
    root,
    ...(was === undefined ? {} : { was: was === 'unreadable' ? was : digest('was') }),
  }
}

function fieldsOf(entry: JsonObject, where: LinePlace) {
  const text = (key: string, is: (found: string) => boolean = () => true): string => {
    const found = entry[key]
    if (typeof found === 'string' && is(found)) return found
    throw damaged(where, `its ${key} has another form`)
  }
  const digest = (key: string): Digest => {
    const found = entry[key]
    if (typeof found === 'string' && isDigest(found)) return found
    throw damaged(where, `its ${key} is no digest`)
  }
  const list = <T>(key: string, parse: (item: JsonObject, where: LinePlace) => T): T[] => {
    const found = entry[key]
    if (!Array.isArray(found)) throw damaged(where, `its ${key} is no list`)
    return found.map((item: Json) => {
      if (!isJsonObject(item)) throw damaged(where, `its ${key} has an item of another form`)
      return parse(item, where)
    })
  }
  const finished = (): FinishedImport => ({
    waybill: digest('waybill'),
    names: digest('names'),
    registry: text('registry', isRegistryHost),
    at: text('at', (found) => TIME.test(found)),
  })
  return { text, digest, list, finished }
}

/** A name as its line has it: flat, with the members of its descriptor. */
export function nameFields({ repository, tag, descriptor, root, was }: PlannedName): object {
  return { repository, tag, ...descriptor, root, ...(was === undefined ? {} : { was }) }
}
