import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { readTrustStore } from '../../trust/store/trust-store.js'
import type { Machine } from '../../tui/means.js'
import { workingFolder } from '../compose.js'
import type { CommandContext } from '../context.js'
import { DEFAULT_STORE } from '../defaults.js'
import { POLICY_FILE } from '../policy.js'

/** Where first steps make keys, and where they are looked for. */
export function keysFolder({ configDir }: Pick<CommandContext, 'configDir'>): string {
  return join(configDir, 'keys')
}

/**
 * What is configured on this machine.
 * @param here `registry`: one that was started from the screens, and runs
 */
export async function machineOf(
  context: Pick<CommandContext, 'configDir'>,
  here: { readonly registry?: string | undefined } = {},
): Promise<Machine> {
  const { configDir } = context
  const folder = keysFolder(context)
  const keys = {
    key: join(folder, 'signing.key'),
    chain: join(folder, 'signing.crt'),
    ca: join(folder, 'ca.crt'),
  }
  const policy = join(configDir, POLICY_FILE)
  const has = await Promise.all([keys.key, keys.chain, keys.ca, policy].map(isFile))
  return {
    configDir,
    trusted: await trustedExporters(configDir),
    ...(has[0] && has[1] && has[2] ? { keys } : {}),
    ...(has[3] ? { policy } : {}),
    ...(here.registry === undefined ? {} : { registry: here.registry }),
    folder: workingFolder(),
  }
}

/** A store that is absent or damaged trusts nobody; whoever verifies is told what is wrong with it. */
async function trustedExporters(configDir: string): Promise<number> {
  const found = await readTrustStore(configDir, { type: 'ca', name: DEFAULT_STORE }).catch(() => [])
  return found.length
}

async function isFile(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isFile() === true
}
