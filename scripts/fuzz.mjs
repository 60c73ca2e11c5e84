// `npm run fuzz -- [SECONDS] [WORDS]`: hostile bytes for every reader whose name has the words in it, SECONDS (60) for each
// of them. The seed is in the output: WAYBILL_FUZZ_SEED=N tries the same cases again.
import { spawnSync } from 'node:child_process'

const [seconds = '60', ...words] = process.argv.slice(2)
if (!/^[1-9][0-9]{0,5}$/.test(seconds)) {
  console.error(`not a number of seconds: ${seconds}`)
  process.exit(2)
}
const env = { ...process.env, WAYBILL_FUZZ_SECONDS: seconds, WAYBILL_FUZZ_ONLY: words.join(' ') }
const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'test/fuzz']
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1)
