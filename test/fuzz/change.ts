import fc from 'fast-check'
import { changeDer } from './change-der.js'
import { changeJson } from './change-json.js'
import { changeTar } from './change-tar.js'
import type { FuzzTarget } from './target.js'

/** One change to some bytes; what it comes to depends on how long they are and what is in them. */
export interface Edit {
  readonly kind: number
  readonly at: number
  readonly length: number
  readonly bytes: Uint8Array
}

/** How a case is made of a seed. */
export interface FuzzCase {
  readonly seed: number
  /** changes that keep the form: lengths fit, texts are closed, checksums are right */
  readonly inForm: readonly Edit[]
  /** changes that do not */
  readonly raw: readonly Edit[]
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.nat(15),
  at: fc.nat(),
  length: fc.oneof(fc.nat(8), fc.nat(2000)),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    // The ends of ranges, and the bytes with which forms begin and end.
    fc
      .constantFrom('00', 'ff', '7f', '80', '8400000000', '84ffffffff', '3080', '22', '7b', '5d', '0a', 'efbbbf')
      .map((hex) => Uint8Array.from(Buffer.from(hex, 'hex'))),
  ),
})

/** Cases that change a seed a little; some do not change it at all, and are believed as it is. */
export const fuzzCase: fc.Arbitrary<FuzzCase> = fc.record({
  seed: fc.nat(),
  inForm: fc.array(edit, { maxLength: 3 }),
  raw: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(edit, { maxLength: 4 }) }),
})

const CHANGE_IN_FORM = { json: changeJson, der: changeDer, tar: changeTar, bytes: changeBytes } as const

/** The bytes of a case. */
export function bytesOf({ seed, inForm, raw }: FuzzCase, target: FuzzTarget, seeds: readonly Uint8Array[]): Uint8Array {
  const words = (target.words ?? []).map((word) => Buffer.from(word))
  const inWords = (one: Edit): Edit => {
    const word = one.kind % 2 === 0 ? words[one.at % Math.max(words.length, 1)] : undefined
    return word === undefined ? one : { ...one, bytes: word }
  }
  let bytes = seeds[seed % seeds.length] ?? new Uint8Array()
  for (const one of inForm) bytes = CHANGE_IN_FORM[target.shape](bytes, inWords(one))
  for (const one of raw) bytes = changeBytes(bytes, inWords(one))
  return Uint8Array.from(bytes)
}

const MOST = 1024 * 1024

function changeBytes(bytes: Uint8Array, { kind, at, length, bytes: other }: Edit): Uint8Array {
  const from = bytes.length === 0 ? 0 : at % bytes.length
  const to = Math.min(bytes.length, from + length)
  const [before, middle, after] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)]
  switch (kind % 7) {
    case 0: {
      const changed = Uint8Array.from(bytes)
      if (changed.length > 0) changed[from] = (changed[from] ?? 0) ^ (1 << (length % 8))
      return changed
    }
    case 1:
      return Buffer.concat([before, other, bytes.subarray(Math.min(bytes.length, from + other.length))])
    case 2:
      return Buffer.concat([before, other, bytes.subarray(from)])
    case 3:
      return Buffer.concat([before, after])
    case 4:
      return Buffer.concat([before, middle, middle, after]).subarray(0, MOST)
    case 5:
      return before
    default:
      return Buffer.concat([before, ...Array.from({ length: Math.min(length, 400) }, () => other), after]).subarray(
        0,
        MOST,
      )
  }
}
