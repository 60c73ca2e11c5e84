import { printable } from '../encoding/printable.js'

/** A request that failed below HTTP. Internal to this folder: callers get a `TransferError` made from it. */
export class NetworkFault extends Error {
  override readonly name = 'NetworkFault'
  /** The same request may succeed when it is made again. */
  readonly transient: boolean

  constructor(message: string, options: { readonly cause?: unknown; readonly transient: boolean }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.transient = options.transient
  }
}

// The connection was there and broke.
const BROKEN: Readonly<Record<string, string>> = {
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ECONNABORTED: 'the connection was aborted',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_INFO: 'the connection was closed',
  UND_ERR_HEADERS_TIMEOUT: 'no answer came in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stalled',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut short',
}

// There never was a connection: worth another try only where the host has answered before.
const UNCONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'the network cannot be reached',
  EAI_AGAIN: 'the host name cannot be looked up',
  ENOTFOUND: 'the host name is not known',
  UND_ERR_CONNECT_TIMEOUT: 'no connection could be made in time',
}

const FINAL: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS (a registry without TLS needs --plain-http)',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS (a registry without TLS needs --plain-http)',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of its answer are too large',
}

/** Says in words what broke, and whether another try makes sense. `answered`: the host has answered before. */
export function networkFault(cause: unknown, answered: boolean): NetworkFault {
  const code = codeOf(cause)
  const broken = BROKEN[code]
  if (broken !== undefined) return new NetworkFault(`${broken} (${code})`, { cause, transient: true })
  const unconnected = UNCONNECTED[code]
  if (unconnected !== undefined) return new NetworkFault(`${unconnected} (${code})`, { cause, transient: answered })
  const told = FINAL[code] ?? printable(cause instanceof Error ? cause.message : String(cause))
  return new NetworkFault(code === '' ? told : `${told} (${code})`, { cause, transient: false })
}

function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return ''
  return typeof cause.code === 'string' ? cause.code : ''
}
