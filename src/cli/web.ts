import type { Web } from '../web/open-exchange.js'
import type { ProxySettings } from '../web/proxies.js'
import { proxySettings, readTextFile } from './compose.js'
import type { NetworkOptions } from './context.js'

/**
 * The network for addresses that certificates name, or that the operator does, through the proxies of the option or of the
 * environment; opened when something is asked.
 * @throws ERR_CONFIG_INVALID
 */
export async function openExchange(
  options: NetworkOptions,
  given: { readonly proxy?: string | undefined; readonly agent: string },
): Promise<Web> {
  const { checkProxies } = await import('../web/proxies.js')
  const proxies = proxySettings(given.proxy)
  checkProxies(proxies)
  return await openedWhenAsked(options, { proxies, agent: given.agent })
}

/**
 * The network for an address that the operator named for itself: no proxy stands between, whatever the environment says.
 * @throws ERR_CONFIG_INVALID
 */
export async function openDirectExchange(options: NetworkOptions, agent: string): Promise<Web> {
  return await openedWhenAsked(options, { proxies: {}, agent })
}

async function openedWhenAsked(
  options: NetworkOptions,
  given: { readonly proxies: ProxySettings; readonly agent: string },
): Promise<Web> {
  const { trustedRoots } = await import('../registry/certificate-authorities.js')
  const ca = options.ca === undefined ? undefined : trustedRoots([await readTextFile(options.ca)])
  // An HTTP client takes time to load, and most exports have nothing to ask.
  let web: Promise<Web> | undefined
  const open = async (): Promise<Web> => {
    const { openWeb } = await import('../web/open-exchange.js')
    return openWeb({ ...given, ...(ca === undefined ? {} : { ca }) })
  }
  return {
    exchange: async (request) => {
      web ??= open()
      return await (await web).exchange(request)
    },
    close: async () => (await web)?.close(),
  }
}
