import { fileURLToPath } from 'node:url'
import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import type { Emit } from '../events.js'
import type { EvidenceOptions } from '../export/evidence/gather.js'
import type { Exchange, ExchangeAnswer, ExchangeRequest } from '../web/exchange.js'
import type { CommandContext, NetworkOptions } from './context.js'
import { readEvidenceFile, readEvidenceFiles } from './evidence-files.js'
import { openExchange } from './web.js'

/** Options of an export about evidence. */
export interface EvidenceFlags {
  /** files and folders */
  readonly evidence?: readonly string[]
  readonly noEvidence?: boolean
  /** `FROM=TO` */
  readonly evidenceUrl?: readonly string[]
  readonly evidenceProxy?: string
  readonly requireEvidence?: boolean
}

export interface OpenedEvidence {
  readonly evidence: EvidenceOptions
  close(): Promise<void>
}

/**
 * Everything that the operator says about evidence, read and checked before anything else happens.
 * @throws ERR_USAGE, ERR_CONFIG_INVALID, ERR_JSON_INVALID, ERR_LIMIT_EXCEEDED, ERR_MEDIUM
 */
export async function openEvidence(
  flags: EvidenceFlags & NetworkOptions,
  context: Pick<CommandContext, 'emit' | 'generator' | 'now'>,
): Promise<OpenedEvidence> {
  const { evidence = [], noEvidence = false, evidenceUrl = [], evidenceProxy, requireEvidence = false } = flags
  if (noEvidence) {
    if (!requireEvidence && evidence.length + evidenceUrl.length === 0 && evidenceProxy === undefined)
      return nothing(context.now)
    const message = '--no-evidence cannot be given with other options about evidence'
    throw new TransferError('ERR_USAGE', message, { side: 'operator' })
  }
  const detours = evidenceUrl.map(parseDetour)
  const files = await readEvidenceFiles(evidence, context.emit)
  const web = await openExchange(flags, { proxy: evidenceProxy, agent: context.generator })
  return {
    evidence: {
      files,
      exchange: withDetours(web.exchange, detours, context.emit),
      required: requireEvidence,
      now: context.now,
    },
    close: () => web.close(),
  }
}

function nothing(now: () => Date): OpenedEvidence {
  return { evidence: { files: [], required: false, now }, close: async () => undefined }
}

interface Detour {
  readonly from: string
  readonly to: string
}

/**
 * `FROM=TO`: an address in certificates, and what is asked in its place. A FROM that ends with a slash stands for all that is
 * below it; not for a file, or a stranger's certificate could choose among the files of this machine.
 */
function parseDetour(text: string): Detour {
  const [, from = '', to = ''] = /^(https?:\/\/.*?)=(https?:\/\/.+|file:.+)$/s.exec(text) ?? []
  const suits = from.endsWith('/') ? /^https?:.*\/$/s.test(to) : from !== ''
  if (suits && (to.startsWith('file:') || URL.canParse(to))) return { from, to }
  throw new TransferError(
    'ERR_USAGE',
    `--evidence-url is not FROM=TO, two addresses, or an address and file:PATH: ${JSON.stringify(text.slice(0, 200).replaceAll(/\/\/[^/?#]*@/g, '//…@'))}`,
    { side: 'operator' },
  )
}

/**
 * Whoever is asked in place of an address is the exporter's affair: what went wrong there is told here, and the reason that
 * the bundle carries has no name of an inner network, and no path (docs/adr/0022).
 */
function withDetours(exchange: Exchange, detours: readonly Detour[], emit: Emit): Exchange {
  return async (request) => {
    const detour = detours.find(
      ({ from }) => request.url === from || (from.endsWith('/') && request.url.startsWith(from)),
    )
    if (detour === undefined) return await exchange(request)
    const url = detour.to + request.url.slice(detour.from.length)
    try {
      return await (url.startsWith('file:') ? fromFile(url, request) : exchange({ ...request, url }))
    } catch (cause) {
      if (!(cause instanceof TransferError)) throw cause
      const message = `in place of ${printable(request.url, 300)}: ${cause.message}`
      emit({ type: 'warning', code: 'evidence-missing', message })
      throw new TransferError(cause.code, 'what the operator named in its place could not be had', { side: 'source' })
    }
  }
}

async function fromFile(url: string, { maxBytes }: ExchangeRequest): Promise<ExchangeAnswer> {
  const body = await readEvidenceFile(url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length))
  if (body.byteLength <= maxBytes) return { status: 200, body }
  throw new TransferError('ERR_LIMIT_EXCEEDED', `${url} has more than ${maxBytes} bytes`, { side: 'operator' })
}
