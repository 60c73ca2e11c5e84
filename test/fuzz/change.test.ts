import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTarHeader } from '../../src/content/tar-header.js'
import { derElement } from '../../src/trust/der.js'
import { mintChain } from '../support/keys.js'
import { rawEntry } from '../support/raw-tar.js'
import { bytesOf, type FuzzCase, fuzzCase } from './change.js'
import type { FuzzTarget } from './target.js'

function target(shape: FuzzTarget['shape']): FuzzTarget {
  return { name: shape, codes: [], shape, prepare: async () => ({ seeds: [], read: () => {} }) }
}

/** Without what breaks the form. */
const inForm = fuzzCase.map((one): FuzzCase => ({ ...one, raw: [] }))

describe('a change that keeps the form', () => {
  it('leaves JSON JSON', () => {
    const seed = Buffer.from('{"a":[1,{"b":"c"}],"d":null}')

    fc.assert(
      fc.property(inForm, (one) => {
        expect(() => JSON.parse(Buffer.from(bytesOf(one, target('json'), [seed])).toString())).not.toThrow()
      }),
    )
  })

  it('mends the lengths of all that is around an element of DER', async () => {
    const { leaf } = await mintChain()
    const kinds = [0, 4, 5, 6]
    const inside = inForm.filter(
      ({ inForm: [one, more] }) => more === undefined && kinds.includes((one?.kind ?? 0) % 8),
    )

    fc.assert(
      fc.property(inside, (one) => {
        expect(() => derElement(bytesOf(one, target('der'), [leaf.certificate.der]))).not.toThrow()
      }),
    )
  })

  it('mends the checksums of headers', () => {
    const seed = rawEntry({ name: 'a' })
    const edited = inForm.filter(({ inForm: edits }) => edits.length === 1 && (edits[0]?.kind ?? 0) % 6 > 2)

    fc.assert(
      fc.property(edited, (one) => {
        const failure = attempt(() => parseTarHeader(bytesOf(one, target('tar'), [seed]).subarray(0, 512), 'it'))
        expect(failure).not.toMatch(/checksum/)
      }),
    )
  })
})

function attempt(what: () => unknown): string {
  try {
    what()
    return ''
  } catch (cause) {
    return String(cause)
  }
}
