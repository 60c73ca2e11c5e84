import { TransferError } from '../../errors.js'
import { digestOf } from '../../oci/digest.js'
import { logPath, nodeLogDisk, type RewriteDisk, readLog } from '../../state/log-file.js'
import { type OpenLog, openLogFile } from '../../state/open-log.js'
import { type JournalEntry, nameFields } from './entries.js'
import { explainDamage, finishedOf, foldJournal, type JournalState } from './fold.js'
import type { PlannedName } from './planned-name.js'

/** What was done at targets, a journal for each registry. */
export interface Journals {
  /** What the journal of a registry says; nothing is written, and nothing is taken. @throws ERR_STATE_DAMAGED, ERR_MEDIUM */
  read(registry: string): Promise<JournalState>
  /**
   * Takes a registry for one import, until it is closed.
   * @throws ERR_TARGET_BUSY, ERR_STATE_DAMAGED, ERR_MEDIUM, ERR_LIMIT_EXCEEDED
   */
  take(registry: string): Promise<Journal>
}

/**
 * The journal of one registry, that this process alone writes. Each step is on the disk when its promise is kept.
 * @throws ERR_DISK_FULL, ERR_MEDIUM from every step
 */
export interface Journal {
  readonly state: JournalState
  /** An earlier import that was interrupted: from now on it counts as ended, or as given up. */
  settle(how: 'ended' | 'abandoned', at: string): Promise<void>
  /** Begins an import; of what was finished before only a line each is kept. Nothing for one that goes on. */
  begin(begun: Omit<Extract<JournalEntry, { readonly step: 'begun' }>, 'step' | 'registry'>): Promise<void>
  /** Says once for an import that a repository has all of its content. */
  content(repository: string): Promise<void>
  /** Says once for an import that it came so far. */
  reached(step: 'signed' | 'remembered' | 'named'): Promise<void>
  /** Before the first tag: whatever happens from now on, these are set in the end. */
  naming(names: readonly PlannedName[]): Promise<void>
  close(): Promise<void>
}

/** Journals in a folder. */
export function folderJournals(folder: string, disk: RewriteDisk = nodeLogDisk): Journals {
  const placeOf = (host: string) => {
    const registry = host.toLowerCase()
    return { registry, path: journalPath(folder, registry) }
  }
  return {
    read: async (host) => {
      const place = placeOf(host)
      return await readable(async () => foldJournal(await readLog(place.path), place), place.path)
    },
    take: async (host) => {
      const place = placeOf(host)
      const busy = (pid: number): TransferError => {
        const message = `another import (process ${pid}) works on ${place.registry}`
        return new TransferError('ERR_TARGET_BUSY', message, { side: 'operator', subject: place.path })
      }
      return await readable(async () => {
        const log = await openLogFile(place.path, { busy, disk })
        try {
          return takenJournal(log, foldJournal(log.log, place), place.registry)
        } catch (cause) {
          await log.close()
          throw cause
        }
      }, place.path)
    },
  }
}

/** Where the journal of a registry is: its host, spelled so that every file system takes it. */
export function journalPath(folder: string, registry: string): string {
  const plain = registry.replaceAll(':', '~').replaceAll('[', '(').replaceAll(']', ')')
  const long = plain.length > MAX_PLAIN
  const name = long ? `${plain.slice(0, MAX_PLAIN)}~${digestOf(Buffer.from(registry)).slice(-32)}` : plain
  return logPath(folder, name)
}

const MAX_PLAIN = 80

async function readable<T>(read: () => Promise<T>, path: string): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw explainDamage(cause, path)
  }
}

function takenJournal(log: OpenLog, state: JournalState, registry: string): Journal {
  const history = [...state.history]
  let begun = state.unfinished?.begun
  let content = new Set(state.unfinished?.content)
  let steps = new Set(state.unfinished?.steps)
  const settle: Journal['settle'] = async (step, at) => {
    if (begun === undefined) return
    const entry = { step, ...finishedOf(begun, at) }
    await log.append(entry)
    history.push(entry)
    begun = undefined
  }
  return {
    state,
    settle,
    begin: async (given) => {
      if (begun !== undefined) return
      const entry = { step: 'begun' as const, registry, ...given }
      await log.rewrite([...history, entry])
      begun = entry
      content = new Set()
      steps = new Set()
    },
    content: async (repository) => {
      if (content.has(repository)) return
      await log.append({ step: 'content', repository })
      content.add(repository)
    },
    reached: async (step) => {
      if (steps.has(step)) return
      await log.append({ step })
      steps.add(step)
    },
    naming: async (names) => {
      await log.append({ step: 'naming', set: names.map(nameFields) })
    },
    close: () => log.close(),
  }
}
