import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { startInPty } from '../support/pty.js'
import { tmpFolder } from '../support/tmp.js'

const CHILD = fileURLToPath(new URL('../../bench/screens-child.mjs', import.meta.url))

describe('the screens while work says ten thousand events a second', () => {
  test('are never cleared, drawn line by line a few times a second, and answer keys', async () => {
    const folder = await tmpFolder()
    const result = `${folder}/result.json`
    const asked = JSON.stringify({ mode: 'screen', perSecond: 10_000, seconds: 60, result })
    const program = startInPty({ folder, shell: [process.execPath, CHILD, asked], env: { NODE_ENV: 'production' } })
    await program.sees(/^loading · \d s/m)
    await program.sees(/MB\/s · .* left/)
    const from = program.raw().length

    await program.sees(/\[=+-*\] .* of 3.20 MB/)
    program.press('p')
    await program.sees('PAUSED')
    program.press('p')
    await program.gone('PAUSED')
    const flood = program.raw().slice(from)
    program.press('?')
    await program.sees('Keys')
    program.press('?')
    await program.sees(/^loading · \d s/m)

    program.press('s')
    await program.sees('Stop?')
    program.press('y')

    expect((await program.end).exit).toBe(0)
    const { said, wallMs } = JSON.parse(await readFile(result, 'utf8'))
    expect(said).toBeGreaterThan(1000)
    // Nothing is erased but lines that are written anew at once; the frame's first and last lines are not among them.
    expect(flood).not.toMatch(/\u001b\[[0-3]?J/)
    expect(flood).not.toContain('\u001b[1;1H')
    expect(flood).not.toContain('q quit')
    expect(program.raw().split('\u001b[?2026h').length).toBeLessThan(15 * (wallMs / 1000 + 3))
  })
})
