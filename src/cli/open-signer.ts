import { join } from 'node:path'
import { TransferError } from '../errors.js'
import type { KeySpec, NamedKeySpec, PluginKeySpec } from '../keys/key-spec.js'
import type { OpenKeyGiven } from '../keys/open-key.js'
import { parsePemCertificates } from '../trust/certificate/certificate.js'
import type { EnvelopeSigner, OpenSigner } from '../trust/key/signer.js'
import { pluginAccess } from './compose.js'
import type { CommandContext } from './context.js'

/** A key that is open, whatever it is in. Whoever opened it closes it. */
export type OpenedKey = OpenSigner | (EnvelopeSigner & { close(): Promise<void> })

/** A key by where it is. */
export type PlacedKeySpec = Exclude<KeySpec, NamedKeySpec>

/**
 * Where a key is: of one that notation knows by a name, what its list says.
 * @throws ERR_CONFIG_INVALID, ERR_USAGE, ERR_MEDIUM
 */
export async function placeKey(spec: KeySpec, { configDir, readFile }: CommandContext): Promise<PlacedKeySpec> {
  if (spec.kind !== 'notation') return spec
  const { keyNamed, parseKeyList } = await import('../keys/key-list.js')
  const path = join(configDir, 'signingkeys.json')
  const found = keyNamed(parseKeyList(await readFile(path), path), spec.name)
  if (spec.passwordFile === undefined) return found
  if (found.kind === 'file') return { ...found, passwordFile: spec.passwordFile }
  throw new TransferError('ERR_USAGE', '--password-file is not for plugins: they ask for their secrets themselves', {
    side: 'operator',
  })
}

/**
 * Opens a key in a file, on a token or behind a plugin. Only what is needed for it is loaded.
 * @throws ERR_KEY_UNUSABLE, ERR_CONFIG_INVALID, ERR_USAGE, ERR_PLUGIN_FAILED, ERR_MEDIUM
 */
export async function openSigner(named: KeySpec, context: CommandContext): Promise<OpenedKey> {
  const spec = await placeKey(named, context)
  if (spec.kind === 'plugin') return await openBehindPlugin(spec, context)
  const { openKey } = await import('../keys/open-key.js')
  return await openKey(spec, keyAccess(context))
}

/** What opening a key is given of the world. */
export function keyAccess(context: CommandContext): OpenKeyGiven {
  return { readFile: context.readFile, now: context.now(), signal: context.signal }
}

/** The certificates of a PEM file, leaf first. @throws ERR_CONFIG_INVALID, ERR_MEDIUM */
export async function readChain(path: string, { readFile }: Pick<CommandContext, 'readFile'>) {
  const pem = Buffer.from(await readFile(path)).toString('latin1')
  return parsePemCertificates(pem, `the signing certificate file ${path}`, 'ERR_CONFIG_INVALID')
}

async function openBehindPlugin({ cert, ...key }: PluginKeySpec, context: CommandContext): Promise<OpenedKey> {
  const { openPluginKey } = await import('../plugin/open-plugin-key.js')
  const chain = cert === undefined ? {} : { chain: await readChain(cert, context) }
  const given = { ...(await pluginAccess(context)), now: context.now(), signal: context.signal, ...chain }
  return await openPluginKey(key, given)
}
