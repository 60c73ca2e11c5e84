import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of its own for the running test, gone when the test is over. */
export async function tmpFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A call that is not cancelled. */
export const CALL = { signal: new AbortController().signal } as const
