import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { ScreenOutput } from '../../src/tui/screen-output.js'
import { EMPTY_SCREEN, ENTER_SCREEN, LEAVE_SCREEN } from '../../src/tui/terminal.js'

describe('the way to the terminal', () => {
  test('takes the terminal and gives it back, once each', () => {
    const { output, terminal } = screenOutput()

    output.enter()
    output.enter()
    output.leave()
    output.leave()

    expect(terminal.text).toBe(`${ENTER_SCREEN}${EMPTY_SCREEN}${LEAVE_SCREEN}`)
  })

  test('writes nothing after the terminal was given back', () => {
    const { output, terminal } = screenOutput()
    output.enter()
    output.leave()
    terminal.text = ''

    output.write('late')
    output.repaint()
    terminal.resize(100, 50)

    expect(terminal.text).toBe('')
  })

  test('shows again what was shown when it takes the terminal back', () => {
    const { output, terminal } = screenOutput()
    output.enter()
    output.write('what is here')
    output.leave()
    terminal.text = ''

    output.enter()

    expect(terminal.text).toContain('what is here')
  })

  test('draws all of it anew after a resize, when its readers know the new size', () => {
    const { output, terminal } = screenOutput()
    output.enter()
    output.write('a\nb')
    terminal.text = ''
    const sizes: unknown[] = []
    output.on('resize', () => sizes.push([output.columns, output.rows]))

    terminal.resize(40, 15)

    expect(sizes).toEqual([[40, 15]])
    expect(terminal.text).toMatch(/2J.*1;1H.*a.*2;1H.*b/s)
  })

  test('takes a terminal that does not know its size for one of 80×24', () => {
    const { output, terminal } = screenOutput()
    output.enter()

    terminal.resize(0, 0)

    expect([output.columns, output.rows]).toEqual([80, 24])
  })

  test('draws at most fifteen times a second, and the last frame in the end', async () => {
    const { output, terminal, pass } = screenOutput()
    output.enter()
    terminal.text = ''

    for (let at = 0; at < 100; at += 1) {
      output.write(`frame ${at}`)
      pass(10)
    }
    await expect.poll(() => terminal.text).toContain('frame 99')

    expect(terminal.text.split('frame').length - 1).toBeLessThanOrEqual(17)
    output.leave()
  })

  test('says to a reader what is new, and nothing of screens', () => {
    const { output, terminal, pass } = screenOutput({ screenReader: true })
    output.enter()

    output.write('Import\none\nEnter choose')
    pass(10_000)
    output.write('Import\ntwo\nEnter choose')
    output.leave()

    expect(terminal.text).toBe('Import\none\nEnter choose\ntwo\n')
  })

  test('says to a reader what a key brought at once, and anything else after a while', async () => {
    const { output, terminal, pass } = screenOutput({ screenReader: true })
    output.enter()
    output.write('load')

    pass(100)
    output.write('load\n10 percent')
    pass(100)
    output.write('load\n11 percent')
    expect(terminal.text).toBe('load\n')
    output.hurry()
    output.write('load\npaused')

    await expect.poll(() => terminal.text).toBe('load\npaused\n')
    output.leave()
  })

  test('says to a reader how one screen was at last before it says the next one', () => {
    const { output, terminal, pass } = screenOutput({ screenReader: true })
    output.enter()
    output.write('verify')

    pass(100)
    output.write('verify\nsignature: ok')
    pass(100)
    output.write('review\n2 admitted')

    expect(terminal.text).toBe('verify\nsignature: ok\n')
    pass(10_000)
    output.hurry()
    output.write('review\n2 admitted')
    expect(terminal.text).toBe('verify\nsignature: ok\nreview\n2 admitted\n')
    output.leave()
  })
})

function screenOutput({ screenReader = false } = {}) {
  let nowMs = 0
  const terminal = new FakeTerminal()
  const output = new ScreenOutput({
    stdout: terminal as unknown as NodeJS.WriteStream,
    screenReader,
    now: () => nowMs,
  })
  return {
    output,
    terminal,
    pass(ms: number) {
      nowMs += ms
    },
  }
}

class FakeTerminal extends EventEmitter {
  text = ''
  columns = 80
  rows = 24

  write(text: string): boolean {
    this.text += text
    return true
  }

  resize(columns: number, rows: number): void {
    this.columns = columns
    this.rows = rows
    this.emit('resize')
  }
}
