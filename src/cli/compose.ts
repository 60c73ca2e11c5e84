import { createReadStream } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ImageLayout } from '../content/image-layout.js'
import type { ContentSink, ContentSource, TagList } from '../content/store.js'
import { TransferError } from '../errors.js'
import type { OpenExportSource, OpenedExportSource } from '../export/pin.js'
import { type LayoutForm, layoutName, selectorOf } from '../export/request.js'
import type { Repository } from '../oci/reference.js'
import type { Registry } from '../registry/client.js'
import type { FindPlugin } from '../trust/plugin.js'
import type { ProxySettings } from '../web/proxies.js'
import type { CommandContext, CommonOptions, NetworkOptions, Screens } from './context.js'
import type { Interrupt } from './ui/host.js'
import { terminalFor } from './ui/terminal.js'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The configuration folder: `--config`, WAYBILL_CONFIG, or the place that the desktop's rules give.
 * @throws ERR_USAGE
 */
export function configFolder(options: CommonOptions, env: Environment = process.env): string {
  // A script's unset variable must not make the folder that it happens to stand in the one that says whom to trust.
  if (options.config === '') throw new TransferError('ERR_USAGE', '--config names no folder', { side: 'operator' })
  const base = env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
  return resolve(options.config ?? (env['WAYBILL_CONFIG'] || join(base, 'waybill')))
}

/**
 * When what is made now says it was made: SOURCE_DATE_EPOCH makes two exports of the same content the same bytes.
 * @throws ERR_USAGE
 */
export function creationTime(env: Environment = process.env): Date {
  const epoch = env['SOURCE_DATE_EPOCH']
  if (epoch === undefined || epoch === '') return new Date()
  if (!/^[0-9]{1,11}$/.test(epoch)) {
    throw new TransferError(
      'ERR_USAGE',
      `SOURCE_DATE_EPOCH is not a number of seconds: ${JSON.stringify(epoch.slice(0, 40))}`,
    )
  }
  return new Date(Number(epoch) * 1000)
}

export function currentTime(): Date {
  return new Date()
}

/** The folder in which the person stands. */
export function workingFolder(): string {
  return process.cwd()
}

/** The terminal that a person looks at, where there is one. */
export function terminalHere(interrupt: Interrupt): Screens | undefined {
  return terminalFor(process, { env: process.env, interrupt })
}

export interface Connections {
  readonly openSource: OpenExportSource
  /** A repository of a target can be read from as well. */
  readonly openSink: (repository: Repository) => Promise<ContentSource & ContentSink & TagList>
  /** Registries to look around in, before anything is exported. */
  readonly browse: () => Promise<Registry>
  close(): Promise<void>
}

/** Real registries and layouts, opened when first asked for. Only commands that move content call this. */
export function connect(options: NetworkOptions, context: Pick<CommandContext, 'emit' | 'plainHttp'>): Connections {
  const registries = new Map<'source' | 'sink', Promise<Registry>>()
  const layouts = new Map<string, Promise<ImageLayout>>()
  const registry = (side: 'source' | 'sink'): Promise<Registry> => {
    const known = registries.get(side) ?? openClient(options, side, context)
    registries.set(side, known)
    return known
  }
  const layout = (path: string, form: LayoutForm, signal: AbortSignal): Promise<ImageLayout> => {
    const key = `${form}:${path}`
    const known = layouts.get(key) ?? openImageLayout(path, form, signal)
    layouts.set(key, known)
    return known
  }
  return {
    openSource: async (source, call) => {
      if (source.kind === 'layout') {
        const opened = await layout(source.path, source.form, call.signal)
        return await openLayoutSource(opened, source, call.signal)
      }
      const { repository, tag } = source.reference
      const store = (await registry('source')).repository(repository)
      const root = (given: { readonly signal: AbortSignal }) => store.resolve(selectorOf(source.reference), given)
      return { repository, ...(tag === undefined ? {} : { tag }), source: store, root }
    },
    openSink: async (repository: Repository) => (await registry('sink')).repository(repository),
    browse: () => registry('source'),
    async close() {
      for (const one of registries.values()) await (await one).close()
      for (const one of layouts.values()) await (await one).close()
    },
  }
}

/** The proxy that the operator names, for everything; else those of the environment, in small letters first, as curl. */
export function proxySettings(proxy: string | undefined, env: Environment = process.env): ProxySettings {
  if (proxy !== undefined) return { http: proxy, https: proxy }
  const of = (name: string): string => env[name.toLowerCase()] || (env[name] ?? '')
  return { http: of('HTTP_PROXY'), https: of('HTTPS_PROXY'), except: of('NO_PROXY') }
}

async function openClient(
  options: NetworkOptions,
  side: 'source' | 'sink',
  { emit, plainHttp }: Pick<CommandContext, 'emit' | 'plainHttp'>,
): Promise<Registry> {
  const { openRegistry } = await import('../registry/client.js')
  const { readCredentials } = await import('../registry/credentials.js')
  const { isLoopbackName } = await import('../registry/locality.js')
  const ca = options.ca === undefined ? undefined : [await readTextFile(options.ca)]
  return openRegistry({
    credentials: readCredentials({ env: process.env, home: homedir() }),
    plainHttp: (host) => plainHttp || isLoopbackName(host),
    ...(ca === undefined ? {} : { ca }),
    side,
    emit,
    now: () => Date.now(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    random: Math.random,
  })
}

/** Images that lie on a disk, opened for reading. */
export async function openImageLayout(path: string, form: LayoutForm, signal: AbortSignal): Promise<ImageLayout> {
  if (form === 'folder') {
    const { openLayoutFolder } = await import('../content/layout-folder.js')
    return await openLayoutFolder(path, { signal })
  }
  if (form === 'docker-archive') {
    const { openDockerArchive } = await import('../content/docker-archive.js')
    return await openDockerArchive(path, { signal })
  }
  const { openLayoutTar } = await import('../content/layout-tar.js')
  return await openLayoutTar(path, { signal })
}

async function openLayoutSource(
  layout: ImageLayout,
  { path, name }: { readonly path: string; readonly name?: string },
  signal: AbortSignal,
): Promise<OpenedExportSource> {
  const root = await layout.resolveRoot(name, { signal })
  return { ...layoutName(path, name ?? root.name), source: layout.source, root: async () => root.descriptor }
}

/** The verification plugins that are installed below a trust folder, `DIR/plugins/NAME/notation-NAME`. */
export function pluginsOf(trustDir: string): FindPlugin {
  return async (name, call) => {
    const { verificationPlugins } = await import('../plugin/verification-plugins.js')
    const { pluginEnvironment } = await import('../plugin/environment.js')
    const given = { folder: join(trustDir, 'plugins'), environment: pluginEnvironment(process.env) }
    return await verificationPlugins(given)(name, call)
  }
}

/** Where the plugins with keys are installed, as with notation, and what they get of the environment. */
export async function pluginAccess({ configDir }: Pick<CommandContext, 'configDir'>) {
  const { pluginEnvironment } = await import('../plugin/environment.js')
  return { folder: join(configDir, 'plugins'), environment: pluginEnvironment(process.env) }
}

/** A file that the operator named. @throws ERR_MEDIUM */
export async function readTextFile(path: string): Promise<string> {
  return (await readNamedFile(path)).toString('utf8')
}

const MAX_NAMED_FILE = 16 * 1024 * 1024

/** A small file that the operator named. @throws ERR_MEDIUM, ERR_LIMIT_EXCEEDED */
export async function readNamedFile(path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    // One byte more than is read: a device without end is noticed, and a pipe is as good as a file.
    for await (const chunk of createReadStream(path, { end: MAX_NAMED_FILE })) chunks.push(chunk as Buffer)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : ''
    throw new TransferError('ERR_MEDIUM', `cannot read ${path}: ${reason}`, { cause, side: 'operator', subject: path })
  }
  const bytes = Buffer.concat(chunks)
  if (bytes.byteLength <= MAX_NAMED_FILE) return bytes
  throw new TransferError('ERR_LIMIT_EXCEEDED', `${path} is larger than the ${MAX_NAMED_FILE} bytes that are read`, {
    side: 'operator',
    subject: path,
  })
}
