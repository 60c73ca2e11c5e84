// Times export, verify and import beside the tools that users would take instead, in one run, on the same content and the
// same kind of registry. `npm run bench -- [--images N] [--scale X] [--runs N] [--only a,b]`; the peers come from
// test/peers/install.sh.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openRegistry } from '../samples/built.mjs'
import { pushContent } from './content.mjs'
import { measure, median, run } from './measure.mjs'
import { measureScreens } from './screens-events.mjs'
import { compareScreens } from './screens-import.mjs'
import { measureTree } from './screens-tree.mjs'
import { verifySigned } from './signed.mjs'
import { command, peer, toolsFor, WAYBILL } from './tools.mjs'

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '20' },
    scale: { type: 'string', default: '1' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
})
const RUNS = Number(values.runs)
const root = mkdtempSync(join(tmpdir(), 'waybill-bench-'))
const children = new Set()
const stop = () => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stop()
    process.exit(130)
  })
}

try {
  await main()
} finally {
  stop()
}

async function main() {
  process.env.WAYBILL_CONFIG = join(root, 'config')
  await run(command`${[...WAYBILL]} keys init ${root}/keys`)
  await run(command`${[...WAYBILL]} trust add ${root}/keys/ca.crt`)
  const source = await startRegistry('source')
  const names = await fill(source.address)
  console.log(`content: ${names.length} images of two platforms, three referrers each`)
  const signing = ['--key', join(root, 'keys/signing.key'), '--cert', join(root, 'keys/signing.crt')]
  const all = toolsFor(names, { source: source.address, signing })
  const wanted = (name) => name === 'waybill' || !values.only || values.only.split(',').includes(name)
  const tools = Object.fromEntries(Object.entries(all).filter(([name]) => wanted(name)))
  await compareExports(tools)
  for (const [name, tool] of Object.entries(tools)) await keep(name, tool)
  await verifyBesideOpenssl(join(kept('waybill'), 'out.tar'))
  await compareImports(tools)
  if (!values.only || values.only.split(',').includes('signed')) await verifySigned({ artifacts: 1000, runs: RUNS })
  if (!values.only || values.only.split(',').includes('screens')) {
    await measureScreens()
    await compareScreens({ runs: RUNS + 2 })
  }
  if (!values.only || values.only.split(',').includes('review')) await measureTree()
}

function kept(name) {
  return join(root, `kept-${name}`)
}

/** What each tool exported is what it imports. */
async function keep(name, tool) {
  mkdirSync(join(kept(name), 'tmp'), { recursive: true })
  for (const one of tool.export(kept(name))) await run(one, environment(kept(name)))
}

async function compareExports(tools) {
  await compare(
    'export',
    tools,
    async (tool, dir) => await measure(tool.export(dir), { folder: dir, env: environment(dir) }),
  )
}

async function compareImports(tools) {
  await compare('import', tools, async (tool, dir, name) => {
    const target = await startRegistry('target')
    try {
      const commands = tool.import(dir, kept(name), target.address)
      return await measure(commands, { folder: dir, env: environment(dir) })
    } finally {
      await target.close()
    }
  })
}

/** In turn, so that a machine that grows slower grows slower for all. */
async function compare(what, tools, time) {
  const figures = new Map()
  for (let round = 0; round < RUNS; round += 1) {
    for (const [name, tool] of Object.entries(tools)) {
      const dir = join(root, 'work')
      mkdirSync(join(dir, 'tmp'), { recursive: true })
      try {
        figures.set(name, [...(figures.get(name) ?? []), await time(tool, dir, name)])
      } catch (error) {
        console.log(`${what}: ${name} failed: ${error.message.slice(0, 300)}`)
      }
      rmSync(dir, { recursive: true, force: true })
    }
  }
  print(what, tools, figures)
}

function environment(dir) {
  return { TMPDIR: join(dir, 'tmp'), DOCKER_CONFIG: join(dir, 'tmp'), REGCTL_CONFIG: join(dir, 'tmp', 'regctl.json') }
}

function print(what, tools, figures) {
  const rows = [...figures].map(([name, runs]) => ({
    name,
    seconds: median(runs.map(({ seconds }) => seconds)),
    peakMB: Math.max(...runs.map(({ peakMB }) => peakMB)),
    diskMB: Math.max(...runs.map(({ diskMB }) => diskMB)),
  }))
  const fastest = Math.min(...rows.filter(({ name }) => name !== 'waybill').map(({ seconds }) => seconds))
  console.log(`\n${what}  (median of ${RUNS}; ratio to the fastest peer)`)
  for (const { name, seconds, peakMB, diskMB } of rows) {
    const ratio = `x${(seconds / fastest).toFixed(2)}`
    const memory = `peak ${peakMB.toFixed(0).padStart(4)} MB`
    const disk = `disk ${diskMB.toFixed(0).padStart(5)} MB`
    console.log(
      `  ${name.padEnd(8)} ${seconds.toFixed(2).padStart(6)} s  ${ratio}  ${memory}  ${disk}  ${tools[name].carries}`,
    )
  }
}

async function verifyBesideOpenssl(bundle) {
  const bytes = statSync(bundle).size
  const halves = [0, 1].map((at) => join(root, `half-${at}`))
  const blocks = Math.ceil(bytes / 2 / 4096)
  await run(command`dd if=${bundle} of=${halves[0]} bs=4096 count=${blocks} status=none`)
  await run(command`dd if=${bundle} of=${halves[1]} bs=4096 skip=${blocks} status=none`)
  const openssl = []
  const own = []
  for (let round = 0; round < RUNS + 2; round += 1) {
    const started = performance.now()
    await Promise.all(halves.map((half) => run(command`openssl dgst -sha256 ${half}`)))
    openssl.push((performance.now() - started) / 1000)
    own.push(await measure([command`${[...WAYBILL]} verify ${bundle}`], { folder: join(root, 'config') }))
  }
  const [theirs, ours] = [median(openssl), median(own.map(({ seconds }) => seconds))]
  const rate = (seconds) => `${(bytes / 1e6 / seconds).toFixed(0)} MB/s`
  console.log(`\nverify  (median of ${RUNS + 2}; a bundle of ${(bytes / 1e6).toFixed(0)} MB)`)
  console.log(
    `  waybill  ${ours.toFixed(2)} s  ${rate(ours)}  peak ${Math.max(...own.map(({ peakMB }) => peakMB)).toFixed(0)} MB`,
  )
  console.log(`  openssl dgst -sha256 in two processes  ${theirs.toFixed(2)} s  ${rate(theirs)}`)
  console.log(`  ${(theirs / ours).toFixed(2)} of its speed`)
}

/** Distribution's registry, of a pinned version, on a free port of the loopback. */
async function startRegistry(name) {
  const address = `127.0.0.1:${await freePort()}`
  const folder = join(root, name)
  mkdirSync(folder, { recursive: true })
  const storage = `storage:\n  filesystem: {rootdirectory: ${folder}}\n  maintenance: {uploadpurging: {enabled: false}}\n`
  const log = 'log: {level: error, accesslog: {disabled: true}}\n'
  writeFileSync(`${folder}.yml`, `version: 0.1\n${log}${storage}http: {addr: "${address}"}\n`)
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' }
  const child = spawn(peer('registry'), ['serve', `${folder}.yml`], { stdio: 'ignore', env })
  children.add(child)
  const close = async () => {
    children.delete(child)
    await new Promise((resolve) => child.once('close', resolve).kill())
    rmSync(folder, { recursive: true, force: true })
  }
  for (let tries = 0; tries < 100; tries += 1) {
    const up = await fetch(`http://${address}/v2/`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (up) return { address, close }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the registry did not start')
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

async function fill(registry) {
  const client = openRegistry({
    credentials: async () => undefined,
    plainHttp: () => true,
    side: 'sink',
    emit: () => {},
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  })
  const size = { images: Number(values.images), repositories: 4, scale: Number(values.scale) }
  const names = await pushContent((name) => client.repository({ registry, name }), size)
  await client.close()
  return names
}
