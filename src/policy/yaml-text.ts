import { Lexer } from 'yaml'
import { LIMITS } from '../limits.js'
import { type Mistake, type PolicyText, policyInvalid } from './mistake.js'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

// What an editor does not show, or shows as something else (bidirectional overrides, zero-width marks): a reviewer would
// read another policy than this program.
const HIDDEN = /\r(?!\n)|(?![\r\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffd]/u

/**
 * The text of a policy, when it is sure that the YAML library reads it in bounded time and space, and that it has only what
 * is read here: no anchors and aliases, tags, directives or second document.
 * @throws ERR_POLICY_INVALID
 */
export function policyText(bytes: Uint8Array, path: string): PolicyText {
  const most = LIMITS.policyBytes
  if (bytes.byteLength > most) {
    const expected = `at most ${most} bytes`
    throw refusal({ path, text: '' }, 0, { expected, found: String(bytes.byteLength), next: 'make it shorter' })
  }
  const given = { path, text: decoded(bytes, path) }
  const hidden = HIDDEN.exec(given.text)
  if (hidden !== null) throw refusal(given, hidden.index, hiddenMistake(hidden[0], hidden.index))
  checkTokens(given)
  return given
}

type What = Pick<Mistake, 'expected' | 'found' | 'next'>

function refusal(given: PolicyText, offset: number, what: What) {
  return policyInvalid(given, [{ offset, member: '', ...what }])
}

function decoded(bytes: Uint8Array, path: string): string {
  try {
    return strict.decode(bytes)
  } catch {
    const text = lenient.decode(bytes)
    const next = 'save it as UTF-8'
    throw refusal({ path, text }, text.indexOf('\ufffd'), { expected: 'UTF-8', found: 'bytes that are none', next })
  }
}

function hiddenMistake(mark: string, offset: number): What {
  const code = (mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const expected = 'text that can be seen'
  if (mark === '\t') return { expected: 'spaces', found: 'a tab', next: 'write spaces, also for indentation' }
  if (mark === '\r') return { expected: 'lines that end with LF or CRLF', found: 'a lone CR', next: 'save it anew' }
  if (mark === '\ufeff' && offset === 0)
    return { expected: 'text', found: 'a byte order mark', next: 'save it as UTF-8 without a BOM' }
  return { expected, found: `the character U+${code}`, next: 'remove it, or write it as an escape between quotes' }
}

const SCALAR = '\u001f'
const MARKS = ['\u0002', '\u0018', SCALAR]
const FOREIGN: Readonly<Record<string, string>> = {
  '&': 'an anchor',
  '*': 'an alias',
  '!': 'a tag',
  '%': 'a directive',
}
/** the most that is opened on one line by "- ", "? " and ": ", and the most that a line is indented */
const MOST_ON_LINE = 6
const MOST_INDENT = 60

/**
 * Looks at the tokens before anything is built of them: deep nesting ends the library's recursion, and on some texts the
 * whole process.
 */
function checkTokens(given: PolicyText): void {
  const seen = new Seen()
  let offset = 0
  let before = ''
  for (const token of new Lexer().lex(given.text)) {
    if (!MARKS.includes(token)) {
      const what = before === SCALAR ? undefined : seen.mistake(token)
      if (what !== undefined) throw refusal(given, offset, what)
      offset += token.length
    }
    before = token
  }
}

class Seen {
  #open = 0
  #onLine = 0
  #atLineStart = true
  #content = false

  mistake(token: string): What | undefined {
    const [mark = ''] = token
    const atLineStart = this.#atLineStart
    this.#atLineStart = mark === '\n' || mark === '\r'
    if (this.#atLineStart) this.#onLine = 0
    if (mark === ' ') return atLineStart && token.length > MOST_INDENT ? TOO_DEEP : undefined
    if (this.#atLineStart || mark === '#') return undefined
    if (token === '---' || token === '...') return this.#content || token === '...' ? SECOND : undefined
    this.#content = true
    const foreign = FOREIGN[mark]
    if (foreign !== undefined) return foreignMistake(foreign, token)
    return this.#tooDeep(token) ? TOO_DEEP : undefined
  }

  #tooDeep(token: string): boolean {
    if (token === '[' || token === '{') this.#open += 1
    if (token === ']' || token === '}') this.#open -= 1
    if (['-', '?', ':'].includes(token) && this.#open <= 0) this.#onLine += 1
    return this.#open > LIMITS.policyDepth || this.#onLine > MOST_ON_LINE
  }
}

const TOO_DEEP: What = {
  expected: `at most ${LIMITS.policyDepth} levels`,
  found: 'deeper nesting',
  next: 'no policy needs it: look for a bracket or an indentation too many',
}
const SECOND: What = { expected: 'one document', found: 'the mark of another', next: 'keep one document in the file' }

function foreignMistake(found: string, token: string): What {
  const next = token.startsWith('*') ? 'write it out; a "*" needs quotes: "*"' : 'write it out, or between quotes'
  return { expected: 'plain YAML without anchors, aliases, tags and directives', found, next }
}
