import { foldKey, isJsonObject, type Json, type JsonObject } from '../../encoding/strict-json.js'
import { describePlace, type Mistake, type Place, policyError, quoted } from './policy-error.js'

export interface MembersOptions {
  /** where the object itself stands; its member is '' for a statement or the document */
  readonly place: Place
  /** every member that is read */
  readonly known: readonly string[]
  /** what happens to others: notation ignores its own unknown members, and so they are only told of */
  readonly others: 'warn' | 'refuse'
  readonly warn: (sentence: string) => void
}

/**
 * The members of one object of a policy. `null` is an absent member, as it is for notation. A member that is a known one
 * but for the case of its letters is refused: notation would read it, and this program would not.
 * @throws ERR_TRUST_POLICY_INVALID
 */
export class Members {
  readonly #object: JsonObject
  readonly #place: Place

  constructor(value: Json | undefined, { place, known, others, warn }: MembersOptions) {
    this.#place = place
    if (!isJsonObject(value)) {
      throw policyError(place, {
        expected: 'an object',
        found: described(value),
        next: 'write its members between { }',
      })
    }
    this.#object = value
    const folded = new Map(known.map((name) => [foldKey(name), name]))
    for (const name of Object.keys(value).filter((one) => !known.includes(one))) {
      const meant = folded.get(foldKey(name))
      const next = meant === undefined ? 'remove it' : `write ${meant}`
      if (meant !== undefined || others === 'refuse') {
        throw policyError(this.at(name), { expected: known.join(', '), found: `the member ${quoted(name)}`, next })
      }
      warn(`${describePlace(this.at(name))}: is not known and has no effect`)
    }
  }

  /** Where a member stands. */
  at(name: string): Place {
    const { member } = this.#place
    return { ...this.#place, member: member === '' ? name : `${member}.${name}` }
  }

  has(name: string): boolean {
    return this.value(name) !== undefined
  }

  value(name: string): Json | undefined {
    return this.#object[name] ?? undefined
  }

  string(name: string): string | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'string') return value
    throw this.refusal(name, { expected: 'a text', found: described(value), next: 'write it between quotes' })
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'boolean') return value
    throw this.refusal(name, { expected: 'true or false', found: described(value), next: 'write it without quotes' })
  }

  array(name: string): readonly Json[] {
    const value = this.value(name) ?? []
    if (Array.isArray(value)) return value
    throw this.refusal(name, { expected: 'a list', found: described(value), next: 'write it between [ ]' })
  }

  /** An absent list is an empty one. */
  strings(name: string): readonly string[] {
    return this.array(name).map((value) => {
      if (typeof value === 'string') return value
      throw this.refusal(name, {
        expected: 'a list of texts',
        found: described(value),
        next: 'write it between quotes',
      })
    })
  }

  refusal(name: string, mistake: Mistake): Error {
    return policyError(this.at(name), mistake)
  }
}

/** One of the texts that are allowed; undefined for any other. */
export function oneOf<T extends string>(allowed: readonly T[], text: string | undefined): T | undefined {
  return allowed.find((candidate) => candidate === text)
}

/** What stands there, in a few words. */
export function described(value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : String(value)
}
