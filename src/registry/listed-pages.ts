import { isJsonObject, type Json, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { protocolError } from './failure.js'
import type { Answer } from './http-exchange.js'
import { pageTrail } from './next-page.js'
import type { RegistryHost } from './registry-host.js'

/** A list that a registry gives in pages. */
export interface ListQuestion {
  /** as in `cannot …` */
  readonly what: string
  /** whose list it is */
  readonly subject: string
  /** the member of the answer that has it */
  readonly member: 'tags' | 'repositories'
  /** Asks for one page; `undefined` for the first. */
  readonly ask: (next: URL | undefined) => Promise<Answer>
}

/**
 * Page by page, without holding them all.
 * @throws ERR_REGISTRY_PROTOCOL, ERR_LIMIT_EXCEEDED and what `ask` throws
 */
export async function* listedPages(host: RegistryHost, question: ListQuestion): AsyncIterable<readonly Json[]> {
  const { what, member } = question
  const limit = `${LIMITS.registryPages} pages of ${member}`
  const nextOf = pageTrail(host, { what, tooMany: () => tooMany(host, question, limit) })
  for (let next: URL | undefined; ; ) {
    const answer = await question.ask(next)
    yield await readPage(host, answer, question)
    next = nextOf(answer)
    if (next === undefined) return
  }
}

async function readPage(host: RegistryHost, answer: Answer, question: ListQuestion): Promise<readonly Json[]> {
  const { what, member } = question
  const { bytes, whole } = await answer.body.read(LIMITS.registryAnswerBytes)
  if (!whole) throw tooMany(host, question, `${LIMITS.registryAnswerBytes} bytes in a page of ${member}`)
  const json = parsed(bytes, what)
  const list = isJsonObject(json) ? json[member] : undefined
  // Some registries say so where there is none.
  if (list === null) return []
  if (Array.isArray(list)) return list
  throw protocolError(host.place, `cannot ${what}: the answer is no list of ${member}`)
}

function parsed(bytes: Uint8Array, what: string): Json | undefined {
  try {
    return parseStrictJson(bytes, what)
  } catch {
    return undefined
  }
}

/** A list that is longer than anybody reads. */
export function tooMany(
  { place }: RegistryHost,
  { subject }: Pick<ListQuestion, 'subject'>,
  limit: string,
): TransferError {
  return new TransferError('ERR_LIMIT_EXCEEDED', `${subject} has more than ${limit}`, { side: place.side, subject })
}
