import { isIP } from 'node:net'
import { TransferError } from '../errors.js'

/** The proxies of the operator's network, as the environment or an option gave them. */
export interface ProxySettings {
  /** for `http:` addresses */
  readonly http?: string
  /** for `https:` addresses */
  readonly https?: string
  /** names, domains, addresses, each with or without a port, or `*`; separated by commas or spaces */
  readonly except?: string
}

/**
 * The proxy that an address is asked for through; undefined for the direct way.
 * @throws ERR_CONFIG_INVALID
 */
export function proxyFor(url: URL, settings: ProxySettings): URL | undefined {
  const proxy = url.protocol === 'https:' ? settings.https : settings.http
  if (proxy === undefined || proxy === '' || isExcepted(url, settings.except ?? '')) return undefined
  return parseProxy(proxy)
}

/** @throws ERR_CONFIG_INVALID for proxies that are none, before anything is asked */
export function checkProxies({ http, https }: ProxySettings): void {
  for (const proxy of [http, https]) if (proxy !== undefined && proxy !== '') parseProxy(proxy)
}

/** @throws ERR_CONFIG_INVALID for what is no address of an HTTP proxy; its password is in no message */
export function parseProxy(text: string): URL {
  // `proxy:3128` is the custom in environments, and an URL with the scheme `proxy:`.
  const full = text.includes('://') ? text : `http://${text}`
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (url !== undefined && url.hostname !== '' && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new TransferError('ERR_CONFIG_INVALID', 'the proxy’s address is not http://HOST:PORT', { side: 'operator' })
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/** `NO_PROXY` as curl reads it: a name stands for everything below it too. */
function isExcepted(url: URL, except: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port || (DEFAULT_PORTS[url.protocol] ?? '')
  return except
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry.toLowerCase(), host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  const [, text = '', wantedPort] = isIP(entry) === 6 ? [entry, entry] : (/^(.*?)(?::([0-9]+))?$/.exec(entry) ?? [])
  const name = text.replace(/^\[|\]$/g, '').replace(/^\*?\./, '')
  if (name === '' || (wantedPort !== undefined && wantedPort !== port)) return false
  return host === name || host.endsWith(`.${name}`)
}
