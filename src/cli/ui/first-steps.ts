import { resolve } from 'node:path'
import { printable } from '../../encoding/printable.js'
import { shellWords } from '../../encoding/shell-words.js'
import { TransferError } from '../../errors.js'
import type { RunningRegistry } from '../../serve/registry-server.js'
import { parseCertificateFile } from '../../trust/certificate/certificate.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { FirstSteps } from '../../tui/means.js'
import { keysLines, makeKeyFiles } from '../commands/keys.js'
import { addTrusted, trustedLines } from '../commands/trust.js'
import { readNamedFile } from '../compose.js'
import type { CommandContext } from '../context.js'
import { DEFAULT_STORE } from '../defaults.js'
import { makeSample, sampleLines } from '../sample/make-sample.js'
import { commonOptions } from './import-words.js'

/** First steps, and what they have started. */
export interface StartedSteps extends FirstSteps {
  /** `HOST:PORT` of the registry that runs */
  readonly registry: () => string | undefined
  /** Ends what was started. */
  readonly close: () => Promise<void>
}

/** Reachable from this machine only: whoever reaches the registry may write to it. */
const HOST = '127.0.0.1'

/** What a machine without configuration needs, done as the commands do it. */
export function firstSteps(context: CommandContext): StartedSteps {
  const registry = oneRegistry()
  return {
    makeKeys: async (folder, name) => ({ lines: printed(keysLines(await makeKeyFiles(folder, name, context))) }),
    makeKeysCommand: (folder, name) => shellWords(['waybill', 'keys', 'init', folder, '--name', name]),
    readCertificate,
    async trustExporter(path, fingerprint) {
      const options = { store: DEFAULT_STORE, type: 'ca', fingerprint } as const
      return { lines: trustedLines(await addTrusted(path, options, context), options) }
    },
    trustExporterCommand: (path, fingerprint) =>
      shellWords(['waybill', 'trust', 'add', path, '--fingerprint', fingerprint, ...commonOptions(context)]),
    async startRegistry(store, port) {
      const started = await registry.start(resolve(store), port)
      return {
        host: hostOf(started),
        lines: printed([`listening on ${started.url}`, `what it is given lies in ${resolve(store)}`]),
      }
    },
    startRegistryCommand: (store, port) =>
      shellWords(['waybill', 'serve', '--store', store, '--listen', `${HOST}:${port}`]),
    async makeSample(folder, given) {
      const made = await makeSample(resolve(folder), context, given)
      return { ...made, lines: printed(sampleLines(made)) }
    },
    makeSampleCommand: (folder) => shellWords(['waybill', 'sample', folder]),
    registry: () => {
      const running = registry.running()
      return running && hostOf(running)
    },
    close: async () => await registry.running()?.close(),
  }
}

/** What a certificate says of itself. A file with more than one has nothing that could be compared. */
async function readCertificate(path: string) {
  const [first, ...others] = parseCertificateFile(await readNamedFile(path), path, 'ERR_CONFIG_INVALID')
  if (first === undefined || others.length > 0) {
    const message = `${path} has ${first === undefined ? 'no certificate' : `${1 + others.length} certificates`}; an exporter gives one`
    throw new TransferError('ERR_CONFIG_INVALID', message, { side: 'operator', subject: path })
  }
  return {
    subject: first.subject,
    notBefore: formatTimestamp(first.notBefore),
    notAfter: formatTimestamp(first.notAfter),
    fingerprint: first.thumbprint,
  }
}

/** As a target is named. */
function hostOf({ url }: RunningRegistry): string {
  return url.replace(/^http:\/\//, '')
}

function oneRegistry() {
  let running: RunningRegistry | undefined
  return {
    running: () => running,
    async start(store: string, port: number): Promise<RunningRegistry> {
      if (running !== undefined) {
        throw new TransferError('ERR_LISTEN', `a registry is running already: ${running.url}`, { side: 'operator' })
      }
      const { startRegistry } = await import('../../serve/registry-server.js')
      // Without a log: lines on standard error would break the screen, and whoever asked is told by the answer.
      running = await startRegistry({ store, host: HOST, port })
      return running
    },
  }
}

function printed(lines: readonly string[]): readonly string[] {
  return lines.map((line) => printable(line, 2000))
}
