import { describe, expect, test } from 'vitest'
import { AT_START, moved, seen } from '../../src/tui/scroll.js'

describe('a cursor', () => {
  test('stays within what there is, and what is shown follows it', () => {
    const extent = { count: 100, rows: 10 }

    expect(moved(AT_START, 'up', extent)).toEqual({ at: 0, top: 0 })
    expect(moved(AT_START, 'page-down', extent)).toEqual({ at: 9, top: 0 })
    expect(moved({ at: 9, top: 0 }, 'down', extent)).toEqual({ at: 10, top: 1 })
    expect(moved(AT_START, 'last', extent)).toEqual({ at: 99, top: 90 })
    expect(moved({ at: 99, top: 90 }, 'first', extent)).toEqual(AT_START)
  })

  test('is seen also when the screen has become smaller, or lines have gone', () => {
    expect(seen({ at: 50, top: 45 }, { count: 100, rows: 3 })).toEqual({ at: 50, top: 48 })
    expect(seen({ at: 50, top: 45 }, { count: 20, rows: 10 })).toEqual({ at: 19, top: 10 })
    expect(seen({ at: 5, top: 5 }, { count: 0, rows: 10 })).toEqual(AT_START)
  })
})
