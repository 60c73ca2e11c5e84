import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { pluginFailed } from './plugin-failure.js'

/** A plugin as its files are there; nothing has been run. */
export interface InstalledPlugin {
  readonly name: string
  /** path of the executable */
  readonly path: string
}

// Names come out of signatures, which anybody can make: nothing that could leave the folder, or look like an option.
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_-])?$/

/**
 * The executable `{folder}/{name}/notation-{name}` (plugin-extensibility, "Installation"): a regular file in a folder of its
 * own. Links are refused, because they may lead to something that nobody installed as a plugin. Undefined where there is
 * none of this name, or where this is no plugin's name.
 * @throws ERR_PLUGIN_FAILED where something else is in its place
 */
export async function findInstalled(folder: string, name: string): Promise<InstalledPlugin | undefined> {
  if (!NAME.test(name)) return undefined
  const own = await kindOf(join(folder, name))
  if (own === undefined) return undefined
  if (!own.isDirectory()) throw pluginFailed(name, 'is not installed in a folder of its own')
  const path = join(folder, name, `notation-${name}`)
  const file = await kindOf(path)
  if (file === undefined) throw pluginFailed(name, `has no executable ${path}`)
  if (!file.isFile()) throw pluginFailed(name, `is not a regular file: ${path}`)
  if ((file.mode & 0o111) === 0) throw pluginFailed(name, `is not executable: ${path}`)
  return { name, path }
}

async function kindOf(path: string) {
  try {
    return await lstat(path)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) {
      return undefined
    }
    throw pluginFailed(path, `cannot be looked at: ${cause instanceof Error ? cause.message : ''}`)
  }
}
