import { printableJson } from '../../encoding/printable.js'
import type { Json, JsonObject } from '../../encoding/strict-json.js'

interface Place {
  readonly indent: string
  /** what stands before the value: nothing, or its name */
  readonly before: string
  /** what stands after it: nothing, or a comma */
  readonly after: string
}

const START: Place = { indent: '', before: '', after: '' }

/**
 * JSON that has been parsed, on lines that can be shown, one value a line. Lazily: whoever takes some of the lines pays for
 * no others. It is as deep as the parser allows.
 */
export function* jsonLines(value: Json, place: Place = START): Generator<string> {
  if (typeof value === 'object' && value !== null) yield* nested(value, place)
  else yield `${place.indent}${place.before}${printableJson(value)}${place.after}`
}

function* nested(value: JsonObject | readonly Json[], { indent, before, after }: Place): Generator<string> {
  const isList = Array.isArray(value)
  const members = isList ? value.map((item) => ['', item] as const) : named(value as JsonObject)
  const [open, shut] = isList ? '[]' : '{}'
  if (members.length === 0) {
    yield `${indent}${before}${open}${shut}${after}`
    return
  }
  yield `${indent}${before}${open}`
  for (const [at, [name, item]] of members.entries()) {
    yield* jsonLines(item, { indent: `${indent}  `, before: name, after: at < members.length - 1 ? ',' : '' })
  }
  yield `${indent}${shut}${after}`
}

function named(value: JsonObject): (readonly [name: string, item: Json])[] {
  return Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : [[`${printableJson(key)}: `, item] as const],
  )
}
