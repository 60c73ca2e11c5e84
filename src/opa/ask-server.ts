import { printable } from '../encoding/printable.js'
import { isJsonObject, type Json, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Exchange, ExchangeAnswer, ExchangeRequest } from '../web/exchange.js'
import { type OpaAnswer, opaFailure, readAnswer } from './answer.js'
import { inputBytes } from './input-bytes.js'

/** A server of the Open Policy Agent, and the rule that it is asked for. */
export interface OpaServer {
  /** of the rule's document: `http://127.0.0.1:8181/v1/data/waybill/allow` */
  readonly url: string
  readonly authorization?: NonNullable<ExchangeRequest['authorization']>
}

export interface ServerOptions {
  readonly exchange: Exchange
  readonly signal: AbortSignal
}

/**
 * The address of a rule at a server.
 * @param path `waybill/allow`: the rule's path below `data`
 * @throws ERR_USAGE for what is no address of a server, or no path
 */
export function ruleAddress(server: string, path: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined
  const plain =
    url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password + url.search + url.hash === ''
  if (!plain) throw usage('the address of the OPA server is not http://HOST:PORT or https://HOST[:PORT]')
  if (!/^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/.test(path) || path.length > 1000) {
    throw usage(`not the path of a rule, such as waybill/allow: ${JSON.stringify(printable(path, 200))}`)
  }
  return new URL(`${url.pathname.replace(/\/+$/, '')}/v1/data/${path}`, url)
}

/**
 * Asks a server for one rule, with the input document.
 * @throws ERR_OPA_FAILED for everything that is no clear answer, and the signal's reason where it was aborted
 */
export async function askServer(
  { url, authorization }: OpaServer,
  input: unknown,
  { exchange, signal }: ServerOptions,
): Promise<OpaAnswer> {
  const body = inputBytes({ input }, url)
  const asked: ExchangeRequest = {
    url,
    method: 'POST',
    body,
    contentType: 'application/json',
    accept: 'application/json',
    redirects: 'refuse',
    maxBytes: LIMITS.opaAnswerBytes,
    timeoutMs: LIMITS.opaMilliseconds,
    signal,
    ...(authorization === undefined ? {} : { authorization }),
  }
  return readAnswer(resultOf(await answerOf(asked, exchange), url), url)
}

async function answerOf(asked: ExchangeRequest, exchange: Exchange): Promise<ExchangeAnswer> {
  try {
    return await exchange(asked)
  } catch (cause) {
    asked.signal.throwIfAborted()
    if (cause instanceof TransferError) throw opaFailure(cause.message, cause)
    throw cause
  }
}

/** The member `result` of the Data API's answer; a rule without a result has none. */
function resultOf({ status, body }: ExchangeAnswer, url: string): Json | undefined {
  if (status !== 200) throw opaFailure(`${url}: it answers with HTTP status ${status}`)
  const answer = parsed(body, url)
  if (!isJsonObject(answer)) throw opaFailure(`${url}: its answer is not an object`)
  return answer['result']
}

function parsed(body: Uint8Array, url: string): Json {
  try {
    return parseStrictJson(body, 'the answer')
  } catch (cause) {
    throw opaFailure(`${url}: ${cause instanceof TransferError ? cause.message : 'its answer cannot be read'}`, cause)
  }
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
