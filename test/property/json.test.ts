import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalBytes, canonicalJson } from '../../src/encoding/canonical-json.js'
import { printable } from '../../src/encoding/printable.js'
import { foldKey, parseStrictJson } from '../../src/encoding/strict-json.js'
import { TransferError } from '../../src/errors.js'

const text = fc.string({ unit: 'binary' })
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger().map((number) => (number === 0 ? 0 : number)),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(text, tie('value')), { selector: ([key]) => foldKey(key), maxLength: 4 })
      .map((members) => Object.fromEntries(members)),
  ),
})).value

describe('JSON', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(parseStrictJson(canonicalBytes(value), 'x')).toEqual(value)
      }),
    )
  })

  it('has one spelling for a value, whatever the order of its keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))
      }),
    )
  })

  it('is read alike by the strict reader and by JavaScript, with any spaces', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, '\t', '\r\n'), (value, space) => {
        const written = JSON.stringify(value, undefined, space)
        expect(parseStrictJson(new TextEncoder().encode(written), 'x')).toEqual(JSON.parse(written))
      }),
    )
  })

  it('is never accepted where JavaScript refuses it, and never read as something else', () => {
    const pieces = fc.array(
      fc.oneof(fc.constantFrom(...'{}[],:"\\0123456789-+.eEutrfalsn \t\n'), fc.constantFrom('"a"', '"A"', 'null', '1')),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(pieces, (parts) => {
        const written = parts.join('')
        const read = attempt(() => parseStrictJson(new TextEncoder().encode(written), 'x'))
        if (read.failure === undefined) expect(read.value).toEqual(JSON.parse(written))
        else expect(read.failure).toBeInstanceOf(TransferError)
      }),
      { numRuns: 3000 },
    )
  })

  it('is refused with an error of its own for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const { failure } = attempt(() => parseStrictJson(bytes, 'x'))
        expect(failure === undefined || failure instanceof TransferError).toBe(true)
      }),
    )
  })
})

describe('printable text', () => {
  it('holds nothing that a terminal acts on, whatever it is made of', () => {
    fc.assert(
      fc.property(text, fc.nat(50), (foreign, max) => {
        const shown = printable(foreign, max)
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        expect(shown.isWellFormed()).toBe(true)
      }),
    )
  })

  it('is the same when it is made printable again', () => {
    fc.assert(
      fc.property(text, (foreign) => {
        const shown = printable(foreign, 10_000)
        expect(printable(shown, 100_000)).toBe(shown)
      }),
    )
  })
})

function attempt<T>(what: () => T): { readonly value?: T; readonly failure?: unknown } {
  try {
    return { value: what() }
  } catch (failure) {
    return { failure }
  }
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  )
}
