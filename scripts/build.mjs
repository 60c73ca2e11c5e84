// Compiles src/ to dist/, module by module, and then the command line into few files: loading two hundred small modules
// takes longer than verifying a small bundle. Emptied first: a file that left src must leave dist too.
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { bundledLicences, refuseNetwork } from './built-files.mjs'

/** @type {import('esbuild').Plugin} */
const WITHOUT_DEVTOOLS = {
  name: 'without-devtools',
  setup(build) {
    build.onLoad({ filter: /node_modules\/ink\/build\/devtools\.js$/ }, () => ({ contents: '' }))
  },
}

rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
rmSync('dist/cli', { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: {
    main: 'src/cli/main.ts',
    'notation-waybill': 'src/cli/notation-waybill.ts',
    'hash-worker': 'src/content/hash-worker.js',
    'opa-worker': 'src/opa/opa-worker.js',
    'token-process': 'src/keys/token-process.js',
  },
  // Native code; only the process that talks to a token loads it.
  external: ['pkcs11js'],
  outdir: 'dist/cli',
  bundle: true,
  // In files of their own, what needs a network stays out of the process that verifies.
  splitting: true,
  // The screens: React's small form, and not the tools for developers that Ink would look for.
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [WITHOUT_DEVTOOLS],
  metafile: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Some dependencies are CommonJS and ask for Node's own modules.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
})
refuseNetwork(metafile, [
  'src/cli/main.ts',
  'src/cli/commands/verify.ts',
  'src/cli/commands/inspect.ts',
  'src/cli/commands/policy-check.ts',
  'src/cli/commands/policy-input.ts',
  'src/opa/opa-worker.js',
])
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', bundledLicences(metafile))
for (const name of ['main', 'notation-waybill']) chmodSync(`dist/cli/${name}.js`, 0o755)
