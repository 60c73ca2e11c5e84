import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { KEY, type PtyProgram, startInPty } from '../support/pty.js'
import { tmpFolder } from '../support/tmp.js'

const HOME = 'What do you want to do?'
const FAULTS = ['--import', fileURLToPath(new URL('../support/faults-on-signals.mjs', import.meta.url))]

/** Notes how the terminal is set, runs the program, and notes it again: the terminal must be as it was. */
const BEFORE_AND_AFTER = [
  'sh',
  '-c',
  `trap : INT; stty -g > before; echo "was here before"; $WAYBILL; left=$?; stty -g > after; echo "exit $left"; cat`,
] as const

describe('the terminal is as it was', () => {
  test.each([
    ['q', (program) => program.press('q'), 0],
    ['Ctrl+C', (program) => program.press(KEY.interrupt), 130],
    ['SIGTERM', async (_, pid) => process.kill(pid, 'SIGTERM'), 143],
    ['SIGINT', async (_, pid) => process.kill(pid, 'SIGINT'), 130],
    ['SIGQUIT', async (_, pid) => process.kill(pid, 'SIGQUIT'), 131],
    ['an exception in a component', (program, pid) => breakComponent(program, pid), 1],
    ['a rejection that nobody caught', async (_, pid) => process.kill(pid, 'SIGPWR'), 1],
    ['an exception that nobody caught', async (_, pid) => process.kill(pid, 'SIGIO'), 1],
  ] as readonly [string, (program: PtyProgram, pid: number) => unknown, number][])(
    'after %s',
    async (_, leave, exit) => {
      const folder = await tmpFolder()
      const program = startInPty({ folder, shell: BEFORE_AND_AFTER, nodeOptions: FAULTS })
      await program.sees(HOME)

      await leave(program, await childOf(program.pty.pid))
      await program.sees(`exit ${exit}`)

      expect(program.terminal.buffer.active.type).toBe('normal')
      expect(program.screen()[0]).toBe('was here before')
      expect(program.terminal.modes).toMatchObject({ bracketedPasteMode: false, wraparoundMode: true })
      expect(cursorIsShown(program)).toBe(true)
      expect(await readFile(`${folder}/after`, 'utf8')).toBe(await readFile(`${folder}/before`, 'utf8'))
      // Nothing of the screens is left between what was there and what came after.
      const between = program.screen().slice(1).join('\n')
      expect(between).not.toContain(HOME)
    },
  )

  test('a fault in a component is told on it, as a bug', async () => {
    const program = startInPty({ folder: await tmpFolder(), shell: BEFORE_AND_AFTER, nodeOptions: FAULTS })
    await program.sees(HOME)

    await breakComponent(program, await childOf(program.pty.pid))
    await program.sees('exit 1')

    await program.sees('waybill: ERR_BUG: Error: a component that breaks')
    await program.sees('hint: this should not happen')
  })

  test('also for as long as the program is stopped with Ctrl+Z', async () => {
    const program = startInPty({ folder: await tmpFolder(), shell: ['bash', '--norc', '--noprofile', '-i'] })
    program.press('PS1="ready> "\r')
    await program.sees(/^ready> $/m)
    program.press('$WAYBILL\r')
    await program.sees(HOME)
    program.press('?')
    await program.sees('Keys')

    program.press(KEY.suspend)
    await program.sees('Stopped')
    expect(program.terminal.buffer.active.type).toBe('normal')
    program.press('echo "in the ""shell"\r')
    await program.sees('in the shell')

    program.press('fg\r')
    await program.sees('Keys')
    expect(program.terminal.buffer.active.type).toBe('alternate')
    program.press(KEY.escape)
    await program.sees(HOME)
    program.press('q')
    await program.sees('in the shell')
    await program.sees(/ready> $/m)
  })
})

describe('a terminal', () => {
  test('on which nobody could continue a stopped program does not stop it', async () => {
    const program = startInPty({ folder: await tmpFolder() })
    await program.sees(HOME)

    program.press(KEY.suspend)
    await program.gone(HOME)
    await program.sees(HOME)
    program.press('q')

    expect(await program.end).toEqual({ exit: 0, signal: undefined })
  })

  test('that goes away ends the program, which does not mind that it cannot say so', async () => {
    const folder = await tmpFolder()
    const program = startInPty({
      folder,
      shell: ['sh', '-c', 'trap : HUP; $WAYBILL 2>told; echo $? > exit'],
    })
    await program.sees(HOME)

    closeTerminal(program)

    await expect.poll(async () => await readFile(`${folder}/exit`, 'utf8').catch(() => ''), LONG).toBe('129\n')
    expect(await readFile(`${folder}/told`, 'utf8')).toBe('')
  })

  test('can be resized while it shows something, down to a few characters and back', async () => {
    const program = startInPty({ folder: await tmpFolder() })
    await program.sees(HOME)

    for (const [columns, rows] of [
      [120, 40],
      [40, 15],
      [80, 24],
      [41, 16],
    ] as const) {
      program.resize(columns, rows)
      await expect.poll(() => program.screen()[rows - 2], LONG).toMatch(/\? help/)
      expect(program.screen()[0]).toMatch(/^Waybill/)
      expect(program.screen().filter((line) => line.includes(HOME))).toHaveLength(1)
    }
    for (const [columns, rows] of [
      [20, 6],
      [3, 2],
      [1, 1],
    ] as const) {
      program.resize(columns, rows)
      await program.gone(HOME)
    }
    program.resize(20, 6)
    await program.sees(/too\s+small/)
    program.resize(80, 24)
    await program.sees(HOME)
    expect(program.raw()).not.toContain('\u001b[3J')
    program.press('q')

    expect(await program.end).toEqual({ exit: 0, signal: undefined })
  })

  test('that does not know its size is taken for one of 80×24', async () => {
    const program = startInPty({
      folder: await tmpFolder(),
      shell: ['sh', '-c', 'stty rows 0 cols 0; $WAYBILL; echo "exit $?"; cat'],
    })

    await program.sees(HOME)
    program.press('q')

    await program.sees('exit 0')
  })

  test.each([
    ['NO_COLOR', { NO_COLOR: '1' }],
    ['NO_COLOR, whatever else is wished', { NO_COLOR: '1', FORCE_COLOR: '3' }],
  ])('gets no colour with %s', async (_, env) => {
    const program = startInPty({ folder: await tmpFolder(), env })
    await program.sees(HOME)
    program.press('?')
    await program.sees('Keys')
    program.press(KEY.interrupt)
    await program.end

    const styled = [...program.raw().matchAll(STYLES)].map(([style]) => style)
    expect(styled.filter((style) => style !== '\u001b[0m')).toEqual([])
  })

  test.each(['xterm', 'vt100', ''])('named "%s" shows the screens', async (name) => {
    const program = startInPty({ folder: await tmpFolder(), env: { TERM: name } })

    await program.sees(HOME)
    program.press('q')

    expect(await program.end).toEqual({ exit: 0, signal: undefined })
  })

  test.each([
    ['that is dumb', { TERM: 'dumb' }, '$WAYBILL'],
    ['of a job of CI', { CI: 'true' }, '$WAYBILL'],
    ['without a keyboard', {}, '$WAYBILL < /dev/null'],
    ['that is a pipe', {}, '$WAYBILL | cat'],
  ])('%s gets plain lines that say how to go on', async (_, env, line) => {
    const program = startInPty({ folder: await tmpFolder(), env, shell: ['sh', '-c', `${line}; cat`] })

    await program.sees('hint: see `waybill --help`')

    expect(program.raw()).not.toContain('\u001b')
  })
})

describe('screens that are read aloud', () => {
  test.each(['WAYBILL_SCREEN_READER', 'INK_SCREEN_READER'])('with %s are lines, one after the other', async (name) => {
    const program = startInPty({ folder: await tmpFolder(), env: { [name]: 'true', NO_COLOR: '1' } })
    await program.sees('? help')
    await program.sees('exporters trusted')
    const before = program.raw().length

    program.press(KEY.down)
    await program.sees('› Import a bundle')

    expect(program.raw().slice(before)).toMatch(/^› Import a bundle into a registry\r\n$/)
    program.press('q')
    expect(await program.end).toEqual({ exit: 0, signal: undefined })
    // No other screen, nothing that moves the cursor, and nothing that is drawn with characters.
    expect(program.raw()).not.toMatch(/\u001b|[\u2500-\u259f]/)
  })

  test('say when work is to be stopped, and what the keys are', async () => {
    const program = startInPty({ folder: await tmpFolder(), env: { WAYBILL_SCREEN_READER: '1', NO_COLOR: '1' } })
    await program.sees('? help')

    program.press('?')
    await program.sees('leave this, and go on')
    program.press(KEY.interrupt)

    expect(await program.end).toEqual({ exit: 130, signal: undefined })
  })
})

const STYLES = /\u001b\[[0-9;:]*m/g
const LONG = { timeout: 20_000, interval: 20 }

async function breakComponent(program: PtyProgram, pid: number): Promise<void> {
  process.kill(pid, 'SIGUSR2')
  // The signal is there when the key is.
  await new Promise((resolve) => setTimeout(resolve, 200))
  program.press('?')
}

async function childOf(pid: number): Promise<number> {
  const [child = ''] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ')
  return Number(child)
}

function closeTerminal({ pty }: PtyProgram): void {
  if ('destroy' in pty && typeof pty.destroy === 'function') pty.destroy()
}

function cursorIsShown(program: PtyProgram): boolean {
  const raw = program.raw()
  return raw.lastIndexOf('\u001b[?25h') > raw.lastIndexOf('\u001b[?25l')
}
