// The screens of the built program, with a load behind them that says as much as it is told to, and carries nothing.
// Started by screens-events.mjs in a pseudo-terminal: `node screens-child.mjs '{"mode":…}'`; says what it took on the last line of
// the file that it is given.
import { writeFileSync } from 'node:fs'
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises'
import { render } from 'ink'
import { createElement } from 'react'
import { digestOf } from '../samples/built.mjs'

/** @param {string} path @returns {Promise<any>} */
const built = (path) => import(new URL(`../dist/tui/${path}`, import.meta.url).href)
/** @type {typeof import('../src/tui/app.js')} */
const { App } = await built('app.js')
/** @type {typeof import('../src/tui/session.js')} */
const { createSession } = await built('session.js')
/** @type {typeof import('../src/tui/state.js')} */
const { startState } = await built('state.js')
/** @type {typeof import('../src/tui/work.js')} */
const { createWork } = await built('work.js')
/** @type {typeof import('../src/tui/screen-output.js')} */
const { ScreenOutput } = await built('screen-output.js')

/** @typedef {import('../src/events.js').TransferEvent} TransferEvent */
/** @typedef {import('../src/tui/means.js').ImportGiven} Given */
/** @typedef {{ mode: 'screen' | 'nothing' | 'heap', perSecond: number, seconds: number, result: string }} Asked */

/** @type {Asked} */
const asked = JSON.parse(process.argv[2] ?? '')
const IN_FLIGHT = 8
const PIECES = 50
const SIZE = 64_000 * PIECES
/** @type {import('../src/import/review/review.js').ReviewNode} */
const NODE = { id: '', kind: 'bundle', label: '', verdict: 'pass', details: [], children: [] }
/** @type {readonly TransferEvent[]} */
const VERIFYING = [
  { type: 'stage-started', stage: 'verify', total: { blobs: 1, bytes: SIZE } },
  { type: 'checked', check: 'content', subject: 'all', result: 'pass' },
  { type: 'stage-ended', stage: 'verify' },
]

await main()

async function main() {
  const now = () => performance.now()
  const session = createSession(startState('import'), { now })
  const means = /** @type {import('../src/tui/means.js').Means} */ (
    /** @type {unknown} */ ({
      version: '',
      now,
      machine: async () => ({ configDir: '', trusted: 1, folder: process.cwd() }),
      list: async () => [],
      importBundle: async (/** @type {unknown} */ _, /** @type {Given} */ { emit, review, signal }) => {
        for (const event of VERIFYING) emit(event)
        const seen = { bundle: NODE, artifacts: [], removed: [], size: 0, admitted: true }
        await review(seen, { read: async () => [] })
        return await (asked.mode === 'heap' ? flood(emit) : pour(emit, signal))
      },
    })
  )
  const work = createWork({ means, session })
  const output = new ScreenOutput({ stdout: process.stdout, screenReader: false, now })
  let screens
  if (asked.mode !== 'nothing') {
    output.enter()
    screens = render(createElement(App, { session, work, means, onQuit: () => {} }), {
      stdout: output.stream,
      stdin: process.stdin,
      exitOnCtrlC: false,
      debug: true,
    })
  }
  work.importBundle({ path: 'bench.tar', to: '127.0.0.1' })
  await sleep(500)
  work.answer(new Map())
  await work.ended()
  output.leave()
  screens?.unmount()
  session.close()
  process.exit(0)
}

/** So many events a second, as a load would say them: some at a time, whenever it is its turn. */
async function pour(/** @type {(event: TransferEvent) => void} */ emit, /** @type {AbortSignal} */ signal) {
  const say = asked.mode === 'nothing' ? () => {} : emit
  const events = loading(asked.perSecond * asked.seconds)
  const started = performance.now()
  const before = process.cpuUsage()
  let said = 0
  while (performance.now() - started < asked.seconds * 1000 && !signal.aborted) {
    const due = ((performance.now() - started) / 1000) * asked.perSecond
    for (; said < due; said += 1) say(events.next().value ?? { type: 'stage-started', stage: 'load' })
    await sleep(2)
  }
  const { user, system } = process.cpuUsage(before)
  return told({ said, wallMs: performance.now() - started, cpuMs: (user + system) / 1000 })
}

/** A million events as fast as they can be said, and what is left of them. */
async function flood(/** @type {(event: TransferEvent) => void} */ emit) {
  const events = loading(asked.perSecond * asked.seconds)
  const heapMB = []
  const started = performance.now()
  for (let said = 0; said < 1_000_000; said += 1) {
    const event = events.next().value
    if (event) emit(event)
    if (said % 1000 === 0) await breathe()
    if (said % 100_000 === 10_000) heapMB.push(await heap())
  }
  heapMB.push(await heap())
  return told({ heapMB, wallMs: performance.now() - started })
}

async function heap() {
  await sleep(300)
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1e6
}

/** @param {object} figures @returns {import('../src/tui/means.js').WorkEnd} */
function told(figures) {
  writeFileSync(asked.result, JSON.stringify(figures))
  return { exit: 0, headline: 'LOADED', good: true, lines: [], next: [], command: '' }
}

/** @param {number} count @returns {Generator<TransferEvent, undefined>} */
function* loading(count) {
  const blobs = Math.ceil(count / (PIECES + 2))
  yield { type: 'stage-started', stage: 'load', total: { blobs, bytes: blobs * SIZE } }
  for (let wave = 0; ; wave += 1) {
    const digests = Array.from({ length: IN_FLIGHT }, (_, at) => digestOf(Buffer.from(`${wave} ${at}`)))
    for (const digest of digests) yield { type: 'blob-started', digest, size: SIZE }
    for (let piece = 0; piece < PIECES; piece += 1) {
      for (const digest of digests) yield { type: 'blob-progress', digest, bytes: SIZE / PIECES }
    }
    for (const digest of digests) yield { type: 'blob-ended', digest, size: SIZE, how: 'copied' }
    yield { type: 'checked', check: 'content', subject: `${wave}`, result: 'logged' }
    if (wave % 10 === 0) yield { type: 'retrying', what: `PUT ${wave}`, waitMs: 1000, reason: 'HTTP 503' }
  }
}
