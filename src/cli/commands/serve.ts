import { TransferError } from '../../errors.js'
import type { CommandContext, ExitCode } from '../context.js'

export interface ServeCommandOptions {
  readonly store: string
  readonly listen: string
}

/** `serve`: a registry on a folder, until the program is told to stop. */
export async function serve(options: ServeCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { startRegistry } = await import('../../serve/registry-server.js')
  const { host, port } = parseListen(options.listen)
  const running = await startRegistry({
    store: options.store,
    host,
    port,
    log: ({ method, target, status, problem }) => {
      if (problem === undefined) return
      context.emit({ type: 'warning', code: `HTTP_${status}`, message: `${method} ${target}: ${problem}` })
    },
  })
  context.print({ schema: 'waybill.serve.v1', url: running.url, store: options.store }, [`listening on ${running.url}`])
  if (!context.signal.aborted) {
    await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  await running.close()
  return 0
}

function parseListen(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[^:]+):([0-9]{1,5})$/.exec(text) ?? []
  if (host === undefined || port === undefined || Number(port) > 65_535) {
    throw new TransferError(
      'ERR_USAGE',
      `not an address to listen on: ${JSON.stringify(text.slice(0, 200))}; write HOST:PORT`,
      {
        side: 'operator',
      },
    )
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}
