import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { localityOf } from './locality.js'

/**
 * Name resolution that refuses link-local addresses (cloud metadata at 169.254.169.254) for every host that the
 * operator did not name: a redirect, realm or upload location may be a name that leads there.
 * @param isNamed tells the hosts that the operator named
 */
export function guardedLookup(isNamed: (hostname: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const addresses = typeof address === 'string' ? [address] : (address ?? []).map((found) => found.address)
      const refused = error === null && !isNamed(hostname) && addresses.some((found) => isLinkLocal(found))
      callback(refused ? new Error(`${hostname} leads to a link-local address`) : error, address, family)
    })
  }
}

function isLinkLocal(address: string): boolean {
  return localityOf(address) === 'link-local'
}
