import { join } from 'node:path'
import { openBundle } from '../bundle/reader.js'
import { isSequence, isStreamName, placeOf } from '../bundle/stream.js'
import { parseDuration } from '../encoding/duration.js'
import { TransferError } from '../errors.js'
import { isNewNumber, type NumberRecord, nextPlace, parseNumber, type WantedPlace } from '../export/numbering.js'
import type { ExportOptions, Numbering } from '../export/run.js'
import { isDigest } from '../oci/digest.js'
import { logPath, readLog } from '../state/log-file.js'
import type { Log } from '../state/log-lines.js'
import { openLog } from '../state/open-log.js'
import type { CommandContext } from './context.js'

/** What the command line of an export says about its stream. */
export interface StreamWords {
  readonly stream?: string
  readonly sequence?: string
  readonly previous?: string
  readonly expires?: string
  readonly dryRun?: boolean
}

/** The words, parsed; nothing has been opened. */
export interface StreamRequest {
  readonly lifetimeMs?: number
  readonly stream?: string
  readonly sequence?: number
  /** a digest or a path */
  readonly previous?: string
}

/** The place and the end of a bundle, and who keeps its number. */
export interface ExportStream extends Pick<ExportOptions, 'place' | 'lifetimeMs'> {
  readonly numbering?: Numbering
}

/** @throws ERR_USAGE */
export function parseStreamWords({ stream, sequence, previous, expires }: StreamWords): StreamRequest {
  const ending = expires === undefined ? {} : { lifetimeMs: lifetimeOf(expires) }
  if (stream === undefined) {
    if (sequence === undefined && previous === undefined) return ending
    throw usage('--sequence and --previous are about a stream: give --stream NAME')
  }
  if (!isStreamName(stream))
    throw usage(`--stream is not a name like acme/nightly: ${JSON.stringify(stream.slice(0, 200))}`)
  return {
    ...ending,
    stream,
    ...(sequence === undefined ? {} : { sequence: numberOf(sequence) }),
    ...(previous === undefined ? {} : { previous }),
  }
}

function numberOf(sequence: string): number {
  const number = /^[0-9]{1,16}$/.test(sequence) ? Number(sequence) : 0
  if (isSequence(number)) return number
  throw usage(`--sequence is not a number from 1 up: ${JSON.stringify(sequence.slice(0, 60))}`)
}

function lifetimeOf(expires: string): number {
  const lifetimeMs = parseDuration(expires)
  if (lifetimeMs !== undefined) return lifetimeMs
  throw usage(`--expires is not a span of time like 30d, 12h or 90m: ${JSON.stringify(expires.slice(0, 100))}`)
}

/**
 * Takes the numbers of the stream for this export, and gives them free after `use`; a dry run only looks at them.
 * @throws ERR_USAGE, ERR_STATE_BUSY, ERR_STATE_DAMAGED, ERR_MEDIUM
 */
export async function withStream<T>(
  { dryRun, ...words }: StreamRequest & { readonly dryRun: boolean },
  context: Pick<CommandContext, 'configDir'>,
  use: (given: ExportStream) => Promise<T>,
): Promise<T> {
  const { stream, lifetimeMs } = words
  const ending = lifetimeMs === undefined ? {} : { lifetimeMs }
  if (stream === undefined) return await use(ending)
  const wanted = await wantedPlace(stream, words)
  const folder = join(context.configDir, 'streams')
  const path = logPath(folder, stream)
  if (dryRun) {
    const numbers = numbersOf(await readLog(path), { path, stream })
    return await use({ ...ending, place: nextPlace(wanted, numbers) })
  }
  const file = await openLog(folder, stream)
  try {
    const numbers = numbersOf(file.log, { path, stream })
    const place = nextPlace(wanted, numbers)
    const numbering: Numbering = {
      check: (waybill) => void isNewNumber(place, waybill, numbers),
      record: async (waybill, createdAt) => {
        const record: NumberRecord = { ...place, waybill, createdAt }
        if (isNewNumber(place, waybill, numbers)) await file.append(record)
      },
    }
    return await use({ ...ending, place, numbering })
  } finally {
    await file.close()
  }
}

function numbersOf(log: Log, where: { readonly path: string; readonly stream: string }): readonly NumberRecord[] {
  return log.entries.map((entry, at) => parseNumber(entry, { ...where, line: at + 1 }))
}

async function wantedPlace(stream: string, { sequence, previous }: StreamRequest): Promise<WantedPlace> {
  const wanted = { stream, ...(sequence === undefined ? {} : { sequence }) }
  if (previous === undefined) return wanted
  if (isDigest(previous)) return { ...wanted, previous: { waybill: previous } }
  // The exporter's own file, named by its operator: it is read, not judged.
  const bundle = await openBundle(previous)
  try {
    const place = placeOf(bundle.document)
    if (place?.stream !== stream)
      throw usage(`${previous} belongs to ${place === undefined ? 'no stream' : `the stream ${place.stream}`}`)
    return { ...wanted, previous: { waybill: bundle.waybill.descriptor.digest, sequence: place.sequence } }
  } finally {
    await bundle.close()
  }
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
