import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesOf, type Ran, type RunOptions, run, textOf } from './tool.js'

/** A folder, and an environment in which every tool keeps its settings and caches in that folder. */
export interface Workspace {
  readonly path: (...names: string[]) => string
  readonly env: Readonly<Record<string, string>>
  readonly run: (name: string, args: readonly string[], options?: RunOptions) => Ran
  readonly bytes: (name: string, args: readonly string[], options?: RunOptions) => Buffer
  readonly text: (name: string, args: readonly string[], options?: RunOptions) => string
  readonly write: (name: string, content: string | Uint8Array, mode?: number) => Promise<string>
  /** The same folder, with other settings. */
  readonly with: (env: Readonly<Record<string, string>>) => Workspace
  readonly remove: () => Promise<void>
}

/** Short, because a unix socket's path may have no more than 107 bytes. */
export async function openWorkspace(): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'wbi-'))
  const path = (...names: string[]) => join(root, ...names)
  const env = {
    HOME: path('home'),
    XDG_CONFIG_HOME: path('config'),
    XDG_CACHE_HOME: path('cache'),
    XDG_DATA_HOME: path('data'),
    XDG_RUNTIME_DIR: path('run'),
    DOCKER_CONFIG: path('home', '.docker'), // where skopeo looks as well
    REGCTL_CONFIG: path('regctl.json'),
    WAYBILL_CONFIG: path('waybill'),
  }
  for (const folder of ['home', 'config', 'cache', 'data', 'run', 'home/.docker']) await mkdir(path(folder))
  await chmod(path('run'), 0o700)
  await writeFile(path('home', '.docker', 'config.json'), '{}')
  return workspaceAt(root, env)
}

function workspaceAt(root: string, env: Readonly<Record<string, string>>): Workspace {
  const path = (...names: string[]) => join(root, ...names)
  const within = (options: RunOptions = {}): RunOptions => ({ cwd: root, ...options, env: { ...env, ...options.env } })
  return {
    path,
    env,
    run: (name, args, options) => run(name, args, within(options)),
    bytes: (name, args, options) => bytesOf(name, args, within(options)),
    text: (name, args, options) => textOf(name, args, within(options)),
    write: async (name, content, mode = 0o600) => {
      await writeFile(path(name), content, { mode })
      return path(name)
    },
    with: (other) => workspaceAt(root, { ...env, ...other }),
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
