import { z } from 'zod'
import type { Stage, TransferEvent } from '../../events.js'
import { bytes, digest, time, verdict } from './parts.js'

const STAGES = [
  'pin',
  'walk',
  'evidence',
  'write',
  'seal',
  'open',
  'verify',
  'look',
  'base',
  'load',
  'tag',
] as const satisfies readonly Stage[]

const at = time.describe('RFC 3339, UTC: the clock of this machine when the line was written')
const stage = z.enum(STAGES)

/**
 * What `--events ndjson` writes: one of these on each line. `docs/schema/` is generated from here, and programs depend on
 * it: types and members are added, never renamed.
 */
export const EVENT_LINE = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    at,
    schema: z.literal('waybill.event.v1').describe('of every line that follows'),
    generator: z.string().describe('the program and its version'),
  }),
  z.object({
    type: z.literal('stage-started'),
    at,
    stage,
    total: z.object({ blobs: z.int().nonnegative(), bytes }).optional(),
  }),
  z.object({ type: z.literal('stage-ended'), at, stage }),
  z.object({ type: z.literal('pinned'), at, reference: z.string(), digest }),
  z.object({ type: z.literal('walked'), at, digest }),
  z.object({
    type: z.literal('blob-started'),
    at,
    digest,
    size: bytes,
  }),
  z.object({
    type: z.literal('blob-progress'),
    at,
    digest,
    bytes: bytes.describe('bytes since the last line about this blob'),
  }),
  z.object({
    type: z.literal('blob-ended'),
    at,
    digest,
    size: bytes,
    how: z.enum(['copied', 'present', 'mounted', 'resumed']),
  }),
  z.object({ type: z.literal('tagged'), at, reference: z.string(), digest }),
  z.object({
    type: z.literal('checked'),
    at,
    check: z.string(),
    subject: z.string(),
    result: z.enum(['pass', 'fail', 'logged', 'not-applicable']),
  }),
  z.object({ type: z.literal('warning'), at, code: z.string(), message: z.string() }),
  z.object({
    type: z.literal('retrying'),
    at,
    what: z.string(),
    waitMs: z.number().nonnegative().describe('milliseconds'),
    reason: z.string(),
  }),
  z.object({
    type: z.literal('ended'),
    at,
    exit: z.int().describe('the exit status'),
    verdict: verdict.optional().describe('of what verifies'),
    waybill: digest.optional(),
    receipt: digest.optional().describe('of the manifest of the receipt that was signed'),
  }),
  z.object({
    type: z.literal('error'),
    at,
    schema: z.literal('waybill.error.v1').describe('the other members are those of this document'),
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    exit: z.int(),
    side: z.enum(['source', 'sink', 'medium', 'operator']).optional(),
    subject: z.string().optional(),
    details: z.array(z.string()).optional(),
  }),
])

export type EventLine = z.infer<typeof EVENT_LINE>

/** What the program says around the events of the work. */
type Around = 'hello' | 'ended' | 'error'

/** The lines of the work are its events, and each event has a line: members and all. */
type Described = Exclude<EventLine, { readonly type: Around }>
type MembersOf<T> = T extends { readonly type: infer Type extends string }
  ? `${Type}.${Exclude<keyof T, 'at'> & string}`
  : never
true satisfies [MembersOf<Described>, MembersOf<TransferEvent>] extends [MembersOf<TransferEvent>, MembersOf<Described>]
  ? true
  : never
