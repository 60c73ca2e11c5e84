// Writes docs/screens.md and docs/pictures/ from a real run in a terminal: `npm run screens`. The run is a test, and without
// this script it compares its outline with what is written.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'pty', 'test/pty/new-user.test.ts']
const { status } = spawnSync(process.execPath, args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, WAYBILL_WRITE_SCREENS: 'yes' },
})
process.exitCode = status ?? 1
