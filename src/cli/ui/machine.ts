import type { FolderEntry, Machine } from '../../tui/means.js'
import type { CommandContext } from '../context.js'

/** What is configured on this machine. */
export async function machineOf({ configDir }: CommandContext): Promise<Machine> {
  return { configDir, trusted: 0, folder: process.cwd() }
}

/** What can be opened in a folder. @throws ERR_MEDIUM */
export async function listFolder(_folder: string): Promise<readonly FolderEntry[]> {
  return []
}
