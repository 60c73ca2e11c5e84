import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { type Daemon, freePort, startDaemon } from './daemon.js'
import { WAYBILL } from './waybill.js'
import type { Workspace } from './workspace.js'

export const REGISTRIES = ['docker-registry', 'registry', 'olareg', 'waybill'] as const
export type RegistryName = (typeof REGISTRIES)[number]

/** Those that list referrers by themselves; the others have the fallback tag. */
export function hasReferrersApi(name: RegistryName): boolean {
  return name === 'olareg' || name === 'waybill'
}

export interface RunningRegistry {
  readonly name: RegistryName
  /** HOST:PORT */
  readonly host: string
  /** where it keeps what it has */
  readonly folder: string
  readonly stop: () => Promise<void>
}

let started = 0

/** An empty registry on a free port of this machine. */
export function startRegistryPeer(space: Workspace, name: RegistryName): Promise<RunningRegistry> {
  return startPeer(space, name, START[name])
}

export interface Place {
  /** an empty folder for what the registry keeps */
  readonly folder: string
  readonly port: number
}

type Start = (space: Workspace, place: Place) => Promise<Daemon>

export async function startPeer(space: Workspace, name: RegistryName, start: Start): Promise<RunningRegistry> {
  started += 1
  const folder = space.path(`${name}-${started}`)
  await mkdir(folder)
  const port = await freePort()
  const daemon = await start(space, { folder, port })
  return { name, host: `127.0.0.1:${port}`, folder, stop: daemon.stop }
}

const START: Readonly<Record<RegistryName, Start>> = {
  'docker-registry': (space, place) => startDistribution(space, 'docker-registry', place),
  registry: (space, place) => startDistribution(space, 'registry', place),
  olareg: (space, place) => startOlareg(space, place),
  waybill: (space, { folder, port }) =>
    startDaemon(process.execPath, [WAYBILL, 'serve', '--store', folder, '--listen', `127.0.0.1:${port}`], {
      env: space.env,
      log: `${folder}.log`,
      ready: async (output) => output.includes(`listening on http://127.0.0.1:${port}`),
    }),
}

export interface DistributionOptions extends Place {
  /** path of an htpasswd file with bcrypt hashes */
  readonly htpasswd?: string
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** Take an index some of whose platforms are not there. */
  readonly sparse?: boolean
}

/** Distribution 2 and 3 read the same configuration. */
export async function startDistribution(
  space: Workspace,
  program: 'docker-registry' | 'registry',
  options: DistributionOptions,
): Promise<Daemon> {
  const { folder, port, htpasswd, tls, sparse = false } = options
  const file = `${folder}.yml`
  const auth = htpasswd === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: htpasswd } } }
  const configuration = {
    version: 0.1,
    log: { level: 'warn' },
    storage: {
      filesystem: { rootdirectory: folder },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: `127.0.0.1:${port}`, ...(tls === undefined ? {} : { tls }) },
    ...auth,
    ...(sparse ? { validation: { manifests: { indexes: { platforms: 'none' } } } } : {}),
  }
  await writeFile(file, JSON.stringify(configuration)) // JSON is YAML
  return startDaemon(program, ['serve', file], {
    env: { ...space.env, OTEL_TRACES_EXPORTER: 'none' },
    log: `${folder}.log`,
    ready: () => (tls === undefined ? answers(port) : accepts(port)),
  })
}

export function startOlareg(
  space: Workspace,
  options: Place & {
    /** path of a file with users; each then needs a token */
    readonly tokens?: string
    readonly sparse?: boolean
    /** Take away what has no tag and hangs on nothing, every second, and at once. */
    readonly collecting?: boolean
  },
): Promise<Daemon> {
  const { folder, port, tokens, sparse = false, collecting = false } = options
  const collection = ['--gc-frequency', '1s', '--gc-grace-period', '1ms', '--gc-untagged', '--gc-referrer-dangling']
  const auth = tokens === undefined ? [] : ['--auth-token-opaque', tokens, '--external-url', `http://127.0.0.1:${port}`]
  return startDaemon(
    'olareg',
    [
      'serve',
      '--addr',
      '127.0.0.1',
      '--port',
      `${port}`,
      '--dir',
      folder,
      '--api-delete',
      '--api-blob-delete',
      ...auth,
      ...(sparse ? ['--api-sparse-index'] : []),
      ...(collecting ? collection : []),
    ],
    { env: space.env, log: `${folder}.log`, ready: () => answers(port) },
  )
}

async function answers(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => undefined)
  await answer?.body?.cancel()
  return answer !== undefined && (answer.status === 200 || answer.status === 401)
}

/** Speaking TLS to it is the test's business; that it listens is enough here. */
async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
