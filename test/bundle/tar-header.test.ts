import { describe, expect, it } from 'vitest'
import { BLOCK, glimpse, paddingOf, tarHeader } from '../../src/bundle/tar-header.js'
import { parsePaxRecords, parseTarHeader } from '../../src/content/tar-header.js'
import { paxBody, rawEntry } from '../support/raw-tar.js'

const GiB = 1024 ** 3
const SHA256 = `blobs/sha256/${'ab'.repeat(32)}`
const SHA512 = `blobs/sha512/${'cd'.repeat(64)}`

describe('tarHeader', () => {
  it('is the plain header that any tar has for a regular file', async () => {
    const header = await tarHeader(SHA256, 1234)

    expect(parseTarHeader(header, 'header')).toEqual({ name: SHA256, type: '0', size: 1234 })
    // Frozen: this is what every bundle that exists has. No byte is the writer's machine, user or clock.
    const fields = `000644 \0${'000000 \0'.repeat(2)}00000002322\u002000000000000 `
    expect(Buffer.from(header.subarray(100, 148)).toString('latin1')).toBe(fields)
    expect(Buffer.from(header.subarray(265)).toString('latin1')).toBe(
      `${'\0'.repeat(64)}${'000000 \0'.repeat(2)}${'\0'.repeat(167)}`,
    )
  })

  it.each([0, 1, 511, 512, 8 * GiB - 1])('takes one block for %i bytes', async (size) => {
    const header = await tarHeader(SHA256, size)

    expect(header.byteLength).toBe(BLOCK)
    expect(parseTarHeader(header, 'header').size).toBe(size)
  })

  it.each([8 * GiB, 2 ** 53 - 1])('puts a pax record before the header from 8 GiB up: %i bytes', async (size) => {
    const header = await tarHeader(SHA256, size)

    const extended = parseTarHeader(header.subarray(0, BLOCK), 'pax')
    expect(extended.type).toBe('x')
    const records = parsePaxRecords(header.subarray(BLOCK, BLOCK + extended.size), 'pax')
    expect(Object.fromEntries(records)).toEqual({ path: SHA256, size: String(size) })
    expect(header.byteLength).toBe(3 * BLOCK)
    expect(parseTarHeader(header.subarray(2 * BLOCK), 'header')).toMatchObject({ type: '0', size })
  })

  it('keeps the whole name of a sha512 blob, for which a plain header has no room', async () => {
    const header = await tarHeader(SHA512, 7)

    const extended = parseTarHeader(header.subarray(0, BLOCK), 'pax')
    expect(extended.type).toBe('x')
    expect(parsePaxRecords(header.subarray(BLOCK, BLOCK + extended.size), 'pax').get('path')).toBe(SHA512)
    expect(parseTarHeader(header.subarray(-BLOCK), 'header').size).toBe(7)
  })

  it('is the same each time, also when many are made at once', async () => {
    const headers = await Promise.all(Array.from({ length: 50 }, (_, at) => tarHeader(at % 2 ? SHA256 : SHA512, 9)))

    expect(new Set(headers.map((header) => Buffer.from(header).toString('hex'))).size).toBe(2)
  })
})

describe('glimpse', () => {
  it.each([
    ['2', 'symbolic link'],
    ['1', 'hard link'],
    ['5', 'folder'],
    ['x', 'pax header'],
    ['L', 'an entry of unknown type'],
  ])('tells the type %s', (type, word) => {
    expect(glimpse(rawEntry({ name: 'a', type, body: paxBody({}) }).subarray(0, BLOCK))?.type).toBe(word)
  })

  it('sees nothing in a damaged header, and does not throw', () => {
    const damaged = rawEntry({ name: 'a' }).subarray(0, BLOCK)
    damaged[0] = 0x62

    expect(glimpse(damaged)).toBeUndefined()
    expect(glimpse(new Uint8Array(BLOCK))).toBeUndefined()
    expect(glimpse(new Uint8Array(3))).toBeUndefined()
  })
})

describe('paddingOf', () => {
  it.each([
    [0, 0],
    [1, 511],
    [511, 1],
    [512, 0],
    [513, 511],
  ])('of %i bytes is %i', (size, padding) => {
    expect(paddingOf(size)).toBe(padding)
  })
})
