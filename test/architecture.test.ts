import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type HouseRules,
  houseFindings,
  type LayerTable,
  layerFindings,
  type OfflineReview,
  offlineFindings,
} from './support/architecture-rules.js'
import { chain, diskTree, filesBelow, type GraphFile, memoryTree, reach, readFile } from './support/import-graph.js'

const ROOT = resolve(import.meta.dirname, '..')
const TREE = diskTree(ROOT)
const SOURCES = filesBelow(ROOT, 'src')
const FILES = SOURCES.map((path) => readFile(path, TREE))

const FILE_MODULES = ['fs', 'fs/promises', 'path']

const NETWORK = /^(?:net|tls|https?|http2|dns|dgram|child_process|cluster|inspector)(?:\/|$)/

/** docs/adr/0003-no-network-in-verify.md and the table in CONTRIBUTING.md explain this. */
const LAYERS: LayerTable = {
  everybody: ['errors', 'limits', 'events', 'encoding'],
  layers: {
    errors: { folders: [], builtins: [], packages: [] },
    limits: { folders: [], builtins: [], packages: [] },
    events: { folders: ['oci'], builtins: [], packages: [] },
    encoding: { folders: [], builtins: [], packages: [] },
    oci: { folders: [], builtins: ['crypto'], packages: [] },
    content: {
      folders: ['oci'],
      builtins: [...FILE_MODULES, 'crypto', 'events', 'os', 'worker_threads'],
      packages: [],
    },
    trust: {
      folders: ['oci'],
      builtins: ['crypto', 'util'],
      builtinsOf: Object.fromEntries(
        FILE_MODULES.map((name) => [name, ['src/trust/store/trust-store.ts', 'src/trust/store/trust-folder.ts']]),
      ),
      packages: [
        ...[
          '@peculiar/x509',
          'asn1js',
          'cborg',
          'jose',
          'jose/jws/flattened/sign',
          'jose/jws/flattened/verify',
          'pkijs',
        ],
        ...['reflect-metadata', 'jose/jws/compact/verify', 'semver/functions/gte.js', 'semver/functions/valid.js'],
      ],
    },
    keys: {
      folders: ['oci', 'trust'],
      builtins: ['crypto'],
      builtinsOf: { child_process: ['src/keys/token-client.ts'] },
      packages: ['pkcs11js'],
    },
    plugin: {
      folders: ['oci', 'trust'],
      builtins: ['path'],
      builtinsOf: {
        child_process: ['src/plugin/run-plugin.ts'],
        'fs/promises': ['src/plugin/installed-plugin.ts'],
      },
      packages: ['semver'],
    },
    registry: {
      folders: ['oci', 'content'],
      builtins: ['crypto', 'dns', 'net', 'path', 'stream', 'tls', 'util'],
      builtinsOf: {
        child_process: ['src/registry/credential-helper.ts'],
        'fs/promises': ['src/registry/auth-file.ts'],
      },
      packages: ['undici'],
    },
    bundle: {
      folders: ['oci', 'content', 'trust'],
      only: {
        trust: [
          'envelope/envelope.ts',
          'envelope/seal.ts',
          'nv2/nv2-manifest.ts',
          'payload.ts',
          'signature-manifest.ts',
          'key/signer.ts',
        ],
      },
      builtins: FILE_MODULES,
      packages: ['tar-stream'],
    },
    state: {
      folders: ['oci', 'content'],
      builtins: ['crypto', 'fs/promises', 'path', 'timers/promises'],
      packages: [],
    },
    policy: { folders: ['oci', 'trust'], builtins: [], packages: ['yaml', 'zod'] },
    web: { folders: [], builtins: ['dns', 'net'], packages: ['undici'] },
    receipt: { folders: ['oci', 'trust', 'bundle'], builtins: [], packages: [] },
    opa: {
      folders: ['web'],
      only: { web: ['exchange.ts'] },
      builtins: ['worker_threads', 'zlib'],
      packages: ['@open-policy-agent/opa-wasm'],
    },
    sign: { folders: ['oci', 'content', 'trust', 'web'], only: { web: ['exchange.ts'] }, builtins: [], packages: [] },
    export: {
      folders: ['oci', 'content', 'trust', 'bundle', 'sign', 'state', 'web', 'receipt'],
      only: { state: ['log-lines.ts'], web: ['exchange.ts'], receipt: ['receipt.ts'] },
      builtins: ['path'],
      packages: [],
    },
    audit: { folders: ['oci', 'content', 'trust', 'bundle'], builtins: [], packages: [] },
    import: {
      folders: ['oci', 'content', 'trust', 'bundle', 'sign', 'state', 'policy', 'receipt'],
      only: { policy: ['import-policy.ts', 'patterns.ts', 'rename.ts'] },
      builtins: [],
      packages: [],
    },
    serve: {
      folders: ['oci', 'content', 'bundle', 'state'],
      only: { state: ['folder-lock.ts'] },
      builtins: ['crypto', 'fs/promises', 'http', 'net', 'path', 'stream/promises', 'timers/promises'],
      packages: [],
    },
    tui: {
      folders: ['oci', 'export', 'import', 'audit'],
      builtins: [],
      packages: ['ink', 'react', '@inkjs/ui'],
    },
    cli: {
      folders: [
        'tui',
        'oci',
        'content',
        'trust',
        'bundle',
        'registry',
        'web',
        'keys',
        'plugin',
        'sign',
        'state',
        'export',
        'import',
        'audit',
        'opa',
        'receipt',
        'serve',
        'policy',
        'receipt',
      ],
      builtins: [...FILE_MODULES, 'crypto', 'os', 'timers/promises', 'url'],
      packages: ['commander', 'uqr', 'zod'],
    },
  },
}

/** What the language has, and of Node what has no effect outside. Not `Reflect` and `Proxy`, behind which names hide. */
const LANGUAGE = [
  ...[
    'AggregateError',
    'Array',
    'ArrayBuffer',
    'Atomics',
    'BigInt',
    'Boolean',
    'DataView',
    'Date',
    'Error',
    'Infinity',
    'Int32Array',
  ],
  ...['JSON', 'Map', 'Math', 'NaN', 'Number', 'Object', 'Promise', 'RangeError', 'RegExp', 'Set', 'SharedArrayBuffer'],
  ...['String', 'Symbol', 'TypeError', 'Uint8Array', 'Uint16Array', 'Uint32Array', 'WeakMap', 'WeakSet', 'undefined'],
  ...['AbortController', 'AbortSignal', 'Buffer', 'TextDecoder', 'TextEncoder', 'URL', 'structuredClone'],
]

const HOUSE: HouseRules = {
  maxLines: 350,
  environment: ['src/cli/compose.ts'],
  clock: ['src/cli/'],
  globals: LANGUAGE,
  globalsOf: {
    process: [
      'src/cli/',
      'src/serve/',
      'src/state/folder-lock.ts',
      'src/keys/token-process.js',
      'src/plugin/run-plugin.ts',
    ],
    performance: ['src/cli/'],
    // Silenced there: what a policy prints is nobody's.
    console: ['src/opa/opa-worker.js'],
    URLSearchParams: ['src/registry/', 'src/serve/'],
    encodeURIComponent: ['src/registry/', 'src/serve/'],
    setTimeout: [
      'src/cli/ui/host.ts',
      'src/tui/session.ts',
      'src/tui/screen-output.ts',
      'src/registry/',
      'src/serve/',
      'src/keys/token-client.ts',
      'src/plugin/run-plugin.ts',
    ],
    clearTimeout: [
      'src/tui/session.ts',
      'src/tui/screen-output.ts',
      'src/registry/',
      'src/serve/',
      'src/keys/token-client.ts',
      'src/plugin/run-plugin.ts',
    ],
    // Between two keys React draws.
    setImmediate: ['src/tui/use-typed.tsx'],
    setInterval: ['src/serve/'],
    clearInterval: ['src/serve/'],
  },
  brands: {
    Digest: 'src/oci/digest.ts',
    VerifiedBundle: 'src/import/verify.ts',
    Decision: 'src/import/decide.ts',
  },
}

const ASN1 = 'decodes certificates; loaded by @peculiar/x509, no use of any module of Node'
const CRYPTO_GLOBAL = 'looks for the global crypto object, and for nothing else in it'
const COMPILED = 'a parser made of our own schema, and not where `jitless` is set, as it is here'
const TSLIB = 'looks for the global object, to put its own helpers there'

/** What verification loads from packages. A new package, version or suspicious name fails until somebody has looked. */
const REVIEW: OfflineReview = {
  builtins: ['crypto', 'events', 'fs', 'fs/promises', 'os', 'path', 'util', 'worker_threads', 'zlib'],
  globals: [...LANGUAGE, 'console'],
  packages: {
    '@noble/hashes': { version: '1.8.0', why: 'hashes, for pkijs; of Node it takes the crypto module alone' },
    '@open-policy-agent/opa-wasm': {
      version: '1.10.0',
      why: 'runs a compiled policy in a thread; what the policy may call is in its folder builtins, and is pure',
    },
    '@open-policy-agent/opa-wasm/node_modules/yaml': { version: '1.10.3', why: 'YAML for policies that read it' },
    '@peculiar/asn1-asym-key': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-cms': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-csr': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-ecc': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-pfx': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-pkcs8': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-pkcs9': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-rsa': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-schema': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-x509': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-x509-attr': { version: '2.11.1', why: ASN1 },
    '@peculiar/asn1-x509-post-quantum': { version: '2.11.1', why: ASN1 },
    '@peculiar/utils': { version: '2.0.3', why: ASN1 },
    '@peculiar/x509': { version: '2.2.0', why: 'reads the extensions of certificates' },
    asn1js: { version: '3.1.0', why: ASN1 },
    b4a: { version: '1.9.0', why: 'buffers, for tar-stream' },
    cborg: { version: '6.1.5', why: 'reads and writes COSE envelopes' },
    bytestreamjs: { version: '2.0.1', why: 'buffers, for pkijs' },
    'events-universal': { version: '1.0.1', why: 'node:events, for streamx' },
    'fast-fifo': { version: '1.3.2', why: 'a queue, for tar-stream and streamx' },
    jose: { version: '6.2.17', why: 'verifies a flattened JWS; by its subpaths, so that its key set client stays out' },
    pkijs: {
      version: '3.4.3',
      why: 'CMS messages: timestamps and their kin; taken apart and put together, nothing else',
    },
    pvtsutils: { version: '1.3.6', why: ASN1 },
    pvutils: { version: '1.2.0', why: ASN1 },
    'reflect-metadata': { version: '0.2.2', why: 'a polyfill that @peculiar/x509 wants' },
    semver: { version: '7.8.6', why: 'compares the version of a plugin with the one that a signature wants' },
    'sprintf-js': { version: '1.1.3', why: 'texts, for policies that put them together' },
    streamx: { version: '2.28.1', why: 'streams, for tar-stream' },
    'tar-stream': { version: '3.2.2', why: 'makes the headers that the reader compares with' },
    uqr: { version: '0.1.3', why: 'draws QR codes of compact receipts' },
    'text-decoder': { version: '1.2.7', why: 'decodes UTF-8, for streamx' },
    tslib: { version: '2.9.1', why: 'what TypeScript compiles to, for @peculiar' },
    tsyringe: { version: '4.10.0', why: 'dependency injection inside @peculiar/x509' },
    'tsyringe/node_modules/tslib': { version: '1.14.1', why: 'what TypeScript compiles to, for tsyringe' },
    yaml: { version: '2.9.1', why: 'reads the import policy' },
    zod: { version: '4.6.7', why: 'holds the import policy against its schema' },
  },
  reviewed: {
    'node_modules/@open-policy-agent/opa-wasm/src/builtins/yaml.js': { global: 'turns off the warnings of yaml' },
    'node_modules/@peculiar/utils/build/cjs/encoding/base64.js': { globalThis: 'looks for Buffer in it' },
    'node_modules/@peculiar/x509/build/x509.cjs.js': { self: CRYPTO_GLOBAL, global: CRYPTO_GLOBAL },
    'node_modules/pkijs/build/index.js': {
      Function: 'asks whether a value is a function, for an error message',
      globalThis: CRYPTO_GLOBAL,
      self: CRYPTO_GLOBAL,
      global: 'keeps its engine there, under a name of its own',
      window: 'asks whether there is one, to tell a browser',
    },
    'node_modules/cborg/lib/byte-utils.js': { globalThis: 'looks for process and Buffer in it' },
    'node_modules/pvtsutils/build/index.js': { Function: 'asks whether a value is a function' },
    'node_modules/reflect-metadata/Reflect.js': {
      globalThis: 'looks for Reflect in it',
      global: 'looks for Reflect in it, on old runtimes',
      self: 'looks for Reflect in it, on old runtimes',
      eval: '`this` of a sloppy function, on old runtimes; a constant text',
      Function: '`return this`, on old runtimes; a constant text',
    },
    'node_modules/sprintf-js/src/sprintf.js': {
      Function: 'asks whether a value is a function, to call it for its text',
      window: 'asks whether there is one, to put its own functions there',
    },
    'node_modules/streamx/index.js': { global: 'process.nextTick, where there is no queueMicrotask' },
    'node_modules/tslib/tslib.js': { global: TSLIB, self: TSLIB },
    'node_modules/tsyringe/node_modules/tslib/tslib.js': { global: TSLIB, self: TSLIB },
    'node_modules/yaml/dist/compose/composer.js': { 'imports process': 'for a variable that turns on debug output' },
    'node_modules/yaml/dist/log.js': { 'imports process': 'for emitWarning, which the log level silent turns off' },
    'node_modules/yaml/dist/parse/parser.js': { 'imports process': 'for a variable that turns on debug output' },
    'node_modules/yaml/dist/schema/yaml-1.1/binary.js': { 'imports buffer': 'base64, for a tag that is refused here' },
    'node_modules/zod/v4/core/compile.js': { Function: COMPILED },
    'node_modules/zod/v4/core/core.js': { globalThis: 'keeps its configuration there' },
    'node_modules/zod/v4/core/doc.js': { Function: COMPILED },
    'node_modules/zod/v4/core/registries.js': { globalThis: 'keeps the descriptions of schemas there' },
    'node_modules/zod/v4/core/util.js': {
      Function: 'an empty one: asks whether they can be made',
      navigator: 'the name of the runtime, before the above',
    },
  },
}

function versionOf(folder: string): string {
  return (JSON.parse(TREE.read(`${folder}/package.json`) ?? '{}') as { readonly version: string }).version
}

describe('the layers', () => {
  test('each folder imports what the table allows, and nothing else', () => {
    const findings = FILES.flatMap((file) => layerFindings(file, LAYERS))

    expect(findings).toEqual([])
  })

  test('no file of any layer but the registry client, the server and the command line comes near a socket', () => {
    const near = new Set(['registry', 'keys', 'plugin', 'serve', 'web', 'tui', 'cli'])
    const others = SOURCES.filter((path) => !near.has(path.split('/')[1] ?? ''))

    const { files } = reach(others, TREE)

    const modules = [...files.values()].flatMap(({ edges }) =>
      edges.flatMap(({ to, typeOnly }) => (to.kind === 'builtin' && !typeOnly ? [to.name] : [])),
    )
    // An importer's lock waits a moment and tries again; verification takes no lock. Buffer and process are yaml's, below.
    const besides = ['timers/promises', 'buffer', 'process']
    expect([...new Set(modules)].sort()).toEqual([...REVIEW.builtins, ...besides].sort())
  })

  test('no file imports itself through others, its types neither', () => {
    expect(cycles(FILES)).toEqual([])
  })
})

const OFFLINE = [
  'src/import/verify.ts',
  'src/bundle/reader.ts',
  'src/policy/read-policy.ts',
  'src/cli/opa/module.ts',
  'src/cli/commands/policy-input.ts',
  'src/cli/commands/receipt.ts',
  'src/cli/commands/receipt-verify.ts',
  'src/cli/commands/verify.ts',
  'src/cli/commands/policy-check.ts',
  'src/cli/ui/audit.ts',
]

describe('verification', () => {
  test('nothing that verifies a bundle can reach a network, however it is loaded', () => {
    const within = reach(OFFLINE, TREE)

    expect(offlineFindings(within, REVIEW, versionOf)).toEqual([])
  })

  test('the program loads a command when it is asked for, so that `verify` never loads an HTTP client', () => {
    const within = reach(['src/cli/main.ts', 'src/cli/commands/verify.ts'], TREE, ({ how }) => how !== 'dynamic')

    const loaded = [...within.files.values()].flatMap((file) =>
      file.edges.flatMap(({ to, typeOnly }) => (to.kind === 'builtin' && !typeOnly ? [[to.name, file.path]] : [])),
    )
    const network = loaded.filter(([name = '']) => NETWORK.test(name))
    // Commander can run a command that is a program of its own; none here is.
    expect(network).toEqual([['child_process', 'node_modules/commander/lib/command.js']])
    expect(FILES.filter(({ text }) => /executable(?:File|Dir)/.test(text))).toEqual([])
    expect(
      [...within.files.keys()].filter((path) => /src\/(registry|serve)\/|node_modules\/undici\//.test(path)),
    ).toEqual([])
  })

  test('jose is never loaded by its index, which can fetch key sets', () => {
    const loads = FILES.flatMap(({ path, edges }) =>
      edges.filter(({ specifier, typeOnly }) => specifier === 'jose' && !typeOnly).map(() => path),
    )

    expect(loads).toEqual([])
    expect(FILES.filter(({ text }) => text.includes('createRemoteJWKSet'))).toEqual([])
  })
})

describe('the rules of the house', () => {
  test('every file keeps them', () => {
    expect(FILES.flatMap((file) => houseFindings(file, HOUSE))).toEqual([])
  })

  test('half of all files have at most a hundred lines', () => {
    const lengths = FILES.map(({ text }) => text.split('\n').length).sort((a, b) => a - b)

    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(100)
  })
})

describe('this test', () => {
  const clean = { 'src/import/verify.ts': "import { a } from '../oci/a.js'\nexport const b = a" }
  const offline = (files: Readonly<Record<string, string>>) =>
    offlineFindings(
      reach(['src/import/verify.ts'], memoryTree({ 'src/oci/a.ts': 'export const a = 1', ...clean, ...files })),
      { ...REVIEW, packages: {}, reviewed: {} },
      () => '1.0.0',
    )
  const inOci = (text: string) => offline({ 'src/oci/a.ts': text })

  test('finds nothing in sources that keep the rules', () => {
    expect(offline({})).toEqual([])
    expect(inOci('export const a = { fetch: () => 1 }\na.fetch()')).toEqual([])
    expect(inOci('export function a(fetch: () => void) { fetch() }')).toEqual([])
    expect(inOci("import type { Socket } from 'node:net'\nexport const a = (s: Socket) => s")).toEqual([])
  })

  test.each([
    ['a module of Node for networks', "import { connect } from 'node:net'\nexport const a = connect"],
    ['the same without its prefix', "import * as http from 'http'\nexport const a = http"],
    ['an import for its effect alone', "import 'node:dns'\nexport const a = 1"],
    ['an import of nothing', "import { type Socket } from 'node:net'\nexport const a = 1"],
    ['a re-export', "export { request as a } from 'node:https'"],
    ['a dynamic import', "export const a = () => import('node:tls')"],
    ['a dynamic import in a template', 'export const a = () => import(`node:http2`)'],
    ['a dynamic import of a computed name', "export const a = () => import(['node', 'net'].join(':'))"],
    ['require', "export const a = require('node:net')"],
    ['require of a computed name', 'export const a = (name: string) => require(name)'],
    ['require under another name', "const load = require\nexport const a = load('node:net')"],
    ['createRequire', "import { createRequire } from 'node:module'\nexport const a = createRequire"],
    ['getBuiltinModule', "export const a = process.getBuiltinModule('net')"],
    ['getBuiltinModule, hidden', "export const a = process['getBuiltin' + 'Module']('net')"],
    ['a child process', "import { spawn } from 'node:child_process'\nexport const a = spawn"],
    ['fetch', "export const a = () => fetch('http://example.org')"],
    ['fetch as a value', 'export const a = [fetch]'],
    ['fetch beside a member of that name', 'export const a = { fetch: 1, b: () => fetch }'],
    ['fetch outside the function that declares one', 'const b = (fetch: number) => fetch\nexport const a = [b, fetch]'],
    ['fetch through the global object', "export const a = globalThis['fe' + 'tch']"],
    ['a web socket', "export const a = () => new WebSocket('ws://example.org')"],
    ['eval', "export const a = eval('1')"],
    ['a function made of text', "export const a = new Function('return 1')"],
    [
      'a worker whose file is not known',
      "import { Worker } from 'node:worker_threads'\nexport const a = (f: string) => new Worker(f)",
    ],
    ['an import that cannot be resolved', "import { x } from 'unknown-package'\nexport const a = x"],
  ])('catches %s', (_, text) => {
    expect(inOci(text)).not.toEqual([])
  })

  test('would notice a network module or a fetch in each single file that verifies', () => {
    const within = reach(
      [
        'src/import/verify.ts',
        'src/bundle/reader.ts',
        ...['verify', 'receipt', 'receipt-verify'].map((name) => `src/cli/commands/${name}.ts`),
      ],
      TREE,
    )
    const own = [...within.files.keys()].filter((path) => path.startsWith('src/'))

    const unnoticed = own.flatMap((path) =>
      ["import 'node:net'", "void fetch('http://example.org')", "void import('node:' + 'tls')"].filter((line) => {
        const changed = memoryTree({ [path]: `${TREE.read(path)}\n${line}\n` })
        const tree = { read: (name: string) => changed.read(name) ?? TREE.read(name) }
        const files = new Map([...within.files, [path, readFile(path, tree)]])
        return offlineFindings({ ...within, files }, REVIEW, versionOf).length === 0
      }),
    )

    expect(own.length).toBeGreaterThan(50)
    expect(unnoticed).toEqual([])
  })

  test('follows workers, requires and packages to what they load', () => {
    const bad = 'import net from "node:net"'
    const manifest = '{"name":"dep","version":"1.0.0","exports":{".":{"import":"./esm.js","require":"./cjs.js"}}}'
    const worker =
      "import { Worker } from 'node:worker_threads'\nexport const a = new Worker(new URL('./w.js', import.meta.url))"

    const throughWorker = offline({ 'src/oci/a.ts': worker, 'src/oci/w.js': bad })
    const throughPackage = offline({
      'src/oci/a.ts': "import dep from 'dep'\nexport const a = dep",
      'node_modules/dep/package.json': manifest,
      'node_modules/dep/esm.js': "export { default } from './below.js'",
      'node_modules/dep/below.js': bad,
      'node_modules/dep/cjs.js': '',
    })

    expect(throughWorker).toEqual(['src/oci/w.js <- src/oci/a.ts <- src/import/verify.ts: imports node:net'])
    expect(throughPackage.filter((finding) => finding.includes('imports node:net'))).toHaveLength(1)
  })

  test('catches a package that nobody has looked at, another version of one, and an exception that is not needed', () => {
    const files = {
      'src/import/verify.ts': "import dep from 'dep'\nexport const a = dep",
      'node_modules/dep/package.json': '{"name":"dep","version":"1.0.0","main":"index.js"}',
      'node_modules/dep/index.js': 'module.exports = () => fetch',
    }
    const within = reach(['src/import/verify.ts'], memoryTree(files))
    const judge = (review: Partial<OfflineReview>) =>
      offlineFindings(within, { ...REVIEW, packages: {}, reviewed: {}, ...review }, () => '1.0.0')
    const known = { packages: { dep: { version: '1.0.0', why: 'it is needed' } } }
    const reviewed = { 'node_modules/dep/index.js': { fetch: 'never called' } }

    expect(judge({ reviewed })).toEqual(['dep is within reach of verification, and nobody has looked at it'])
    expect(judge({ packages: { dep: { version: '0.9.0', why: 'it was' } }, reviewed })).toHaveLength(1)
    expect(judge(known)).toEqual([`${chain('node_modules/dep/index.js', within)}: fetch`])
    expect(judge({ ...known, reviewed: { ...reviewed, 'node_modules/dep/gone.js': { eval: 'gone' } } })).toHaveLength(1)
    expect(judge({ ...known, reviewed })).toEqual([])
  })

  test.each([
    ['an import of a layer above', 'src/oci/a.ts', "import { b } from '../trust/b.js'\nexport const a = b"],
    ['a type of a layer above', 'src/oci/a.ts', "import type { B } from '../trust/b.js'\nexport type A = B"],
    ['one use case in another', 'src/export/a.ts', "import { b } from '../import/b.js'\nexport const a = b"],
    ['the network in a use case', 'src/import/a.ts', "import { b } from '../registry/b.js'\nexport const a = b"],
    ['more of trust than bundles may know', 'src/bundle/a.ts', "import { b } from '../trust/b.js'\nexport const a = b"],
    ['files where none are allowed', 'src/oci/a.ts', "import fs from 'node:fs'\nexport const a = fs"],
    ['files in another file of trust', 'src/trust/a.ts', "import fs from 'node:fs'\nexport const a = fs"],
    ['a package of another layer', 'src/oci/a.ts', "import { z } from 'zod'\nexport const a = z"],
    ['a folder without a rule', 'src/utils/a.ts', 'export const a = 1'],
  ])('catches %s', (_, path, text) => {
    const files = {
      [path]: text,
      ...Object.fromEntries(['trust', 'import', 'registry'].map((one) => [`src/${one}/b.ts`, 'export const b = 1'])),
    }

    expect(layerFindings(readFile(path, memoryTree(files)), LAYERS)).toHaveLength(1)
  })

  test.each([
    ['any', 'export const a = (b: any) => b'],
    ['a default export', 'export default 1'],
    ['console', "console.log('a')"],
    ['the environment', 'export const a = process.env'],
    ['the clock', 'export const a = Date.now()'],
    ['the clock, without arguments', 'export const a = new Date()'],
    ['the clock of the process', 'export const a = performance.now()'],
    ['a verified bundle made elsewhere', 'export const a = (b: unknown) => b as VerifiedBundle'],
    ['a decision made elsewhere', 'export const a = (b: unknown) => b as unknown as Decision'],
    ['a digest made elsewhere', "export const a = 'sha256:' as Digest"],
    ['a constructor through a value', "export const a = (() => 1).constructor('return 1')"],
    ['a file that is too long', '//\n'.repeat(351)],
  ])('catches %s', (_, text) => {
    expect(houseFindings(readFile('src/import/a.ts', memoryTree({ 'src/import/a.ts': text })), HOUSE)).not.toEqual([])
  })

  test('allows a date that is handed in', () => {
    const text = 'export const a = (at: number) => new Date(at)'

    expect(houseFindings(readFile('src/import/a.ts', memoryTree({ 'src/import/a.ts': text })), HOUSE)).toEqual([])
  })
})

/** Paths that come back to where they began, over imports that load at once. */
function cycles(files: readonly GraphFile[]): string[] {
  const below = new Map(files.map((file) => [file.path, namedBy(file)]))
  const done = new Set<string>()
  const found: string[] = []
  const enter = (path: string, above: readonly string[]): void => {
    const at = above.indexOf(path)
    if (at >= 0) found.push([...above.slice(at), path].join(' -> '))
    if (at >= 0 || done.has(path)) return
    for (const next of below.get(path) ?? []) enter(next, [...above, path])
    done.add(path)
  }
  for (const { path } of files) enter(path, [])
  return found
}

function namedBy(file: GraphFile): string[] {
  return file.edges.flatMap(({ how, to }) => (how === 'static' && to.kind === 'file' ? [to.path] : []))
}
