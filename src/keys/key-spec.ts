import { TransferError } from '../errors.js'
import { isPkcs11Uri, type Pkcs11Uri, parsePkcs11Uri } from './pkcs11-uri.js'

/** What the command line says about a key; no password is among it, because every process can read a command line. */
export interface KeyWords {
  /** FILE, `pkcs11:URI`, `plugin:NAME` or `notation:NAME` */
  readonly key?: string
  /** a file with the certificate chain, leaf first */
  readonly cert?: string
  /** the plugin's name for the key */
  readonly keyId?: string
  /** K=V, for the plugin */
  readonly pluginConfig?: readonly string[]
  /** a file with the password of the key, or with the PIN of the token */
  readonly passwordFile?: string
}

/** Where a key is. Holds no secret, only where one can be read. */
export type KeySpec = FileKeySpec | TokenKeySpec | PluginKeySpec | NamedKeySpec

export interface FileKeySpec {
  readonly kind: 'file'
  readonly path: string
  readonly cert?: string
  readonly passwordFile?: string
}

export interface TokenKeySpec {
  readonly kind: 'pkcs11'
  readonly uri: Pkcs11Uri
  readonly cert?: string
  readonly passwordFile?: string
}

export interface PluginKeySpec {
  readonly kind: 'plugin'
  readonly name: string
  readonly keyId: string
  readonly config: Readonly<Record<string, string>>
  readonly cert?: string
}

/** A key that notation knows by a name, in the `signingkeys.json` of the configuration folder. */
export interface NamedKeySpec {
  readonly kind: 'notation'
  /** empty: the default key */
  readonly name: string
  readonly passwordFile?: string
}

/**
 * What the words on a command line, or in a plugin's configuration, say about a key.
 * @throws ERR_USAGE
 */
export function parseKeySpec(words: KeyWords): KeySpec {
  const { key, cert, passwordFile } = words
  if (key === undefined || key === '')
    return refuse('no key is given: --key FILE, pkcs11:URI, plugin:NAME or notation:NAME')
  const shared = {
    ...(cert === undefined ? {} : { cert }),
    ...(passwordFile === undefined ? {} : { passwordFile }),
  }
  if (key.startsWith('plugin:')) return pluginSpec(key.slice('plugin:'.length), words)
  if (words.keyId !== undefined || (words.pluginConfig ?? []).length > 0) {
    return refuse('--key-id and --plugin-config are for keys of plugins: --key plugin:NAME')
  }
  if (key.startsWith('notation:')) return namedSpec(key.slice('notation:'.length), words)
  if (!isPkcs11Uri(key)) return { kind: 'file', path: key, ...shared }
  const uri = parsePkcs11Uri(key)
  if (uri.pinSource !== undefined && passwordFile !== undefined) {
    return refuse('the PIN is given twice: in the pin-source of the URI, and as --password-file')
  }
  return { kind: 'pkcs11', uri, ...shared }
}

function pluginSpec(name: string, { keyId, pluginConfig, passwordFile, cert }: KeyWords): PluginKeySpec {
  if (passwordFile !== undefined) refuse('--password-file is not for plugins: they ask for their secrets themselves')
  if (name === '') refuse('no plugin is named: --key plugin:NAME')
  if (keyId === undefined || keyId === '') return refuse('the plugin wants to know which key: --key-id ID')
  return { kind: 'plugin', name, keyId, config: configOf(pluginConfig ?? []), ...(cert === undefined ? {} : { cert }) }
}

function namedSpec(name: string, { cert, passwordFile }: KeyWords): NamedKeySpec {
  if (cert !== undefined) refuse('--cert is not for a key that notation knows: its list names the certificates')
  return { kind: 'notation', name, ...(passwordFile === undefined ? {} : { passwordFile }) }
}

function configOf(words: readonly string[]): Readonly<Record<string, string>> {
  const config = new Map<string, string>()
  for (const word of words) {
    const at = word.indexOf('=')
    const name = word.slice(0, at)
    // The word is not repeated: its value may be a secret.
    if (at < 1) refuse('--plugin-config is not of the form NAME=VALUE')
    if (config.has(name)) refuse(`--plugin-config gives ${JSON.stringify(name.slice(0, 80))} twice`)
    config.set(name, word.slice(at + 1))
  }
  return Object.fromEntries(config)
}

function refuse(why: string): never {
  throw new TransferError('ERR_USAGE', why, { side: 'operator' })
}
