import { TransferError } from '../../errors.js'
import { openLog } from '../../state/open-log.js'
import type { ImporterMemory } from './memory.js'
import { readState } from './read-state.js'
import { headOf, type StreamState } from './state.js'

/**
 * What an importer remembers in a folder: a log for each stream. One process at a time writes a log (ADR 29), and what is
 * added is on the disk when `begin` returns.
 */
export function folderMemory(folder: string): ImporterMemory {
  return {
    recall: () => readState(folder),
    // State that must be there is asked of a registry only.
    requireKnown: () => {},
    take: async (stream, known) => {
      const file = await openLog(folder, stream)
      if (file.log.head !== headOf(known)) {
        await file.close()
        throw changedMeanwhile(file.path, stream)
      }
      return {
        begin: async (record) => {
          if (!addsTo(known, record)) return false
          await file.append(record)
          return true
        },
        // The lock ends with this process, and with nothing else.
        requireHeld: () => {},
        end: async () => {},
        close: () => file.close(),
      }
    },
  }
}

/** What is remembered already is not said again; but somebody's leave to go back is. */
function addsTo(known: StreamState | undefined, record: StreamState['last']): boolean {
  const { last } = known ?? {}
  const same = last?.sequence === record.sequence && last.waybill === record.waybill
  return !same || record.reason !== undefined
}

function changedMeanwhile(path: string, stream: string): TransferError {
  const message = `another import of the stream ${stream} was done while this bundle was verified`
  return new TransferError('ERR_STATE_BUSY', message, { side: 'operator', subject: path })
}
