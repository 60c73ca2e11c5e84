// What a review of many artifacts costs: to make it, and each picture of its tree on a screen of 120×40, from the key to
// what is written. `node bench/screens-tree.mjs [ARTIFACTS]` after a build; `npm run bench` has it too.
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import { digestOf, OCI_INDEX, OCI_MANIFEST } from '../samples/built.mjs'
import { median } from './measure.mjs'

// React's small form, as the program has it.
process.env.NODE_ENV = 'production'
const COLUMNS = 120
const ROWS = 40
const FRAMES = 60

/** @param {string} path @returns {Promise<any>} */
const built = (path) => import(new URL(`../dist/${path}`, import.meta.url).href)

/** Prints what the review takes; a picture is to be there within 33 ms, and a letter of a filter within 100 ms. */
export async function measureTree({ artifacts = 5000 } = {}) {
  /** @type {typeof import('../src/import/review/review-of.js')} */
  const { reviewOf } = await built('import/review/review-of.js')
  const verification = verified(artifacts)
  const made = Array.from({ length: 5 }, () => timed(() => reviewOf({ verification })))
  const review = reviewOf({ verification })
  const nodes = [review.bundle, ...review.artifacts]
  const screen = await openTree(nodes)
  console.log(`\nreview  (${artifacts} artifacts, ${count(nodes)} lines, 120×40)`)
  say('made', made)
  say('first picture', [screen.firstMs])
  const steps = /** @type {const} */ ([
    ['one line down', 'j', FRAMES],
    ['one page down', ' ', FRAMES],
    ['to the end and back', 'G', 1],
    ['open', 'l', 2],
  ])
  for (const [what, key, times] of steps) {
    const figures = []
    for (let at = 0; at < times; at += 1) figures.push(await screen.press(key))
    if (key === 'G') figures.push(await screen.press('g'))
    say(what, figures)
  }
  const letters = []
  for (const text of ['app-4711', 'fail', 'linux/arm64 moved', 'sbom']) {
    await screen.press('/')
    for (const letter of text) letters.push(await screen.press(letter))
    await screen.press('\u001b')
  }
  say('a letter of a filter', letters)
  screen.close()
}

function say(what, figures) {
  const most = Math.max(...figures)
  console.log(
    `  ${what.padEnd(22)} ${median(figures).toFixed(1).padStart(7)} ms, at most ${most.toFixed(1)} ms (${figures.length})`,
  )
}

function timed(work) {
  const started = performance.now()
  work()
  return performance.now() - started
}

function count(nodes) {
  return nodes.reduce((sum, { children }) => sum + 1 + count(children), 0)
}

/** The tree of the built program on a screen that only counts. */
async function openTree(nodes) {
  const { render } = await import('ink')
  const { createElement } = await import('react')
  /** @type {typeof import('../src/tui/tree/tree.js')} */
  const { Tree } = await built('tui/tree/tree.js')
  const stdout = new Output()
  const stdin = new Input()
  const started = performance.now()
  const drawn = stdout.next()
  const streams = /** @type {any} */ ({ stdout, stdin, stderr: new Output() })
  const props = { nodes, rows: ROWS - 3, columns: COLUMNS, active: true }
  // Each picture at once, and not at most so many a second.
  const screen = render(createElement(Tree, props), {
    ...streams,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  })
  const firstMs = (await drawn) - started
  await quiet()
  return {
    firstMs,
    async press(key) {
      await quiet()
      const pressed = performance.now()
      const next = stdout.next()
      stdin.type(key)
      return (await next) - pressed
    },
    close: () => screen.unmount(),
  }
}

/** What listens for keys is put in place by effects, which come after the picture. */
async function quiet() {
  await new Promise((resolve) => setTimeout(resolve, 5))
}

class Output extends EventEmitter {
  columns = COLUMNS
  rows = ROWS
  #wanted = (/** @type {number} */ _at) => {}

  write() {
    this.#wanted(performance.now())
    return true
  }

  /** @returns {Promise<number>} when the next picture was written */
  next() {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no picture within ten seconds')), 10_000)
      this.#wanted = (at) => {
        clearTimeout(late)
        resolve(at)
      }
    })
  }
}

class Input extends EventEmitter {
  isTTY = true
  #typed = /** @type {string[]} */ ([])

  type(keys) {
    this.#typed.push(keys)
    this.emit('readable')
  }

  read() {
    return this.#typed.shift() ?? null
  }

  setEncoding() {}
  setRawMode() {}
  resume() {}
  pause() {}
  ref() {}
  unref() {}
}

/** What a verification finds of so many signed releases of two platforms, each with an SBOM that is signed, too. */
function verified(artifacts) {
  const described = (what, mediaType = OCI_MANIFEST) => ({ digest: digestOf(Buffer.from(what)), mediaType, size: 1000 })
  const chain = ['CN=Vendor', 'CN=Vendor intermediate', 'CN=Vendor root'].map((subject) => ({
    ...{
      subject: `C=ZZ, ST=-, O=Wabbit Networks, ${subject}`,
      issuer: 'C=ZZ, ST=-, O=Wabbit Networks, CN=Vendor root',
    },
    ...{ thumbprint: 'ab'.repeat(32), publicKey: 'cd'.repeat(32) },
    ...{ notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2027-01-01T00:00:00.000Z' },
  }))
  const validations = ['integrity', 'authenticity', 'authenticTimestamp', 'expiry', 'revocation'].map((validation) => ({
    ...{ validation, action: 'enforce', result: 'pass', looked: [] },
    detail: 'every certificate of the signer is valid now, and signed by C=ZZ, ST=-, O=Wabbit Networks, CN=Vendor',
  }))
  const outcome = ({ digest }) => ({
    ...{ signature: digest, kind: 'jws', verdict: 'verified', validations, chain, metadata: {} },
    signingTime: '2026-11-22T12:00:00.000Z',
  })
  const judged = (name, target, signature) => ({
    ...{ name, target, scope: 'registry.example', statement: 'vendor', level: 'strict', required: true },
    ...{
      verdict: 'verified',
      detail: 'signed by the vendor, as the statement wants',
      signatures: [outcome(signature)],
    },
  })
  const lookup = (subject, descriptors) => ({
    ...{ subject, referrers: { result: 'none' }, tags: { result: 'none' }, tagged: [], descriptors },
  })
  const one = (at) => {
    const repository = `registry.example/team/app-${at}`
    const index = described(`index ${at}`, OCI_INDEX)
    const images = ['amd64', 'arm64'].map((architecture) => ({
      ...described(`${architecture} ${at}`),
      platform: { os: 'linux', architecture },
    }))
    const [signature, sbom, sbomSignature] = [`sig ${at}`, `sbom ${at}`, `sbom sig ${at}`].map((what) =>
      described(what),
    )
    const manifest = (descriptor, { hung = [], ...given } = {}) => [
      descriptor.digest,
      { kind: 'image', children: [], omissions: [], lookup: lookup(descriptor.digest, hung), ...given },
    ]
    const root = { repository, tag: '1.0', descriptor: index }
    const notary = { artifactType: 'application/vnd.cncf.notary.signature' }
    return {
      root,
      closure: {
        ...{ root, nodes: [...images, index, signature, sbom, sbomSignature], tags: [], waves: new Map() },
        manifests: new Map([
          ...images.map((image) => manifest(image)),
          manifest(index, { kind: 'index', children: images, hung: [signature, sbom] }),
          manifest(sbom, { artifactType: 'application/spdx+json', hung: [sbomSignature] }),
          manifest(signature, notary),
          manifest(sbomSignature, notary),
        ]),
      },
      judged: [
        judged(`${repository}:1.0`, index, signature),
        judged(`${repository}@${sbom.digest}`, sbom, sbomSignature),
      ],
    }
  }
  const all = Array.from({ length: artifacts }, (_, at) => one(at))
  const document = {
    ...{ kind: 'full', createdAt: '2026-11-22T12:00:00Z', generator: 'bench', lookups: [], omissions: [] },
    ...{ roots: all.map(({ root }) => root), totals: { blobs: 0, bytes: 0 } },
  }
  const waybill = { descriptor: described('waybill'), document: described('document') }
  const checks = all.map(({ judged: [{ name }] }) => ({
    ...{ name: 'policy', subject: name, result: 'pass', detail: `${name}: signed by the vendor` },
  }))
  return /** @type {import('../src/import/verification.js').Verification} */ (
    /** @type {unknown} */ ({
      bundle: { path: 'bundle.tar', size: 1, document, waybill, inventory: [], signatures: [] },
      ...{ checks, signers: [], waybillSignatures: [], verified: {} },
      artifacts: all.flatMap((each) => each.judged),
      closures: all.map(({ closure }) => closure),
    })
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await measureTree(process.argv[2] === undefined ? {} : { artifacts: Number(process.argv[2]) })
