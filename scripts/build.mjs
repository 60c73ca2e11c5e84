// Compiles src/ to dist/ and marks the command as executable. Emptied first: a file that left src must leave dist too.
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
if (status === 0) chmodSync('dist/cli/main.js', 0o755)
process.exitCode = status ?? 1
