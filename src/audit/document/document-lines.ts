import { amount } from '../../encoding/amount.js'
import { printable } from '../../encoding/printable.js'
import { type Json, parseStrictJson } from '../../encoding/strict-json.js'
import { hasCode } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { jsonLines } from './json-lines.js'
import { dumpLines, shownLine, textLines, textOf } from './plain-lines.js'
import { dssePayload, payloadOf, type SignedPayload } from './signed-payload.js'

/** A document of a bundle, or the beginning of one that is too long. */
export interface ShownDocument {
  readonly bytes: Uint8Array
  /** foreign text */
  readonly mediaType: string
  /** of the whole, where `bytes` is only its beginning */
  readonly size: number
}

/** Said of what is signed where nobody has said more. */
export const NOT_JUDGED = 'NOT VERIFIED: nobody here has judged this signature.'

/**
 * A document as lines that a person can read, and that do nothing else to a terminal: JSON in our own strict reading, text,
 * the payload of what is signed, else the first bytes. Bounded; what is left out is said in a sentence. Lines of the document
 * stand behind a bar, so that none can pass for such a sentence.
 * @param standing of a signature, or what is signed: whether it holds, in words, which stand before all else
 */
export function documentLines(document: ShownDocument, standing?: string): readonly string[] {
  const all = bounded(linesOf(document, standing))
  const { bytes, size } = document
  if (bytes.byteLength === size) return all
  return [...all, '', `CUT: these are the first ${amount(bytes.byteLength)} of ${amount(size)}.`]
}

function* linesOf(document: ShownDocument, standing: string | undefined): Generator<string> {
  const signed = payloadOf(document.bytes, document.mediaType)
  if (signed !== undefined) {
    yield* signedLines(signed, document, standing ?? NOT_JUDGED)
    return
  }
  if (standing !== undefined) {
    yield standing
    yield ''
  }
  yield* unsignedLines(document)
}

function* signedLines(signed: SignedPayload, document: ShownDocument, standing: string): Generator<string> {
  if (signed.kind === 'unreadable') {
    yield `The payload of this ${signed.form} cannot be read: ${printable(signed.why)}`
    yield 'What follows is the envelope as it is. NOTHING of it is verified.'
    yield ''
    yield* unsignedLines(document)
    return
  }
  yield `The payload of this ${signed.form}, taken out of it. ${standing}`
  yield ''
  const { payload } = signed
  yield* unsignedLines({ bytes: payload, mediaType: document.mediaType, size: payload.byteLength })
}

function* unsignedLines(document: ShownDocument): Generator<string> {
  const { bytes, mediaType, size } = document
  const text = textOf(bytes, { cut: bytes.byteLength < size })
  if (size === 0) yield 'Empty: it has no bytes.'
  else if (text === undefined) {
    const shown = Math.min(bytes.byteLength, LIMITS.shownDumpBytes)
    yield `No text: ${printable(mediaType)}, ${amount(size)}. Its first ${shown} bytes:`
    yield ''
    yield* quoted(dumpLines(bytes))
  } else if (/^\s*[[{]/.test(text) && !mediaType.endsWith('ndjson') && bytes.byteLength === size)
    yield* jsonOrText(document, text)
  else yield* quoted(textLines(text))
}

function* jsonOrText({ bytes }: ShownDocument, text: string): Generator<string> {
  const parsed = parsedJson(bytes)
  if ('why' in parsed) {
    // Numbers with a point, in SBOMs; and all that two readers could read in two ways.
    yield `Shown as it is: ${printable(parsed.why)}.`
    yield ''
    yield* quoted(textLines(text))
    return
  }
  const signed = dssePayload(parsed.json)
  if (signed?.kind === 'payload') {
    yield `The payload of this ${signed.form}, taken out of it. Nothing here judges its signature: CLAIMS ONLY.`
    yield ''
    yield* innerLines(signed.payload)
    yield ''
    yield 'The envelope around it:'
    yield ''
  }
  yield* shortened(parsed.json)
}

function* innerLines(payload: Uint8Array): Generator<string> {
  const parsed = parsedJson(payload)
  if ('json' in parsed) yield* shortened(parsed.json)
  else yield* quoted(textLines(textOf(payload, { cut: false }) ?? 'no text'))
}

function* shortened(json: Json): Generator<string> {
  for (const line of jsonLines(json)) yield `${CONTENT}${shownLine(line)}`
}

/** Before every line of the document: a sentence without it is ours, and no document can write one. */
const CONTENT = '│ '

function* quoted(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${CONTENT}${line}`
}

function parsedJson(bytes: Uint8Array): { readonly json: Json } | { readonly why: string } {
  try {
    return { json: parseStrictJson(bytes, 'it') }
  } catch (cause) {
    if (!hasCode(cause, 'ERR_JSON_INVALID')) throw cause
    return { why: cause.message }
  }
}

function bounded(lines: Generator<string>): string[] {
  const taken: string[] = []
  for (const line of lines) {
    if (taken.length === LIMITS.shownLines) {
      taken.push('', `CUT: it has more lines than the ${LIMITS.shownLines} that are shown.`)
      break
    }
    taken.push(line)
  }
  return taken
}
