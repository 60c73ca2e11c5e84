import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TransferError } from '../../src/errors.js'
import { bytesOf, fuzzCase } from './change.js'
import type { FuzzTarget } from './target.js'
import { ARCHIVES } from './targets/archives.js'
import { CERTIFICATES } from './targets/certificates.js'
import { POLICIES } from './targets/policies.js'
import { RECEIPTS } from './targets/receipts.js'
import { SIGNATURES } from './targets/signatures.js'
import { TEXTS } from './targets/texts.js'

/** Seconds for each reader, and other cases every time; without it some hundred cases, the same ones every time. */
const SECONDS = Number(process.env['WAYBILL_FUZZ_SECONDS'] ?? '0')
const SEED = Number(process.env['WAYBILL_FUZZ_SEED'] ?? (SECONDS > 0 ? Date.now() % 2 ** 31 : '20261122'))
const RUNS = 300
/** milliseconds and bytes that no case may take, whatever else the machine does */
const MOST_MS = 10_000
const MOST_BYTES = 1024 ** 3

const TARGETS = [...TEXTS, ...POLICIES, ...RECEIPTS, ...SIGNATURES, ...CERTIFICATES, ...ARCHIVES]
const WANTED = TARGETS.filter(({ name }) => name.includes(process.env['WAYBILL_FUZZ_ONLY'] ?? ''))

describe(`with hostile bytes (seed ${SEED})`, () => {
  it.each(WANTED)(
    '$name: read or refused with a code of its own, and never believed',
    async (target) => {
      const { seeds, read } = await target.prepare()
      const started = process.memoryUsage().rss

      await fc.assert(
        fc.asyncProperty(fuzzCase, async (one) => {
          const bytes = bytesOf(one, target, seeds)
          const at = performance.now()
          await refusedOr(target, async () => await read(bytes), bytes)
          expect(performance.now() - at).toBeLessThan(MOST_MS)
          expect(process.memoryUsage().rss - started).toBeLessThan(MOST_BYTES)
        }),
        SECONDS > 0
          ? {
              seed: SEED,
              numRuns: 1_000_000_000,
              interruptAfterTimeLimit: SECONDS * 1000,
              markInterruptAsFailure: false,
            }
          : { seed: SEED, numRuns: Math.round((RUNS * (target.share ?? 100)) / 100) },
      )
    },
    (SECONDS + 120) * 1000,
  )
})

/** Shows the bytes of a case that went wrong: with them it can be made a test of its own. */
async function refusedOr(target: FuzzTarget, read: () => Promise<void>, bytes: Uint8Array): Promise<void> {
  try {
    await read()
  } catch (cause) {
    if (cause instanceof TransferError && target.codes.includes(cause.code)) return
    const shown = Buffer.from(bytes.subarray(0, 4096)).toString('base64')
    throw new Error(`${target.name}: ${cause instanceof Error ? cause.stack : String(cause)}\nbytes: ${shown}`, {
      cause,
    })
  }
}
