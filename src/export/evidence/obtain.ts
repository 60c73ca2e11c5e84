import type { CallOptions } from '../../content/store.js'
import { TransferError } from '../../errors.js'
import { parseEvidenceFile } from '../../trust/revocation/evidence-files.js'
import type { Evidence } from '../../trust/revocation/revocation.js'
import type { Exchange } from '../../web/exchange.js'
import { type Question, requestFor } from './question.js'

export interface ObtainOptions extends CallOptions {
  readonly exchange?: Exchange
  /** ends all questions of an export; what is not answered then is missing */
  readonly deadline: AbortSignal
}

/**
 * Asks one question. What came back has the form of evidence, and nothing more is known of it.
 * @returns a sentence where nothing could be had; that is no error
 * @throws the signal's reason
 */
export async function obtain(question: Question, given: ObtainOptions): Promise<readonly Evidence[] | string> {
  const { exchange, deadline, signal } = given
  if (exchange === undefined) return 'nobody was asked, because the operator said so'
  const request = requestFor(question)
  if (typeof request === 'string') return request
  try {
    const { status, body } = await exchange({ ...request, signal: AbortSignal.any([signal, deadline]) })
    return status === 200 ? evidenceIn(body, question) : `it answers with the status ${status}`
  } catch (cause) {
    signal.throwIfAborted()
    if (deadline.aborted) return 'it did not answer while there was time for evidence'
    if (!(cause instanceof TransferError)) throw cause
    return withoutAddress(cause.message, question.url)
  }
}

/** Lists are found in PEM too, whatever RFC 5280 says; and an operator may put notation's cache in place of an address. */
function evidenceIn(body: Uint8Array, { kind, url }: Question): readonly Evidence[] | string {
  const found = parseEvidenceFile(body, 'the answer').filter((one) => one.kind === kind)
  if (found.length === 0) return `the answer is ${kind === 'crl' ? 'an OCSP response' : 'a CRL'}`
  return found.map((evidence) => ({ ...evidence, url }))
}

/** The address stands beside the reason wherever it is shown. */
function withoutAddress(message: string, url: string): string {
  return message.startsWith(`${url}: `) ? message.slice(url.length + 2) : message
}
