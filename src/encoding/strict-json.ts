import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { printable } from './printable.js'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** An object without a prototype: a key such as `__proto__` is a key like any other. */
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses JSON so that no other reader can see something else in it: refuses duplicate keys, keys that differ only in
 * case (Go folds them, the last one wins), invalid UTF-8, a byte order mark, lone surrogates, trailing bytes, numbers
 * that are not integers below 2^53 by their spelling, and deep nesting. Objects have no prototype.
 * @param what names the document in the error
 * @throws ERR_JSON_INVALID
 */
export function parseStrictJson(bytes: Uint8Array, what: string): Json {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch (cause) {
    throw new TransferError('ERR_JSON_INVALID', `${what} is not UTF-8`, { cause, subject: what })
  }
  return new Reader(text, what).document()
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/
const PLAIN = /[^"\\\u0000-\u001f]*/y

class Reader {
  readonly #text: string
  readonly #what: string
  #at = 0

  constructor(text: string, what: string) {
    this.#text = text
    this.#what = what
  }

  document(): Json {
    const value = this.#value(0)
    this.#space()
    if (this.#at !== this.#text.length) this.#fail('there is more after the end')
    return value
  }

  #value(depth: number): Json {
    if (depth > LIMITS.jsonDepth) this.#fail(`it is nested more than ${LIMITS.jsonDepth} deep`)
    this.#space()
    const first = this.#text[this.#at]
    if (first === '{') return this.#object(depth)
    if (first === '[') return this.#array(depth)
    if (first === '"') return this.#string()
    if (first === 't') return this.#word('true', true)
    if (first === 'f') return this.#word('false', false)
    if (first === 'n') return this.#word('null', null)
    return this.#number()
  }

  #object(depth: number): JsonObject {
    const object: Record<string, Json> = Object.create(null)
    const folded = new Set<string>()
    this.#at += 1
    if (this.#taken('}')) return object
    do {
      this.#space()
      if (this.#text[this.#at] !== '"') this.#fail('an object key is expected')
      const key = this.#string()
      const fold = foldKey(key)
      if (folded.has(fold)) this.#fail(`the key "${printable(key, 80)}" is there twice`)
      folded.add(fold)
      if (!this.#taken(':')) this.#fail('a colon is expected')
      object[key] = this.#value(depth + 1)
    } while (this.#taken(','))
    if (!this.#taken('}')) this.#fail('a comma or } is expected')
    return object
  }

  #array(depth: number): Json[] {
    const array: Json[] = []
    this.#at += 1
    if (this.#taken(']')) return array
    do array.push(this.#value(depth + 1))
    while (this.#taken(','))
    if (!this.#taken(']')) this.#fail('a comma or ] is expected')
    return array
  }

  #string(): string {
    this.#at += 1
    let result = ''
    for (;;) {
      result += this.#match(PLAIN)
      const next = this.#text[this.#at]
      this.#at += 1
      if (next === '"') break
      if (next !== '\\') this.#fail('a string does not end or holds a control character')
      result += this.#escape()
    }
    if (!result.isWellFormed()) this.#fail('a string holds half a surrogate pair')
    return result
  }

  #escape(): string {
    const letter = this.#text[this.#at] ?? ''
    this.#at += 1
    if (letter === 'u') {
      const digits = this.#text.slice(this.#at, this.#at + 4)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail('a \\u escape is not four hexadecimal digits')
      this.#at += 4
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined
    return plain ?? this.#fail('an escape is not known')
  }

  #number(): number {
    const lexeme = this.#match(NUMBER)
    if (lexeme === '') this.#fail('a value is expected')
    // A size of 9007199254740993 is …992 in JavaScript and …993 in Go: nothing that two readers see differently.
    if (!INTEGER.test(lexeme) || !Number.isSafeInteger(Number(lexeme))) {
      this.#fail(`${lexeme.slice(0, 40)} is not an integer below 2^53`)
    }
    return Number(lexeme)
  }

  #word<T extends Json>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('a value is expected')
    this.#at += word.length
    return value
  }

  #taken(mark: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== mark) return false
    this.#at += 1
    return true
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at += 1
    }
  }

  #fail(why: string): never {
    throw new TransferError('ERR_JSON_INVALID', `${this.#what} is not strict JSON: ${why} (character ${this.#at})`, {
      subject: this.#what,
    })
  }
}

/** How Go's decoder compares keys: `ſize` and `SIZE` are both `size` to it. */
export function foldKey(key: string): string {
  return /^[\x20-\x7e]*$/.test(key) ? key.toLowerCase() : key.normalize('NFKC').toLowerCase()
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
