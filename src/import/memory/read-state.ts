import { isStreamName } from '../../bundle/stream.js'
import { TransferError } from '../../errors.js'
import { loggedStreams, logPath, readLog } from '../../state/log-file.js'
import { damaged, type Log } from '../../state/log-lines.js'
import { foldRecords, type ImporterState, type StreamState } from './state.js'
import { parseRecord } from './stream-record.js'

/**
 * What the importer remembers in a folder; nothing where there is no folder. It writes nothing, and takes no lock: a log
 * only grows.
 * @throws ERR_STATE_DAMAGED, ERR_MEDIUM, ERR_LIMIT_EXCEEDED
 */
export async function readState(folder: string): Promise<ImporterState> {
  const state = new Map<string, StreamState>()
  for (const stream of await loggedStreams(folder)) {
    const path = logPath(folder, stream)
    if (!isStreamName(stream)) {
      const message = `${path} is not named after a stream`
      throw new TransferError('ERR_STATE_DAMAGED', message, { side: 'operator', subject: path })
    }
    const known = streamState(await readLog(path), { path, stream })
    if (known !== undefined) state.set(stream, known)
  }
  return state
}

/** What one stream's log says. @throws ERR_STATE_DAMAGED */
export function streamState(
  log: Log,
  { path, stream }: { readonly path: string; readonly stream: string },
): StreamState | undefined {
  const records = log.entries.map((entry, at) => {
    const record = parseRecord(entry, { path, line: at + 1 })
    // A file under another name would be asked about another stream.
    if (record.stream !== stream) throw damaged({ path, line: at + 1 }, `it is about the stream ${record.stream}`)
    return record
  })
  return foldRecords(records, log.head)
}
