// Compiles src/ to dist/, module by module, and then the command line into few files: loading two hundred small modules
// takes longer than verifying a small bundle. Emptied first: a file that left src must leave dist too.
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
rmSync('dist/cli', { recursive: true, force: true })
await build({
  entryPoints: { main: 'src/cli/main.ts', 'hash-worker': 'src/content/hash-worker.js' },
  outdir: 'dist/cli',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'linked',
  logLevel: 'warning',
  // Some dependencies are CommonJS and ask for Node's own modules.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
})
chmodSync('dist/cli/main.js', 0o755)
