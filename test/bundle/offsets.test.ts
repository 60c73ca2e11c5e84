import { describe, expect, it } from 'vitest'
import { archiveBytes, place, placeAll } from '../../src/bundle/offsets.js'

describe('place', () => {
  it('leaves room for the header, the body and its padding', async () => {
    const placed = await place({ path: 'index.json', size: 513 }, 1024)

    expect(placed).toMatchObject({ headerAt: 1024, bodyAt: 1536, endAt: 1536 + 1024 })
  })

  it('takes no body for an empty entry', async () => {
    const placed = await place({ path: 'empty', size: 0 }, 0)

    expect(placed).toMatchObject({ bodyAt: 512, endAt: 512 })
  })
})

describe('placeAll', () => {
  it('puts entries next to each other and keeps what they carry', async () => {
    const placed = await placeAll([
      { path: 'a', size: 10, note: 'first' },
      { path: 'b', size: 8 * 1024 ** 3, note: 'second' },
      { path: 'c', size: 1, note: 'third' },
    ])

    expect(placed.map(({ headerAt }) => headerAt)).toEqual([0, 1024, 1024 + 1536 + 8 * 1024 ** 3])
    expect(placed.map(({ note }) => note)).toEqual(['first', 'second', 'third'])
    expect(placed[1]?.bodyAt).toBe(1024 + 1536)
  })
})

describe('archiveBytes', () => {
  it('adds the two empty blocks of the end', () => {
    expect(archiveBytes(512)).toBe(512 + 1024)
  })
})
