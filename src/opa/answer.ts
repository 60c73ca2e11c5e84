import { printable } from '../encoding/printable.js'
import { isJsonObject, type Json, type JsonObject } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'

/** What a policy in Rego says. */
export interface OpaAnswer {
  readonly allow: boolean
  /** why not; foreign text */
  readonly reasons: readonly string[]
  /** single roots that it refuses, by name, each with why */
  readonly refuse: ReadonlyMap<string, string>
}

const NOTHING: ReadonlyMap<string, string> = new Map()
const MEMBERS: readonly string[] = ['allow', 'deny', 'reasons', 'refuse']

/**
 * Reads the result of a rule: `true`, `false`, or `{"allow": BOOLEAN, "deny" or "reasons": [TEXT…], "refuse": {NAME: TEXT}}`.
 * Only what allows by its exact form allows: a reason against it outweighs `allow`, and a member that is not known, such
 * as a misspelt `deny`, is no answer at all.
 * @param value undefined where the rule has no result
 * @param who names whoever was asked, in the error
 * @throws ERR_OPA_FAILED
 */
export function readAnswer(value: Json | undefined, who: string): OpaAnswer {
  if (value === undefined) throw opaFailure(`${who}: the rule has no result for this bundle (undefined)`)
  if (typeof value === 'boolean') return { allow: value, reasons: [], refuse: NOTHING }
  if (!isJsonObject(value)) throw opaFailure(`${who}: the result is neither true, false nor an object`)
  const unknown = Object.keys(value).find((key) => !MEMBERS.includes(key))
  if (unknown !== undefined) {
    throw opaFailure(
      `${who}: the result has a member ${JSON.stringify(printable(unknown, 80))}; ${MEMBERS.join(', ')} are known`,
    )
  }
  const { allow } = value
  if (typeof allow !== 'boolean') throw opaFailure(`${who}: the result has no "allow" that is true or false`)
  const reasons = [...textsOf(value, 'deny', who), ...textsOf(value, 'reasons', who)]
  return { allow: allow && reasons.length === 0, reasons, refuse: refusalsOf(value, who) }
}

function textsOf(value: JsonObject, member: 'deny' | 'reasons', who: string): readonly string[] {
  const texts = value[member]
  if (texts === undefined) return []
  if (!Array.isArray(texts)) throw opaFailure(`${who}: "${member}" of the result is not a list`)
  if (texts.length > LIMITS.opaReasons) throw opaFailure(`${who}: more than ${LIMITS.opaReasons} reasons`)
  return texts.map((text: Json) => textOf(text, `an entry of "${member}"`, who))
}

function refusalsOf({ refuse }: JsonObject, who: string): ReadonlyMap<string, string> {
  if (refuse === undefined) return NOTHING
  if (!isJsonObject(refuse)) throw opaFailure(`${who}: "refuse" of the result is not an object of names and reasons`)
  return new Map(Object.entries(refuse).map(([name, why]) => [name, textOf(why, 'a reason in "refuse"', who)]))
}

function textOf(text: Json | undefined, what: string, who: string): string {
  if (typeof text === 'string') return text
  throw opaFailure(`${who}: ${what} is not a text`)
}

/** Whatever keeps a policy from answering; no answer is no leave. */
export function opaFailure(message: string, cause?: unknown): TransferError {
  return new TransferError('ERR_OPA_FAILED', message, { cause, side: 'operator' })
}
