import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { EventLine } from '../../src/cli/output/events.js'
import { importFor } from '../../src/cli/ui/importing.js'
import { readVersion } from '../../src/cli/version.js'
import type { Review } from '../../src/import/review/review.js'
import { auditContext, workGiven } from '../support/audits.js'
import { anImporterFolder, aServedRegistry, FIXED_KEY, startProgram } from '../support/program.js'
import { tmpFolder } from '../support/tmp.js'

const RELEASE = fileURLToPath(new URL('../vectors/valid-two-repositories-share-blobs/bundle.tar', import.meta.url))
const SCHEMA = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL('../../docs/schema/waybill.event.v1.json', import.meta.url), 'utf8')),
)

/** A machine and a target of its own: nothing is known, and nothing is there. */
async function aPlace(): Promise<{ readonly folder: string; readonly registry: string }> {
  const folder = await anImporterFolder(await tmpFolder())
  return { folder, registry: await aServedRegistry(folder) }
}

/** The lines of `--events ndjson`, each of them as the published schema says. */
function eventsOf(stderr: string): readonly EventLine[] {
  const lines = stderr.trimEnd().split('\n')
  return lines.map((line) => {
    const event = JSON.parse(line)
    expect(SCHEMA.safeParse(event).error, line).toBeUndefined()
    return event as EventLine
  })
}

/** A receipt, without what is different each time: the moments, and the target's address. */
async function receiptIn(folder: string, registry: string): Promise<unknown> {
  const { stdout } = await startProgram(folder, ['receipt', 'show', 'r.receipt', '--json']).end
  const { receipt } = JSON.parse(stdout.replaceAll(registry, 'TARGET'))
  const { verifiedAt, finishedAt, ...rest } = receipt
  expect([verifiedAt, finishedAt]).toEqual([expect.any(String), expect.any(String)])
  return rest
}

describe('the same import', () => {
  test('gives the same receipt on the screen, in plain lines and in NDJSON', async () => {
    const byLines = await aPlace()
    const inLines = ['import', RELEASE, '--to', byLines.registry, ...FIXED_KEY, '--receipt', 'r.receipt']
    expect((await startProgram(byLines.folder, inLines).end).exit).toBe(0)

    const byEvents = await aPlace()
    const inEvents = ['import', RELEASE, '--to', byEvents.registry, ...FIXED_KEY, '--receipt', 'r.receipt']
    const ran = await startProgram(byEvents.folder, [...inEvents, '--json', '--events', 'ndjson']).end

    const onScreen = await aPlace()
    const key = { key: join(onScreen.folder, 'importer.key'), cert: join(onScreen.folder, 'importer.crt') }
    const context = await auditContext({
      configDir: join(onScreen.folder, 'config'),
      generator: `waybill/${readVersion()}`,
      now: () => new Date(),
    })
    const shown: Review[] = []
    const end = await importFor(context, key)(
      { path: RELEASE, to: onScreen.registry, receipt: join(onScreen.folder, 'r.receipt') },
      {
        ...workGiven(),
        review: async (review) => {
          shown.push(review)
          return new Map()
        },
      },
    )

    expect(end).toMatchObject({ exit: 0, good: true, headline: 'LOADED' })
    expect(shown.map(({ admitted }) => admitted)).toEqual([true])
    const expected = await receiptIn(byLines.folder, byLines.registry)
    expect(await receiptIn(byEvents.folder, byEvents.registry)).toEqual(expected)
    expect(await receiptIn(onScreen.folder, onScreen.registry)).toEqual(expected)
    const lines = eventsOf(ran.stderr)
    const { verdict, waybill, receipt } = JSON.parse(ran.stdout)
    expect(lines[0]).toMatchObject({ type: 'hello', schema: 'waybill.event.v1' })
    expect(lines.at(-1)).toMatchObject({ type: 'ended', exit: 0, verdict, waybill, receipt: receipt.digest })
  })
})

describe('every line of --events ndjson', () => {
  test('is as the published schema says: of an export, of an import that loads, and of one that fails', async () => {
    const { folder, registry } = await aPlace()
    const ndjson = ['--events', 'ndjson']
    expect((await startProgram(folder, ['import', RELEASE, '--to', registry, '--plain-http']).end).exit).toBe(0)
    const source = `${registry}/team/app:1.0`

    const exported = await startProgram(folder, ['export', source, '--output', 'b.tar', '--unsigned', ...ndjson]).end
    const refused = await startProgram(folder, ['import', 'b.tar', '--to', registry, ...ndjson]).end
    const failed = await startProgram(folder, ['import', 'none.tar', '--to', registry, ...ndjson]).end

    const out = eventsOf(exported.stderr)
    expect(out.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['hello', 'pinned', 'stage-started', 'blob-started', 'blob-progress', 'blob-ended']),
    )
    expect(out.at(-1)).toMatchObject({ type: 'ended', exit: 0 })
    expect(eventsOf(refused.stderr).at(-1)).toMatchObject({
      type: 'ended',
      exit: refused.exit,
      verdict: 'not-authentic',
    })
    expect(eventsOf(failed.stderr).at(-1)).toMatchObject({ type: 'error', exit: failed.exit })
  })
})
