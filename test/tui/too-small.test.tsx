import { Text } from 'ink'
import { describe, expect, test } from 'vitest'
import { TooSmall, useTooSmall } from '../../src/tui/components/too-small.js'
import { drawAt } from '../support/frames.js'

describe('a terminal that is too small for screens', () => {
  test.each([
    [39, 24],
    [80, 14],
    [20, 6],
    [1, 1],
  ])('is told so at %i×%i', (columns, rows) => {
    const { screen } = drawAt(<Screen />, { columns, rows })

    expect(screen().join('')).toMatch(/^t/)
    expect(screen().length).toBeLessThanOrEqual(rows)
  })

  test.each([
    [40, 15],
    [80, 24],
  ])('is not one of %i×%i', (columns, rows) => {
    expect(drawAt(<Screen />, { columns, rows }).screen()).toEqual(['a screen'])
  })

  test('shows the screen again when it has grown', async () => {
    const { sees, resize } = drawAt(<Screen />, { columns: 20, rows: 6 })
    await sees('the terminal is too\nsmall: 40×15 at\nleast')

    resize(80, 24)

    await sees('a screen')
  })
})

function Screen() {
  return useTooSmall() ? <TooSmall /> : <Text>a screen</Text>
}
