import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

// A stranger's certificate says where to ask. These lead to this machine's own neighbours that answer without a password,
// cloud metadata above all, or to nobody in particular. Private addresses are not among them: a company's CA has one.
const FORBIDDEN = blockList([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '100.100.100.200/32',
  '::/128',
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::254/128',
  // NAT64 of the two above that matter: the same addresses for who has no other way to IPv4.
  '64:ff9b::a9fe:0/112',
  '64:ff9b::6464:64c8/128',
])

/** True for the text of an IP address, with or without brackets, that no stranger may send us to; false for names. */
export function isForbiddenAddress(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '')
  const version = isIP(address)
  // An IPv4 address in IPv6 clothes (`::ffff:169.254.169.254`) is held against the rules for IPv4 by Node itself.
  return version !== 0 && FORBIDDEN.check(address, version === 4 ? 'ipv4' : 'ipv6')
}

/** Looks a name up as Node does, and fails where any of its addresses is forbidden: names can be pointed anywhere. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options, (error, address, family) => {
    const addresses = typeof address === 'string' ? [address] : (address ?? []).map((found) => found.address)
    const refused = error === null && addresses.some(isForbiddenAddress)
    callback(refused ? new ForbiddenAddress(hostname) : error, address, family)
  })
}

/** Told apart from other failures of a connection, so that the message can say what was refused. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'

  constructor(hostname: string) {
    super(`${hostname} leads to an address that a certificate must not send us to`)
  }
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}
