import { describe, expect, it } from 'vitest'
import { isSequence, isStreamName, parsePlace, placeOf } from '../../src/bundle/stream.js'
import type { Json, JsonObject } from '../../src/encoding/strict-json.js'
import { digestOf } from '../../src/oci/digest.js'
import { aBundle, opened } from '../support/bundles.js'

const BEFORE = digestOf(new Uint8Array([1]))

describe('the name of a stream', () => {
  it.each(['nightly', 'acme/nightly', 'a', 'a.b_c-d/e', 'x'.repeat(128)])('may be %s', (name) => {
    expect(isStreamName(name)).toBe(true)
  })

  it.each(['', 'Acme', '/a', 'a/', 'a//b', '..', 'a/../b', '.a', 'a~b', 'a b', 'ä', 'a\n', 'x'.repeat(129)])(
    'is not %j',
    (name) => {
      expect(isStreamName(name)).toBe(false)
    },
  )
})

describe('a sequence', () => {
  it('is a whole number from 1 up that all readers see alike', () => {
    expect([1, 2, Number.MAX_SAFE_INTEGER].every(isSequence)).toBe(true)
    expect([0, -1, 1.5, 2 ** 53, Number.NaN, '1', null, undefined].some(isSequence)).toBe(false)
  })
})

describe('parsePlace', () => {
  const parse = (members: Readonly<Record<string, Json>>) => parsePlace(members as JsonObject)

  it('reads a place, and nothing where there is none', () => {
    expect(parse({})).toBeUndefined()
    expect(parse({ stream: 'a', sequence: 1 })).toEqual({ stream: 'a', sequence: 1 })
    expect(parse({ stream: 'a', sequence: 2, previous: BEFORE })).toEqual({
      stream: 'a',
      sequence: 2,
      previous: BEFORE,
    })
  })

  it.each([
    { stream: 'a' },
    { sequence: 1 },
    { previous: BEFORE },
    { stream: 'a', previous: BEFORE },
    { stream: 'a', sequence: 1, previous: BEFORE },
    { stream: 'a', sequence: 0 },
    { stream: 'a', sequence: '1' },
    { stream: 'A', sequence: 1 },
    { stream: null, sequence: 1 },
    { stream: 'a', sequence: 2, previous: 'sha256:0' },
    { stream: 'a', sequence: 2, previous: null },
  ])('refuses %j', (members) => {
    expect(() => parse(members)).toThrowError(expect.objectContaining({ code: 'ERR_BUNDLE_FORMAT' }))
  })
})

describe('the place of a bundle', () => {
  it('is the one that its exporter gave it', async () => {
    const place = { stream: 'acme/nightly', sequence: 7, previous: BEFORE }

    const bundle = await opened(await aBundle(undefined, { place, lifetimeMs: 3_600_000 }))

    expect(placeOf(bundle.document)).toEqual(place)
    expect(bundle.document.expiresAt).toBe('2026-11-20T11:00:00Z')
  })

  it('is none where nobody asked for one', async () => {
    const { document } = await opened(await aBundle())

    expect(placeOf(document)).toBeUndefined()
    expect(Object.keys(document)).not.toEqual(expect.arrayContaining(['stream']))
    expect(['stream', 'sequence', 'previous', 'expiresAt'].filter((key) => key in document)).toEqual([])
  })
})
