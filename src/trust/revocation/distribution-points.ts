import { LIMITS } from '../../limits.js'
import type { DerElement } from '../der.js'
import { derElements } from '../der.js'
import { expectTag, sequence } from './der-values.js'

/** A place where a list can be had, as a certificate or a list names it. */
export interface DistributionPoint {
  /** the GeneralNames of its full name, each as DER; empty where it has none, or only one relative to the issuer */
  readonly names: readonly DerElement[]
  /** it is only about some reasons, or its list is of another issuer: RFC 5280 §4.2.1.13 */
  readonly partial: boolean
}

/**
 * Reads CRLDistributionPoints (RFC 5280 §4.2.1.13), the form of freshestCRL too. One without any name is read: it says that
 * there is a list, and not where.
 * @throws Error
 */
export function readDistributionPoints(der: Uint8Array): readonly DistributionPoint[] {
  const points = sequence(der)
  if (points.length > LIMITS.revocationSources) throw new Error('there are too many distribution points')
  return points.map((point) => readPoint(sequence(point.bytes)))
}

const POINT_PARTS: readonly number[] = [0xa0, 0x81, 0xa2]

function readPoint(parts: readonly DerElement[]): DistributionPoint {
  refuseDisorder(parts, POINT_PARTS)
  const name = parts.find(({ tag }) => tag === 0xa0)
  return {
    names: name === undefined ? [] : readPointName(name).names,
    partial: parts.some(({ tag }) => tag !== 0xa0),
  }
}

/** A DistributionPointName: full names, or one relative to the issuer of the list. */
export function readPointName({ content }: DerElement): {
  readonly names: readonly DerElement[]
  readonly relative: boolean
} {
  const [choice, ...more] = derElements(content)
  if (choice === undefined || more.length > 0) throw new Error('not one name of a distribution point')
  if (choice.tag === 0xa1) return { names: [], relative: true }
  const names = derElements(expectTag(choice, 0xa0).content)
  if (names.length > LIMITS.revocationSources) throw new Error('a distribution point has too many names')
  return { names, relative: false }
}

/** Refuses parts that are not known, there twice, or not in the order of their definition. */
export function refuseDisorder(parts: readonly DerElement[], order: readonly number[]): void {
  const places = parts.map(({ tag }) => order.indexOf(tag))
  const sound = places.every((place, at) => place >= 0 && (at === 0 || place > (places[at - 1] ?? place)))
  if (!sound) throw new Error('a structure has parts that are not known, or in another order')
}

const URI = 0x86

/** The addresses among these names that can be asked: only HTTP is (trust-store-trust-policy, "CRLs"). */
export function httpAddresses(names: readonly DerElement[]): string[] {
  return names.flatMap(({ tag, content }) => {
    if (tag !== URI || content.byteLength > LIMITS.revocationAddressBytes) return []
    const text = Buffer.from(content).toString('latin1')
    return isHttp(text) ? [text] : []
  })
}

function isHttp(text: string): boolean {
  // Whoever asks will put it into a request: no blanks, no control characters, nothing but ASCII.
  if (!/^http:\/\/[\x21-\x7e]+$/i.test(text) || !URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username === '' && password === ''
}
