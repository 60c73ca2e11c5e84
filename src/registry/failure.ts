import { printable } from '../encoding/printable.js'
import { isJsonObject, type Json, parseStrictJson } from '../encoding/strict-json.js'
import { type ErrorCode, type Side, TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Answer } from './http-exchange.js'
import type { NetworkFault } from './network-fault.js'

/** Which registry a failure is about, and which side of the transfer it is on. */
export interface Place {
  readonly side: Extract<Side, 'source' | 'sink'>
  /** host, with its port where one was given */
  readonly registry: string
}

/** A registry that could not be reached, or whose answers broke off: ERR_SOURCE_UNREACHABLE or ERR_SINK_UNREACHABLE. */
export function unreachable(place: Place, what: string, fault: NetworkFault): TransferError {
  return new TransferError(unreachableCode(place), `${place.registry}: cannot ${what}: ${fault.message}`, {
    cause: fault.cause ?? fault,
    side: place.side,
    subject: place.registry,
  })
}

/** An answer against the specification: ERR_REGISTRY_PROTOCOL. */
export function protocolError(
  place: Place,
  message: string,
  options: { readonly cause?: unknown } = {},
): TransferError {
  return new TransferError('ERR_REGISTRY_PROTOCOL', `${place.registry}: ${message}`, {
    ...options,
    side: place.side,
    subject: place.registry,
  })
}

export interface FailureGiven {
  /** what could not be done, as in `cannot …` */
  readonly what: string
  readonly retryAfterMs?: number | undefined
  /** Codes of the registry that say more than the status does. */
  readonly byCode?: Readonly<Record<string, ErrorCode>>
}

/**
 * Turns an answer that says no into an error with the HTTP status and the registry's own words, bounded and printable.
 * Reads the body.
 */
export async function answerFailure(place: Place, answer: Answer, given: FailureGiven): Promise<TransferError> {
  const { bytes } = await readErrorBody(answer)
  const words = describeErrors(bytes)
  const from = answer.url.host === place.registry ? '' : ` (from ${printable(answer.url.host, 100)})`
  const special = parseErrors(bytes).flatMap((error) => given.byCode?.[error.code] ?? [])[0]
  const said = words === '' ? '' : `: ${words}`
  return new TransferError(
    special ?? codeOf(place, answer.status),
    `${place.registry}: cannot ${given.what}: the answer is ${answer.status}${from}${said}`,
    {
      side: place.side,
      subject: place.registry,
      status: answer.status,
      ...(given.retryAfterMs === undefined ? {} : { retryAfterMs: given.retryAfterMs }),
    },
  )
}

/** The error codes of a registry's JSON answer (distribution-spec, Error Codes); none where it is anything else. */
export async function registryCodes(answer: Answer): Promise<readonly string[]> {
  return parseErrors((await readErrorBody(answer)).bytes).map((error) => error.code)
}

function codeOf(place: Place, status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'ERR_UNAUTHORIZED'
    case 403:
      return 'ERR_FORBIDDEN'
    case 404:
      return 'ERR_NOT_FOUND'
    case 429:
      return 'ERR_RATE_LIMITED'
    case 408:
    case 502:
    case 503:
    case 504:
      return unreachableCode(place)
    default:
      return 'ERR_REGISTRY_PROTOCOL'
  }
}

function unreachableCode(place: Place): ErrorCode {
  return place.side === 'source' ? 'ERR_SOURCE_UNREACHABLE' : 'ERR_SINK_UNREACHABLE'
}

async function readErrorBody(answer: Answer): Promise<{ readonly bytes: Uint8Array }> {
  // The status has been seen; a body that breaks off changes nothing.
  return await answer.body.read(LIMITS.errorBodyBytes).catch(() => ({ bytes: new Uint8Array() }))
}

interface RegistryError {
  readonly code: string
  readonly message: string
}

function parseErrors(bytes: Uint8Array): readonly RegistryError[] {
  let json: Json
  try {
    json = parseStrictJson(bytes, 'an error')
  } catch {
    return []
  }
  const errors = isJsonObject(json) ? json['errors'] : undefined
  if (!Array.isArray(errors)) return []
  return errors.filter(isJsonObject).map((error) => ({ code: text(error['code']), message: text(error['message']) }))
}

function describeErrors(bytes: Uint8Array): string {
  const errors = parseErrors(bytes)
  if (errors.length === 0) return printable(withoutSecrets(Buffer.from(bytes).toString('utf8').trim()))
  return printable(withoutSecrets(errors.map((error) => `${error.code} ${error.message}`.trim()).join('; ')))
}

const SCHEME = /\b(basic|bearer)(["'\s:=]{1,4})[A-Za-z0-9+/_=.~-]{6,}/gi
const FIELD = /\b(refresh_token|access_token|id_token|token|password|secret)(["'\s:=]{1,5})[^\s"'&,;}]{3,}/gi

/** Some servers repeat what they were sent: a password must not come back into a log on that way. */
function withoutSecrets(words: string): string {
  return words.replace(SCHEME, '$1$2[secret]').replace(FIELD, '$1$2[secret]')
}

function text(json: Json | undefined): string {
  return typeof json === 'string' ? json : ''
}
