import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { printable } from '../../src/encoding/printable.js'
import { anImage } from '../support/build.js'
import { APP, aBundle } from '../support/bundles.js'
import { misdrawn } from '../support/drawn-well.js'
import { HOSTILE_TEXTS } from '../support/hostile-texts.js'
import { aLoopbackProxy, type LoopbackProxy } from '../support/loopback-proxy.js'
import { anImporterFolder, aServedRegistry, startProgram } from '../support/program.js'
import { KEY, type PtyProgram, startInPty } from '../support/pty.js'
import { wholeTags } from '../support/registry-walk.js'
import { tmpFolder } from '../support/tmp.js'

const FAULTS = ['--import', fileURLToPath(new URL('../support/faults-on-signals.mjs', import.meta.url))]
const WRITABLE = Object.values(HOSTILE_TEXTS).filter((text) => text.isWellFormed())
const SIZES = [
  [80, 24],
  [120, 40],
  [40, 15],
] as const

interface Loading {
  readonly program: PtyProgram
  readonly folder: string
  readonly target: LoopbackProxy
}

/** An import in the middle of its load: one upload has come, and from then on nobody answers. */
async function loading(columns = 80, rows = 24): Promise<Loading> {
  const folder = await anImporterFolder(await tmpFolder())
  const images = anImage({ layers: 4, size: 40_000 })
  await copyFile(await aBundle([images.tagged('1.0')]), join(folder, 'release.tar'))
  const target = await aLoopbackProxy(await aServedRegistry(await tmpFolder()))
  let writes = 0
  target.before = ({ kind }) => {
    if (kind === 'read') return 'pass'
    writes += 1
    return writes > 3 ? 'stall' : 'pass'
  }
  const program = startInPty({ folder, columns, rows, nodeOptions: FAULTS })
  await toReview(program, target.host)
  program.press('L')
  await program.sees(/Load 1 artifact|Import: loading/)
  if (program.screen().join('\n').includes('Load 1 artifact')) program.press('y')
  await program.sees('Import: loading')
  await expect.poll(() => target.stalled.size, LONG).toBeGreaterThan(0)
  return { program, folder, target }
}

async function toReview(program: PtyProgram, host: string): Promise<void> {
  await program.sees('What do you want to do?')
  program.press(KEY.down)
  await program.sees(/› Import/)
  program.press(KEY.enter)
  await program.sees('› bundle')
  program.press(KEY.enter)
  await program.sees('› Target')
  program.press(host)
  await program.sees(host)
  program.press(KEY.enter)
  await program.sees('› Verify')
  program.press(KEY.enter)
  await program.sees(/Import: review/)
  await program.sees(/line \d/)
}

/** The same import by the command, which goes on from what is there. */
async function goesOn({ folder, target }: Loading): Promise<void> {
  target.forget()
  target.letGo()
  const { end } = startProgram(folder, ['import', 'release.tar', '--to', target.host])
  expect(await end).toMatchObject({ exit: 0, stdout: expect.stringContaining('LOADED') })
  expect(Object.keys(await wholeTags(target.host, 'team/app'))).toEqual(['1.0'])
}

describe('a load that is left in its middle', () => {
  test.each(SIZES)('with Ctrl+C at %i×%i is stopped and awaited, and the command goes on', async (columns, rows) => {
    const load = await loading(columns, rows)

    load.program.press(KEY.interrupt)

    expect(await load.program.end).toEqual({ exit: 130, signal: undefined })
    expect(load.program.terminal.buffer.active.type).toBe('normal')
    await goesOn(load)
  })

  test.each(SIZES)('with SIGTERM at %i×%i is stopped and awaited', async (columns, rows) => {
    const load = await loading(columns, rows)

    process.kill(load.program.pty.pid, 'SIGTERM')

    expect(await load.program.end).toEqual({ exit: 143, signal: undefined })
    expect(load.program.terminal.buffer.active.type).toBe('normal')
    await goesOn(load)
  })

  test.each(SIZES)('by a fault in a component at %i×%i is stopped and awaited, and told', async (columns, rows) => {
    const load = await loading(columns, rows)

    process.kill(load.program.pty.pid, 'SIGUSR2')
    load.program.resize(columns + 1, rows)

    expect(await load.program.end).toEqual({ exit: 1, signal: undefined })
    expect(load.program.terminal.buffer.active.type).toBe('normal')
    // As it was written: a small terminal has broken the lines, and shows the last ones.
    expect(load.program.raw()).toContain('waybill: ERR_BUG: Error: a component that breaks')
    expect(load.program.raw()).toContain('the same command again goes on where it ended')
    await goesOn(load)
  })

  test('is left at once by Ctrl+C pressed twice, also where the work hears nothing', async () => {
    const load = await loading()
    process.kill(load.program.pty.pid, 'SIGVTALRM')
    // The signal is there when the keys are.
    await new Promise((resolve) => setTimeout(resolve, 200))

    load.program.press(KEY.interrupt)
    load.program.press(KEY.interrupt)

    expect(await load.program.end).toEqual({ exit: 130, signal: undefined })
    expect(load.program.terminal.buffer.active.type).toBe('normal')
    await goesOn(load)
  })

  test('q leaves no work behind, and says how to leave', async () => {
    const { program } = await loading()

    program.press('q')
    await program.sees('running: Ctrl+C stops it and leaves')
    program.press(KEY.interrupt)

    expect((await program.end).exit).toBe(130)
  })
})

describe('a load', () => {
  test.each(SIZES)('of %i×%i is drawn anew after each resize, and goes on meanwhile', async (atFirst, high) => {
    const load = await loading(atFirst, high)
    const { program, target } = load

    for (const [columns, rows] of [...SIZES, [20, 6], [80, 24]] as const) {
      program.resize(columns, rows)
      await program.sees(columns < 40 ? /too\s+small/ : 'Import: loading')
      await program.gone(columns < 40 ? 'Import: loading' : /too\s+small/)
      expect(await misdrawn(program.screen(), { columns, rows })).toEqual([])
    }
    target.before = () => 'pass'
    target.letGo()

    await program.sees('LOADED', 60_000)
    program.press(KEY.enter)
    await program.sees('What do you want to do?')
    program.press('q')
    expect((await program.end).exit).toBe(0)
  })
})

describe('a bundle by somebody hostile', () => {
  test.each(SIZES)('cannot move the cursor, or say the verdict, at %i×%i', async (columns, rows) => {
    const folder = await anImporterFolder(await tmpFolder())
    const annotations = Object.fromEntries(
      // Half a character cannot be in JSON that anybody signs.
      WRITABLE.map((text, at) => [`example.${at}.${printable(text, 20)}`, text]),
    )
    const image = anImage({ annotations }).tagged('1.0')
    const path = await aBundle([image], { sources: [`${APP}:1.0`] })
    await copyFile(path, join(folder, 'release.tar'))
    const program = startInPty({ folder, columns, rows })
    await toReview(program, await aServedRegistry(await tmpFolder()))

    program.press('G')
    await program.sees(/›.*(?:app|1\.0)/)
    expect(await misdrawn(program.screen(), { columns, rows })).toEqual([])
    program.press(KEY.enter)
    await program.sees(/^details/m)
    for (let page = 0; page < 10; page += 1) {
      expect(await misdrawn(program.screen(), { columns, rows })).toEqual([])
      program.press(KEY.pageDown)
    }

    // What the program writes is its own, whatever was in the bundle.
    const sequences = program.raw().match(/\u001b(?:\[[0-9;?]*[A-Za-z]|.)/g) ?? []
    expect(sequences.filter((one) => !OWN.test(one))).toEqual([])
    expect(program.raw().replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')).not.toMatch(/[^\P{C}\r\n]/u)
  })
})

/** Screens, places, looks, and pictures as a whole. */
const OWN = /^\u001b\[(?:\?(?:1049|25|7|2026)[hl]|[0-9;]*m|\d+;1H|H|2J|2K)$/
const LONG = { timeout: 20_000, interval: 20 }
