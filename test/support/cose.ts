import { sign } from 'node:crypto'
import { Tagged } from 'cborg'
import { type Cbor, encodeCbor, TAG_SIGN1 } from '../../src/trust/envelope/cbor.js'
import { coseHeader } from '../../src/trust/envelope/cose-header.js'
import { sign1ToBeSigned } from '../../src/trust/envelope/cose-sign1.js'
import { type MintedChain, NOW, privateKeyOf } from './keys.js'

export type Label = string | number

export interface CoseForgery {
  /** over the protected header, before it is signed; undefined takes a label away */
  readonly header?: readonly (readonly [Label, Cbor | undefined])[]
  /** in the place of the protected header's bytes, before it is signed */
  readonly headerBytes?: Uint8Array
  /** over the unprotected header */
  readonly unprotected?: readonly (readonly [Label, Cbor | undefined])[]
  readonly payload?: Uint8Array
  readonly sign?: (toBeSigned: Uint8Array) => Uint8Array
  /** the four members, afterwards */
  readonly members?: (members: readonly Cbor[]) => Cbor
  /** undefined takes it away */
  readonly tag?: number | undefined
}

/** An envelope made by somebody who has the key of a chain, and does with it what the format forbids. */
export function forgeCose(change: CoseForgery, chain: MintedChain): Uint8Array {
  const header = changed(coseHeader('ES256', { signingTime: NOW }), change.header)
  const protectedBytes = change.headerBytes ?? encodeCbor(header)
  const payload = change.payload ?? Buffer.from('{}')
  const toBeSigned = sign1ToBeSigned({ protectedBytes, payload })
  const key = privateKeyOf(chain.leaf)
  const signature = change.sign?.(toBeSigned) ?? sign('sha256', toBeSigned, { key, dsaEncoding: 'ieee-p1363' })
  const x5chain = chain.certificates.map(({ der }) => der)
  const unprotected = changed(new Map<Label, Cbor>([[33, x5chain]]), change.unprotected)
  const members: readonly Cbor[] = [protectedBytes, unprotected, payload, signature]
  const value = change.members?.(members) ?? members
  const tag = 'tag' in change ? change.tag : TAG_SIGN1
  return encodeCbor(tag === undefined ? value : new Tagged(tag, value))
}

function changed(
  map: ReadonlyMap<Label, Cbor>,
  entries: readonly (readonly [Label, Cbor | undefined])[] = [],
): Map<Label, Cbor> {
  const result = new Map(map)
  for (const [label, value] of entries) {
    if (value === undefined) result.delete(label)
    else result.set(label, value)
  }
  return result
}
