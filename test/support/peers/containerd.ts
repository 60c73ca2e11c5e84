import { type Daemon, startDaemon } from './daemon.js'
import type { Workspace } from './workspace.js'

export interface Containerd {
  /** Runs `ctr` in a namespace of its own, and gives what it prints. @throws where it fails */
  readonly ctr: (...args: readonly string[]) => Buffer
  readonly stop: Daemon['stop']
}

/** Plugins that want devices, file systems or settings that a test has no business with. */
const DISABLED = [
  'io.containerd.grpc.v1.cri',
  'io.containerd.internal.v1.opt',
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs',
]

/** A containerd with its own root and socket in the workspace. It needs root. */
export async function startContainerd(space: Workspace): Promise<Containerd> {
  const socket = space.path('c.sock')
  const config = [
    'version = 2',
    `root = ${JSON.stringify(space.path('ctd-root'))}`,
    `state = ${JSON.stringify(space.path('ctd-state'))}`,
    `disabled_plugins = ${JSON.stringify(DISABLED)}`,
    `[grpc]\naddress = ${JSON.stringify(socket)}\nuid = 0\ngid = 0`,
    `[ttrpc]\naddress = ${JSON.stringify(`${socket}.ttrpc`)}`,
    '[debug]\nlevel = "warn"',
  ]
  const file = await space.write('containerd.toml', `${config.join('\n')}\n`)
  const daemon = await startDaemon('containerd', ['--config', file], {
    env: space.env,
    log: space.path('containerd.log'),
    ready: async () => space.run('ctr', ['-a', socket, '--timeout', '2s', 'version']).status === 0,
  })
  return {
    ctr: (...args) => space.bytes('ctr', ['-a', socket, '-n', 'waybill', ...args]),
    stop: daemon.stop,
  }
}
