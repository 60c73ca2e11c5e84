import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePaxRecords, parseTarHeader } from '../../src/content/tar-header.js'
import { TransferError } from '../../src/errors.js'
import { tarOf } from '../support/layout-files.js'
import { paxBody, rawEntry } from '../support/raw-tar.js'

const ascii = fc.string({ unit: fc.constantFrom(...'abc/.-_019'), minLength: 1, maxLength: 90 })

describe('tar headers', () => {
  it('are read as tar-stream writes them', async () => {
    await fc.assert(
      fc.asyncProperty(ascii, fc.nat(5000), async (name, size) => {
        const tar = await tarOf([{ name, bytes: new Uint8Array(size) }])

        const header = parseTarHeader(tar.subarray(0, 512), 'x')

        expect(header).toEqual({ name, type: '0', size })
      }),
      { numRuns: 50 },
    )
  })

  it('are never taken when any one byte is another', () => {
    const good = rawEntry({ name: 'index.json', body: 'x' }).subarray(0, 512)
    fc.assert(
      fc.property(fc.nat(511), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const block = Buffer.from(good)
        block[at] = (block[at] ?? 0) ^ by

        const failure = failureOf(() => parseTarHeader(block, 'x'))

        if (at < 148 || at >= 156) expect(failure).toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
      }),
      { numRuns: 1000 },
    )
  })

  it('are refused with an error of their own for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 512, maxLength: 512 }), (block) => {
        expect(failureOf(() => parseTarHeader(block, 'x'))).toBeInstanceOf(TransferError)
      }),
    )
  })
})

describe('pax records', () => {
  it('are read as they were written', () => {
    const key = fc.string({ unit: fc.constantFrom(...'abc.SCHILY'), minLength: 1, maxLength: 30 })
    const value = fc.string({ unit: fc.constantFrom(...'ab=\n 1é'), maxLength: 120 })
    fc.assert(
      fc.property(fc.dictionary(key, value), (records) => {
        const bytes = Buffer.from(paxBody(records), 'latin1')

        expect(Object.fromEntries(parsePaxRecords(bytes, 'x'))).toEqual({ ...records })
      }),
    )
  })

  it('are refused with an error of their own for any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .array(fc.constantFrom('9', '1', ' ', '=', '\n', 'path'), { maxLength: 12 })
        .map((parts) => Buffer.from(parts.join(''))),
    )
    fc.assert(
      fc.property(bytes, (body) => {
        const failure = failureOf(() => parsePaxRecords(body, 'x'))
        expect(failure === undefined || failure instanceof TransferError).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

function failureOf(what: () => unknown): unknown {
  try {
    what()
  } catch (failure) {
    return failure
  }
  return undefined
}
