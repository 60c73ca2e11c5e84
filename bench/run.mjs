// Times export, verify and import beside the tools that users would take instead, in one run, on the same content and the
// same registries. `npm run bench -- [--images N] [--scale X] [--runs N]`; needs test/peers/install.sh.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openRegistry } from '../samples/built.mjs'
import { pushContent } from './content.mjs'
import { measure, median, run } from './measure.mjs'

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '20' },
    scale: { type: 'string', default: '1' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
})
const RUNS = Number(values.runs)
const PEERS =
  process.env.WAYBILL_PEERS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'waybill-peers')
const peer = (name) => (existsSync(join(PEERS, 'bin', name)) ? join(PEERS, 'bin', name) : name)
const WAYBILL = [process.execPath, new URL('../dist/cli/main.js', import.meta.url).pathname]
const root = mkdtempSync(join(tmpdir(), 'waybill-bench-'))
const children = []

try {
  await main()
} finally {
  for (const child of children) child.kill()
  rmSync(root, { recursive: true, force: true })
}

async function main() {
  const source = await startRegistry('source')
  const names = await fill(source)
  await keys()
  console.log(`content: ${names.length} two-platform images in ${join(root, 'source')}`)
  await compare('export', exporters(source, names))
  const bundle = join(root, 'keep.tar')
  await run([
    ...WAYBILL,
    'export',
    ...names.map((name) => `${source}/${name.repository}:${name.tag}`),
    '--output',
    bundle,
    ...signing(),
  ])
  const bytes = statSync(bundle).size
  console.log(`bundle: ${(bytes / 1e6).toFixed(0)} MB`)
  await verifyBesideOpenssl(bundle, bytes)
  const prepared = await prepareImports(source, names, bundle)
  await compare('import', prepared)
}

function signing() {
  return ['--key', join(root, 'keys/signing.key'), '--cert', join(root, 'keys/signing.crt')]
}

async function keys() {
  process.env.WAYBILL_CONFIG = join(root, 'config')
  await run([...WAYBILL, 'keys', 'init', join(root, 'keys')])
  await run([...WAYBILL, 'trust', 'add', join(root, 'keys/ca.crt')])
}

/** Distribution's registry of a pinned version, on a free port of the loopback. */
async function startRegistry(name) {
  const port = await freePort()
  const folder = join(root, name)
  mkdirSync(folder, { recursive: true })
  const config = join(root, `${name}.yml`)
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage:\n  filesystem: {rootdirectory: ${folder}}\n  maintenance: {uploadpurging: {enabled: false}}\nhttp: {addr: "127.0.0.1:${port}"}\n`,
  )
  const child = spawn(peer('registry'), ['serve', config], {
    stdio: 'ignore',
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  })
  children.push(child)
  for (let tries = 0; tries < 100; tries += 1) {
    const up = await fetch(`http://127.0.0.1:${port}/v2/`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (up) return `127.0.0.1:${port}`
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
  const names = await pushContent((name) => client.repository({ registry, name }), {
    images: Number(values.images),
    repositories: 4,
    scale: Number(values.scale),
  })
  await client.close()
  return names
}

function exporters(registry, names) {
  const full = names.map(({ repository, tag }) => `${registry}/${repository}:${tag}`)
  const byRepository = Map.groupBy ? Map.groupBy(names, ({ repository }) => repository) : groups(names)
  return {
    waybill: (dir) => [[...WAYBILL, 'export', ...full, '--output', join(dir, 'out.tar'), ...signing()]],
    'oras backup': (dir) =>
      [...byRepository].map(([repository, list], at) => [
        peer('oras'),
        'backup',
        '--plain-http',
        '--no-tty',
        '--include-referrers',
        '-o',
        join(dir, `out-${at}.tar`),
        `${registry}/${repository}:${list.map(({ tag }) => tag).join(',')}`,
      ]),
    'regctl copy': (dir) => [
      ...full.map((name, at) => [
        peer('regctl'),
        '--host',
        `reg=${registry},tls=disabled`,
        'image',
        'copy',
        '--referrers',
        name,
        `ocidir://${dir}/lay:v${at}`,
      ]),
      ['tar', '-cf', join(dir, 'out.tar'), '-C', join(dir, 'lay'), '.'],
    ],
    'skopeo copy': (dir) => [
      ...full.map((name, at) => [
        'skopeo',
        '--insecure-policy',
        'copy',
        '-q',
        '--all',
        '--src-tls-verify=false',
        `docker://${name}`,
        `oci:${dir}/lay:v${at}`,
      ]),
      ['tar', '-cf', join(dir, 'out.tar'), '-C', join(dir, 'lay'), '.'],
    ],
    'crane pull': (dir) => [
      [peer('crane'), 'pull', '--insecure', '--format=oci', '--annotate-ref', ...full, join(dir, 'lay')],
      ['tar', '-cf', join(dir, 'out.tar'), '-C', join(dir, 'lay'), '.'],
    ],
  }
}

function groups(names) {
  const map = new Map()
  for (const name of names) map.set(name.repository, [...(map.get(name.repository) ?? []), name])
  return map
}

/** Every tool imports what it exported itself, into an empty registry. */
async function prepareImports(source, names, bundle) {
  const made = exporters(source, names)
  const folder = (name) => join(root, `kept-${name.replace(' ', '-')}`)
  for (const name of Object.keys(made)) {
    if (name === 'waybill' || (values.only && !values.only.split(',').includes(name))) continue
    mkdirSync(join(folder(name), 'tmp'), { recursive: true })
    for (const command of made[name](folder(name))) await run(command, toolEnvironment(folder(name)))
  }
  const repositories = [...groups(names).keys()]
  const untar = (name, dir) => [
    ['mkdir', join(dir, 'lay')],
    ['tar', '-xf', join(folder(name), 'out.tar'), '-C', join(dir, 'lay')],
  ]
  return {
    waybill: (_dir, target) => [[...WAYBILL, 'import', bundle, '--to', target]],
    'oras backup': (_dir, target) =>
      repositories.map((repository, at) => [
        peer('oras'),
        'restore',
        '--plain-http',
        '--no-tty',
        '--input',
        join(folder('oras backup'), `out-${at}.tar`),
        `${target}/${repository}`,
      ]),
    'regctl copy': (dir, target) => [
      ...untar('regctl copy', dir),
      ...names.map(({ repository, tag }, at) => [
        peer('regctl'),
        '--host',
        `reg=${target},tls=disabled`,
        'image',
        'copy',
        '--referrers',
        `ocidir://${dir}/lay:v${at}`,
        `${target}/${repository}:${tag}`,
      ]),
    ],
    'skopeo copy': (dir, target) => [
      ...untar('skopeo copy', dir),
      ...names.map(({ repository, tag }, at) => [
        'skopeo',
        '--insecure-policy',
        'copy',
        '-q',
        '--all',
        '--dest-tls-verify=false',
        `oci:${dir}/lay:v${at}`,
        `docker://${target}/${repository}:${tag}`,
      ]),
    ],
    'crane pull': (dir, target) => [
      ...untar('crane pull', dir),
      [peer('crane'), 'push', '--insecure', '--index', join(dir, 'lay'), `${target}/bench/all:v1`],
    ],
  }
}

async function compare(what, tools) {
  const results = {}
  const names = Object.keys(tools).filter(
    (name) => !values.only || name === 'waybill' || values.only.split(',').includes(name),
  )
  for (let round = 0; round < RUNS; round += 1) {
    for (const name of names) {
      const dir = join(root, 'work')
      mkdirSync(join(dir, 'tmp'), { recursive: true })
      const target = what === 'import' ? await startRegistry('target') : ''
      const commands = tools[name](dir, target)
      try {
        results[name] = [...(results[name] ?? []), await measure(commands, { folder: dir, env: toolEnvironment(dir) })]
      } catch (error) {
        console.log(`${what}: ${name} failed: ${error.message.slice(0, 300)}`)
      }
      rmSync(dir, { recursive: true, force: true })
      if (what === 'import') {
        children.pop()?.kill()
        rmSync(join(root, 'target'), { recursive: true, force: true })
      }
    }
  }
  print(what, results)
  return results
}

function toolEnvironment(dir) {
  return { TMPDIR: join(dir, 'tmp'), DOCKER_CONFIG: join(dir, 'tmp'), REGCTL_CONFIG: join(dir, 'tmp', 'regctl.json') }
}

function print(what, results) {
  const rows = Object.entries(results).map(([name, runs]) => ({
    name,
    seconds: median(runs.map(({ seconds }) => seconds)),
    peakMB: Math.max(...runs.map(({ peakMB }) => peakMB)),
    diskMB: Math.max(...runs.map(({ diskMB }) => diskMB)),
  }))
  const fastest = Math.min(...rows.filter(({ name }) => name !== 'waybill').map(({ seconds }) => seconds))
  console.log(`\n${what}  (median of ${RUNS}; ratio to the fastest peer)`)
  for (const { name, seconds, peakMB, diskMB } of rows) {
    console.log(
      `  ${name.padEnd(14)} ${seconds.toFixed(2).padStart(7)} s  x${(seconds / fastest).toFixed(2)}  peak ${peakMB.toFixed(0).padStart(5)} MB  disk ${diskMB.toFixed(0).padStart(6)} MB`,
    )
  }
}

async function verifyBesideOpenssl(bundle, bytes) {
  const half = Math.floor(bytes / 2 / 4096)
  for (const [at, skip] of [0, half].entries()) {
    await run([
      'dd',
      `if=${bundle}`,
      `of=${join(root, `half-${at}`)}`,
      'bs=4096',
      `skip=${skip}`,
      ...(at === 0 ? [`count=${half}`] : []),
      'status=none',
    ])
  }
  const openssl = []
  const waybill = []
  let peakMB = 0
  for (let round = 0; round < RUNS + 1; round += 1) {
    const started = performance.now()
    await Promise.all([0, 1].map((at) => run(['openssl', 'dgst', '-sha256', join(root, `half-${at}`)])))
    openssl.push((performance.now() - started) / 1000)
    const own = await measure([[...WAYBILL, 'verify', bundle]], { folder: join(root, 'config') })
    waybill.push(own.seconds)
    peakMB = Math.max(peakMB, own.peakMB)
  }
  const [a, b] = [median(openssl), median(waybill)]
  console.log(
    `\nverify  ${b.toFixed(2)} s (${(bytes / 1e6 / b).toFixed(0)} MB/s), openssl dgst in two processes ${a.toFixed(2)} s (${(bytes / 1e6 / a).toFixed(0)} MB/s): ${(a / b).toFixed(2)} of its speed, peak ${peakMB.toFixed(0)} MB`,
  )
}
