/** One attribute of a written name; the type as it is written: `C`, `ST`. */
export interface WrittenAttribute {
  readonly type: string
  readonly value: string
}

/** A relative distinguished name: one attribute, seldom several. */
export type RelativeName = readonly WrittenAttribute[]

const SEPARATORS = ',;+'
const ESCAPE = /\\(?:([ "#+,;<=>\\])|([0-9a-fA-F]{2})|)/g
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a distinguished name (RFC 4514, which allows a reader more than a writer: spaces around separators, and `;` between
 * names), in the order in which it is written. Hexadecimal values (`=#04…`) and empty ones are refused.
 * @param fail is called with a sentence about what is wrong, and throws
 */
export function parseDistinguishedName(text: string, fail: (why: string) => never): readonly RelativeName[] {
  // notary: "=#" anywhere, also within a value.
  if (text.includes('=#')) fail('it has "=#", a value in hexadecimal form, which is not supported')
  const names: RelativeName[] = []
  let name: WrittenAttribute[] = []
  for (const { part, separator } of split(text, fail)) {
    name.push(parseAttribute(part, fail))
    if (separator === '+') continue
    names.push(name)
    name = []
  }
  return names
}

/** A name as RFC 4514 writes it, in the order given, names apart by `, `: what a trusted identity can be copied from. */
export function formatDistinguishedName(names: readonly RelativeName[]): string {
  const attribute = ({ type, value }: WrittenAttribute) => `${type}=${escaped(value)}`
  return names.map((name) => name.map(attribute).join('+')).join(', ')
}

function escaped(value: string): string {
  const marks = [...value]
  return marks
    .map((mark, at) => {
      if (mark === '\0') return '\\00'
      const outer = mark === ' ' && (at === 0 || at === marks.length - 1)
      const hexadecimal = mark === '#' && (at === 0 || marks[at - 1] === '=')
      return outer || hexadecimal || '",+;<>\\'.includes(mark) ? `\\${mark}` : mark
    })
    .join('')
}

/** What stands between unescaped separators, with the one that follows; one pass over the text. */
function split(text: string, fail: (why: string) => never): readonly { part: string; separator: string }[] {
  const parts: { part: string; separator: string }[] = []
  let begin = 0
  for (let at = 0; at < text.length; at += 1) {
    const mark = text[at] ?? ''
    if (mark === '\\') at += 1
    if (!SEPARATORS.includes(mark)) continue
    parts.push({ part: text.slice(begin, at), separator: mark })
    begin = at + 1
  }
  if (withoutSpaces(text.slice(begin)) === '') fail('it is empty or ends with a separator')
  return [...parts, { part: text.slice(begin), separator: '' }]
}

function parseAttribute(part: string, fail: (why: string) => never): WrittenAttribute {
  const equals = part.indexOf('=')
  const type = withoutSpaces(part.slice(0, Math.max(equals, 0)))
  if (type === '') fail(`${JSON.stringify(part)} is not an attribute type, = and a value`)
  const raw = withoutSpaces(part.slice(equals + 1))
  if (raw.startsWith('#')) fail(`the value of ${type} begins with #: write \\# if that is meant`)
  const value = unescaped(raw, (why) => fail(`the value of ${type} ${why}`))
  // To one reader this is an attribute that must be empty, to another one that may be anything.
  if (value === '') fail(`${type} has no value`)
  return { type, value }
}

/** Without the spaces around it, but for one at the end that is escaped. */
function withoutSpaces(text: string): string {
  let begin = 0
  while (text[begin] === ' ') begin += 1
  let end = text.length
  while (end > begin && text[end - 1] === ' ') end -= 1
  let backslashes = 0
  while (text[end - 1 - backslashes] === '\\') backslashes += 1
  return text.slice(begin, backslashes % 2 === 1 && end < text.length ? end + 1 : end)
}

/** Escapes of single bytes are parts of UTF-8 characters, so the value is put together as bytes. */
function unescaped(raw: string, fail: (why: string) => never): string {
  const bytes = Buffer.from(raw, 'utf8')
    .toString('latin1')
    .replace(ESCAPE, (_, special: string | undefined, byte: string | undefined) => {
      if (special !== undefined) return special
      return byte === undefined
        ? fail('has an escape that is not known')
        : String.fromCharCode(Number.parseInt(byte, 16))
    })
  try {
    return decoder.decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return fail('is not UTF-8')
  }
}
