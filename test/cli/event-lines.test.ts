import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { eventLines } from '../../src/cli/event-lines.js'
import type { Output } from '../../src/cli/output.js'
import { ERRORS } from '../../src/errors.js'
import type { TransferEvent } from '../../src/events.js'
import { digestFor } from '../support/streams.js'

const AT = '2026-11-22T12:00:00.125Z'
const DIGEST = digestFor('something')
const SCHEMA = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL('../../docs/schema/waybill.event.v1.json', import.meta.url), 'utf8')),
)

/** One of each. */
const EVENTS: { readonly [Type in TransferEvent['type']]: TransferEvent & { readonly type: Type } } = {
  'stage-started': { type: 'stage-started', stage: 'load', total: { blobs: 2, bytes: 30 } },
  'stage-ended': { type: 'stage-ended', stage: 'load' },
  pinned: { type: 'pinned', reference: 'registry.example/app:1.0', digest: DIGEST },
  walked: { type: 'walked', digest: DIGEST },
  'blob-started': { type: 'blob-started', digest: DIGEST, size: 10 },
  'blob-progress': { type: 'blob-progress', digest: DIGEST, bytes: 10 },
  'blob-ended': { type: 'blob-ended', digest: DIGEST, size: 10, how: 'copied' },
  tagged: { type: 'tagged', reference: 'registry.example/app:1.0', digest: DIGEST },
  checked: { type: 'checked', check: 'signature', subject: 'x', result: 'pass' },
  warning: { type: 'warning', code: 'trust-policy', message: 'm' },
  retrying: { type: 'retrying', what: 'push', waitMs: 12.5, reason: '503' },
}

function written(say: (lines: ReturnType<typeof eventLines>) => void): unknown[] {
  const all: string[] = []
  say(eventLines({ write: (line) => all.push(line), now: () => new Date(AT), generator: 'waybill/test' }))
  expect(all.every((line) => line.endsWith('\n') && !line.slice(0, -1).includes('\n'))).toBe(true)
  return all.map((line) => JSON.parse(line))
}

describe('events as NDJSON', () => {
  test('begin with the schema that the lines have, said once', () => {
    const lines = written(({ emit }) => Object.values(EVENTS).forEach(emit))

    expect(lines[0]).toEqual({ type: 'hello', at: AT, schema: 'waybill.event.v1', generator: 'waybill/test' })
    expect(lines.slice(1)).toEqual(Object.values(EVENTS).map((event) => ({ ...event, at: AT })))
  })

  test('are as the published schema says, each of them', () => {
    const error = {
      schema: 'waybill.error.v1',
      code: 'ERR_BUG',
      message: 'm',
      hint: ERRORS.ERR_BUG.hint,
      exit: 1,
    } as const
    const lines = written(({ emit, ended, failed }) => {
      Object.values(EVENTS).forEach(emit)
      ended(0, undefined)
      failed(error)
    })

    for (const line of lines) expect(SCHEMA.safeParse(line).error, JSON.stringify(line)).toBeUndefined()
    expect(SCHEMA.safeParse({ ...EVENTS.pinned }).success).toBe(false)
  })

  test('end with the exit status, and with what it was about', () => {
    const printed = {
      ...{ schema: 'waybill.import.v1', verdict: 'partial', waybill: DIGEST },
      receipt: { digest: digestFor('receipt') },
    } as unknown as Output

    expect(written(({ ended }) => ended(4, printed)).at(-1)).toEqual({
      ...{ type: 'ended', at: AT, exit: 4, verdict: 'partial', waybill: DIGEST, receipt: digestFor('receipt') },
    })
  })
})
