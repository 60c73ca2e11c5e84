import { BlockList, isIP } from 'node:net'

/** How near to this machine an address is; what is nearer must not be reachable through what is farther. */
export type Locality = 'public' | 'private' | 'link-local' | 'loopback'

const NEARNESS: Readonly<Record<Locality, number>> = { public: 0, private: 1, 'link-local': 2, loopback: 3 }

// 0.0.0.0 and :: reach this machine as well.
const LOOPBACK = blockList(['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'])
const LINK_LOCAL = blockList(['169.254.0.0/16', 'fe80::/10'])
const PRIVATE = blockList(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'])

/** True for `localhost`, 127.0.0.0/8 and `[::1]`, with or without a port: where plain HTTP is the custom. */
export function isLoopbackName(registry: string): boolean {
  if (!URL.canParse(`http://${registry}`)) return false
  const { hostname } = new URL(`http://${registry}`)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.[0-9]+\.[0-9]+\.[0-9]+$/.test(hostname)
}

/** What an IP literal, or a name that always means this machine, says about where it leads. Other names are public. */
export function localityOf(hostname: string): Locality {
  if (/^(?:.*\.)?localhost\.?$/.test(hostname)) return 'loopback'
  const address = hostname.replace(/^\[|\]$/g, '')
  const version = isIP(address)
  if (version === 0) return 'public'
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (LOOPBACK.check(address, family)) return 'loopback'
  if (LINK_LOCAL.check(address, family)) return 'link-local'
  return PRIVATE.check(address, family) ? 'private' : 'public'
}

/**
 * True where `from` must not send us to `to`: a registry on the internet has no business with addresses of this
 * network or this machine (server-side request forgery: cloud metadata, local daemons).
 */
export function leadsInward(from: URL, to: URL): boolean {
  if (from.hostname === to.hostname) return false
  return NEARNESS[localityOf(to.hostname)] > NEARNESS[localityOf(from.hostname)]
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}
