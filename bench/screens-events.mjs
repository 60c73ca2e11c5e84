// What the screens cost while work says ten thousand events a second, in a pseudo-terminal of 120×40: share of one
// processor, heap over a million events, and from a key to the picture. `node bench/screens-events.mjs` measures this alone.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawn } from '@lydell/node-pty'
import { median } from './measure.mjs'

const CHILD = fileURLToPath(new URL('screens-child.mjs', import.meta.url))
const PER_SECOND = 10_000
const SECONDS = 10
/** Milliseconds between two presses; odd, so that they fall anywhere between two pictures. */
const PRESS_MS = 337

/** Prints what the screens take; to be held against 15 percent and 100 ms. */
export async function measureScreens() {
  console.log(`\nscreens  (120×40, ${PER_SECOND} events a second for ${SECONDS} s)`)
  const bare = await runChild({ mode: 'nothing' })
  const drawn = await runChild({ mode: 'screen' })
  const share = ({ cpuMs, wallMs }) => (100 * cpuMs) / wallMs
  const own = share(drawn) - share(bare)
  console.log(
    `  processor  ${own.toFixed(1)} % of the time, beside ${share(bare).toFixed(1)} % for the events themselves`,
  )
  console.log(`  written    ${(drawn.written / 1e3 / SECONDS).toFixed(1)} kB/s`)
  const { waits } = await runChild({ mode: 'screen', keys: true })
  console.log(
    `  keys       ${median(waits).toFixed(0)} ms to the picture, at most ${Math.max(...waits).toFixed(0)} ms (${waits.length} presses)`,
  )
  const { heapMB, wallMs } = await runChild({ mode: 'heap' })
  const at = (place) => `${heapMB.at(place).toFixed(1)} MB`
  console.log(`  heap       ${at(0)} after 10,000 events, ${at(-1)} after 1,000,000 in ${(wallMs / 1000).toFixed(1)} s`)
}

async function runChild({ mode, keys = false }) {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-screens-'))
  const result = join(folder, 'result.json')
  const asked = JSON.stringify({ mode, perSecond: PER_SECOND, seconds: SECONDS, result })
  const env = { PATH: process.env.PATH, TERM: 'xterm-256color', NODE_ENV: 'production' }
  const pty = spawn(process.execPath, ['--expose-gc', CHILD, asked], { cols: 120, rows: 40, cwd: folder, env })
  try {
    let written = 0
    let last = ''
    pty.onData((data) => {
      written += data.length
      last = (last + data).slice(-20_000)
    })
    const ended = new Promise((resolve) => pty.onExit(resolve))
    const waits = keys ? await press(pty, () => last) : []
    await ended
    return { ...JSON.parse(readFileSync(result, 'utf8')), written, waits }
  } catch (error) {
    throw new Error(`the screens ended without a result`, { cause: error })
  } finally {
    pty.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Opens and closes the help over the work, from key to picture, in milliseconds. */
async function press(pty, seen) {
  const waits = []
  await until(() => seen().includes('Waybill'), 10_000)
  await sleep(1000)
  for (let at = 0; at < Math.floor(((SECONDS - 2) * 1000) / PRESS_MS); at += 1) {
    const before = seen()
    const opens = at % 2 === 0
    const pressed = performance.now()
    pty.write('?')
    await until(() => shows(since(before, seen()), opens), 5000)
    waits.push(performance.now() - pressed)
    await sleep(PRESS_MS - waits.at(-1))
  }
  return waits
}

function shows(written, help) {
  const titles = written.match(/Waybill · \w+/g) ?? []
  return titles.length > 0 && (titles.at(-1) === 'Waybill · Keys') === help
}

/** What was written since then, of what is kept. */
function since(before, now) {
  const tail = before.slice(-200)
  const at = now.lastIndexOf(tail)
  return at < 0 ? now : now.slice(at + tail.length)
}

async function until(holds, timeoutMs) {
  const last = performance.now() + timeoutMs
  while (!holds()) {
    if (performance.now() > last) throw new Error('the screen did not change')
    await sleep(1)
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await measureScreens()
