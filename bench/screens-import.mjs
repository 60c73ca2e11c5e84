// The same import with screens and with plain lines, in turn, of about 500 MB from a file into the embedded registry, both
// in a pseudo-terminal of 120×40: what the work takes, without what a person takes to read. `node bench/screens-import.mjs`
// measures this alone, after a build.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawn } from '@lydell/node-pty'
import { openRegistry } from '../samples/built.mjs'
import { pushContent } from './content.mjs'
import { median, run } from './measure.mjs'
import { command, WAYBILL } from './tools.mjs'

const ENTER = '\r'
const TIMEOUT_MS = 120_000

/** @param {{ runs: number }} given prints medians of so many runs, and their ratio */
export async function compareScreens({ runs }) {
  const root = mkdtempSync(join(tmpdir(), 'waybill-screens-'))
  const env = { WAYBILL_CONFIG: join(root, 'config') }
  try {
    const bytes = await makeBundle(root, env)
    const taken = { plain: [], screens: [] }
    for (let round = 0; round < runs; round += 1) {
      for (const [face, work] of Object.entries({ plain: importPlainly, screens: importOnScreens })) {
        const target = await serve(join(root, 'target'), env)
        taken[face].push(await work(target.address, { env, folder: join(root, 'bundle') }))
        await target.close()
        rmSync(join(root, 'target'), { recursive: true })
      }
    }
    console.log(`\nimport of ${(bytes / 1e6).toFixed(0)} MB  (${runs} runs; verified and loaded, without reading)`)
    print('median', median, taken)
    // What else runs on the machine only ever takes time away.
    print('best', (all) => Math.min(...all), taken)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function print(name, of, { plain, screens }) {
  for (const [what, unit] of Object.entries({ wall: 'time', cpu: 'processor' })) {
    const [lines, drawn] = [plain, screens].map((runs) => of(runs.map((one) => one[what])))
    const facts = `plain lines ${lines.toFixed(2)} s  screens ${drawn.toFixed(2)} s  x${(drawn / lines).toFixed(2)}`
    console.log(`  ${name.padEnd(7)} ${unit.padEnd(9)}  ${facts}`)
  }
}

async function makeBundle(root, env) {
  const bundle = join(root, 'bundle/out.tar')
  mkdirSync(join(root, 'bundle'))
  await run(command`${[...WAYBILL]} keys init ${root}/keys`, env)
  await run(command`${[...WAYBILL]} trust add ${root}/keys/ca.crt`, env)
  const source = await serve(join(root, 'source'), env)
  const client = openRegistry({
    credentials: async () => undefined,
    plainHttp: () => true,
    side: 'sink',
    emit: () => {},
    now: () => Date.now(),
    sleep,
  })
  const open = (name) => client.repository({ registry: source.address, name })
  const names = await pushContent(open, { images: 4, repositories: 2, scale: 1 })
  await client.close()
  const full = names.map(({ repository, tag }) => `${source.address}/${repository}:${tag}`)
  const signing = ['--key', join(root, 'keys/signing.key'), '--cert', join(root, 'keys/signing.crt')]
  await run(command`${[...WAYBILL]} export ${full} --output ${bundle} ${signing}`, env)
  await source.close()
  rmSync(join(root, 'source'), { recursive: true })
  return statSync(bundle).size
}

async function importPlainly(target, given) {
  const terminal = open(['import', 'out.tar', '--to', target], given)
  await terminal.shows('opening')
  const started = terminal.spent()
  await terminal.shows('LOADED')
  const ended = terminal.spent()
  await terminal.ended
  return between(started, ended)
}

/** As a person does it, who reads nothing: home, the file, the target, the review, and the end. */
async function importOnScreens(target, given) {
  const terminal = open([], given)
  await terminal.shows('Import a bundle')
  await terminal.press('\u001b[B', 'Import a bundle')
  await terminal.press(ENTER, 'which bundle?')
  await terminal.press('\t', 'Path')
  await terminal.press('out.tar', 'out.tar')
  await terminal.press(ENTER, 'Target')
  await terminal.press(target, target)
  await terminal.press(ENTER, 'verify the bundle')
  await terminal.press(ENTER, 'Import: verifying')
  const started = terminal.spent()
  await terminal.shows('Import: review')
  const asked = terminal.spent()
  await sleep(500)
  const answered = terminal.spent()
  terminal.write('L')
  await terminal.shows('LOADED')
  const ended = terminal.spent()
  await terminal.press(ENTER, 'What do you want to do?')
  terminal.write('q')
  await terminal.ended
  const [before, after] = [between(started, asked), between(answered, ended)]
  return { wall: before.wall + after.wall, cpu: before.cpu + after.cpu }
}

function between(one, other) {
  return { wall: other.wall - one.wall, cpu: other.cpu - one.cpu }
}

function open(args, { env, folder }) {
  const [file, ...words] = [...WAYBILL, ...args]
  const all = { PATH: process.env.PATH, HOME: folder, TERM: 'xterm-256color', ...env }
  const pty = spawn(file, words, { cols: 120, rows: 40, cwd: folder, env: all })
  let written = ''
  pty.onData((data) => {
    written += data
  })
  const ended = new Promise((resolve) => pty.onExit(resolve))
  const shows = async (wanted, from = 0) => {
    const last = performance.now() + TIMEOUT_MS
    const has = (text) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text))
    while (!has(written.slice(from))) {
      if (performance.now() > last) throw new Error(`the terminal does not show ${wanted}:\n${written.slice(-4000)}`)
      await sleep(1)
    }
  }
  return {
    ended,
    shows,
    write: (keys) => pty.write(keys),
    /** Seconds by the clock, and of the processor. */
    spent: () => ({ wall: performance.now() / 1000, cpu: cpuSeconds(pty.pid) }),
    /** Waits for what a key makes the screen show. */
    async press(keys, wanted) {
      await sleep(200)
      const from = written.length
      pty.write(keys)
      await shows(wanted, from)
    },
  }
}

/** Of all threads of a process; not known where there is no /proc. */
function cpuSeconds(pid) {
  const [, stat] = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ') : []
  const fields = stat?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** The embedded registry over an empty folder, on a port of its own. */
async function serve(folder, env) {
  mkdirSync(folder)
  const [file, ...words] = [...WAYBILL, 'serve', '--store', folder, '--listen', '127.0.0.1:0']
  const pty = spawn(file, words, { cols: 200, rows: 24, cwd: folder, env: { PATH: process.env.PATH, ...env } })
  let written = ''
  pty.onData((data) => {
    written += data
  })
  const ended = new Promise((resolve) => pty.onExit(resolve))
  const close = async () => {
    pty.kill('SIGTERM')
    await ended
  }
  const last = performance.now() + 10_000
  for (;;) {
    const address = /127\.0\.0\.1:[1-9]\d*/.exec(written)?.[0]
    if (address !== undefined) return { address, close }
    if (performance.now() > last) throw new Error(`the registry did not start:\n${written}`)
    await sleep(20)
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compareScreens({ runs: 7 })
