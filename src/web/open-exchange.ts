import { Agent, type Dispatcher, ProxyAgent, request } from 'undici'
import { printable } from '../encoding/printable.js'
import { hasCode, TransferError } from '../errors.js'
import { ForbiddenAddress, guardedLookup, isForbiddenAddress } from './addresses.js'
import type { Exchange, ExchangeAnswer, ExchangeRequest } from './exchange.js'
import { checkProxies, type ProxySettings, proxyFor } from './proxies.js'

export interface WebOptions {
  readonly proxies: ProxySettings
  /** PEM certificates in place of the roots that Node trusts */
  readonly ca?: readonly string[]
  /** the program's name and version */
  readonly agent: string
}

export interface Web {
  readonly exchange: Exchange
  close(): Promise<void>
}

const MAX_REDIRECTS = 3
const CONNECTIONS = 4
const HEADER_BYTES = 16 * 1024
const READ_ONLY: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const ANY_METHOD: ReadonlySet<number> = new Set([307, 308])

/**
 * The network for questions to servers that certificates name, or that the operator does: no credentials, no cookies, no
 * decompression, and bounds on everything, since whoever made the certificate chose the server. Through a proxy names are
 * looked up by the proxy, so only addresses in the URL itself are refused; what a proxy may reach is its operator's rule.
 * @throws ERR_CONFIG_INVALID for proxies that are none
 */
export function openWeb(options: WebOptions): Web {
  checkProxies(options.proxies)
  const dispatchers = new Map<string, Dispatcher>()
  const dispatcherOf = (url: URL): Dispatcher => {
    const proxy = proxyFor(url, options.proxies)
    const key = proxy?.href ?? ''
    const known = dispatchers.get(key) ?? openDispatcher(proxy, options)
    dispatchers.set(key, known)
    return known
  }
  return {
    exchange: (asked) => exchangeOnce(asked, { dispatcherOf, options }),
    async close() {
      for (const one of dispatchers.values()) await one.destroy()
    },
  }
}

function openDispatcher(proxy: URL | undefined, options: WebOptions): Dispatcher {
  const bounds = { connections: CONNECTIONS, pipelining: 1, maxHeaderSize: HEADER_BYTES }
  const tls = options.ca === undefined ? {} : { ca: [...options.ca] }
  if (proxy === undefined) return new Agent({ ...bounds, connect: { lookup: guardedLookup, ...tls } })
  // Most proxies let nobody tunnel to port 80, where revocation lists are.
  return new ProxyAgent({ ...bounds, uri: proxy.href, proxyTunnel: false, requestTls: tls, proxyTls: tls })
}

interface Ways {
  readonly dispatcherOf: (url: URL) => Dispatcher
  readonly options: WebOptions
}

async function exchangeOnce(asked: ExchangeRequest, ways: Ways): Promise<ExchangeAnswer> {
  const expired = AbortSignal.timeout(asked.timeoutMs)
  const signal = AbortSignal.any([asked.signal, expired])
  try {
    return await follow({ ...asked, signal }, ways)
  } catch (cause) {
    asked.signal.throwIfAborted()
    if (hasCode(cause, 'ERR_SOURCE_UNREACHABLE') || hasCode(cause, 'ERR_LIMIT_EXCEEDED')) throw cause
    const why = expired.aborted ? `no whole answer in ${asked.timeoutMs} ms` : reasonOf(cause)
    throw unreachable(asked.url, isProxied(asked.url, ways.options) ? `${why}, through a proxy` : why, cause)
  }
}

async function follow(asked: ExchangeRequest, ways: Ways): Promise<ExchangeAnswer> {
  let url = vet(asked.url, asked.url)
  for (let hop = 0; ; hop += 1) {
    const answer = await request(url, {
      dispatcher: ways.dispatcherOf(url),
      method: asked.method,
      headers: headersOf(asked, ways.options.agent),
      body: asked.body ?? null,
      signal: asked.signal,
    })
    const { location } = answer.headers
    if (typeof location !== 'string' || !isFollowed(answer.statusCode, asked)) {
      return { status: answer.statusCode, body: await readBounded(answer.body, asked) }
    }
    answer.body.on('error', () => undefined).destroy()
    if (hop === MAX_REDIRECTS) throw unreachable(asked.url, `more than ${MAX_REDIRECTS} redirects`)
    url = redirected(location, url, asked.url)
  }
}

/** Whoever says who asks must not say it to a stranger. */
function isFollowed(status: number, { method, redirects = 'follow', authorization }: ExchangeRequest): boolean {
  if (redirects === 'refuse' || authorization !== undefined) return false
  return (method === 'GET' ? READ_ONLY : ANY_METHOD).has(status)
}

function headersOf(asked: ExchangeRequest, agent: string): Record<string, string> {
  return {
    ...(asked.authorization === undefined ? {} : { authorization: asked.authorization.reveal() }),
    'accept-encoding': 'identity',
    'user-agent': agent,
    ...(asked.accept === undefined ? {} : { accept: asked.accept }),
    ...(asked.contentType === undefined ? {} : { 'content-type': asked.contentType }),
  }
}

async function readBounded(body: AsyncIterable<Uint8Array>, { url, maxBytes }: ExchangeRequest): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.byteLength
    if (size > maxBytes) {
      throw new TransferError('ERR_LIMIT_EXCEEDED', `${shown(url)}: it answers with more than ${maxBytes} bytes`, {
        side: 'source',
        subject: shown(url),
      })
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces, size)
}

function redirected(location: string, from: URL, asked: string): URL {
  if (!URL.canParse(location, from.href)) throw unreachable(asked, 'it sends us to something that is not a URL')
  const url = vet(new URL(location, from).href, asked)
  if (from.protocol === 'https:' && url.protocol !== 'https:') {
    throw unreachable(asked, 'it sends us from an encrypted address to one that is not')
  }
  return url
}

function vet(text: string, asked: string): URL {
  if (!URL.canParse(text)) throw unreachable(asked, 'it is not a URL')
  const url = new URL(text)
  url.hash = ''
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw unreachable(asked, 'only http and https are asked')
  if (url.username !== '' || url.password !== '') throw unreachable(asked, 'it has a user name or password in it')
  if (isForbiddenAddress(url.hostname)) throw unreachable(asked, new ForbiddenAddress(url.hostname).message)
  return url
}

function unreachable(url: string, why: string, cause?: unknown): TransferError {
  return new TransferError('ERR_SOURCE_UNREACHABLE', `${shown(url)}: ${why}`, {
    cause,
    side: 'source',
    subject: shown(url),
  })
}

/** An address as it may be shown: a password in it is nobody's business but the server's. */
function shown(url: string): string {
  return printable(url.replace(/\/\/[^/?#]*@/, '//…@'), 300)
}

function isProxied(url: string, { proxies }: WebOptions): boolean {
  return URL.canParse(url) && proxyFor(new URL(url), proxies) !== undefined
}

/**
 * What a library says of a failed connection; undici hides what DNS or the socket said in the cause. Names and addresses of
 * the system's own errors are left out: they are those of a proxy or of an inner network, and the reason travels in bundles.
 */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'it cannot be asked'
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause
  const { code, syscall } = inner as { readonly code?: unknown; readonly syscall?: unknown }
  if (typeof code === 'string' && typeof syscall === 'string') return `${syscall} ${code}`
  const message = inner instanceof Error ? inner.message : cause.message
  return printable(typeof code === 'string' && !message.includes(code) ? `${message} (${code})` : message, 300)
}
