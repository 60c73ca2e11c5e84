import { printable } from '../encoding/printable.js'
import { isJsonObject, type Json, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import type { FileKeySpec, PluginKeySpec } from './key-spec.js'

/** The keys that notation knows by names, each where it is: its file `signingkeys.json`. No key is in it. */
export interface KeyList {
  /** the name of the key that is meant where none is named */
  readonly standard?: string
  readonly keys: ReadonlyMap<string, FileKeySpec | PluginKeySpec>
}

type Refuse = (why: string) => never

/**
 * Reads a list of keys as notation keeps it: every key is a file with its certificates or a key of a plugin, no two have one
 * name, and the default is one of them. Members that notation does not know either are ignored.
 * @param path names the file in messages
 * @throws ERR_CONFIG_INVALID
 */
export function parseKeyList(bytes: Uint8Array, path: string): KeyList {
  const refuse: Refuse = (why) => {
    const message = `${path} is not a list of keys as notation keeps it: ${why}`
    throw new TransferError('ERR_CONFIG_INVALID', message, { side: 'operator', subject: path })
  }
  const { default: standard, keys: listed = [] } = readObject(bytes, path, refuse)
  if (!Array.isArray(listed)) return refuse('its keys are not a list')
  const keys = new Map<string, FileKeySpec | PluginKeySpec>()
  for (const item of listed as readonly Json[]) {
    const key = isJsonObject(item) ? item : refuse('a key is not an object')
    const name = textOf(key, 'name') ?? refuse('a key has no name')
    if (keys.has(name)) refuse(`two keys have the name ${quoted(name)}`)
    keys.set(
      name,
      readKey(key, (why) => refuse(`the key ${quoted(name)} ${why}`)),
    )
  }
  if (standard === undefined || standard === null || standard === '') return { keys }
  if (typeof standard !== 'string' || !keys.has(standard)) return refuse('its default is none of its keys')
  return { standard, keys }
}

/**
 * The key of this name, or the default one where the name is empty.
 * @throws ERR_USAGE where there is none
 */
export function keyNamed({ standard, keys }: KeyList, name: string): FileKeySpec | PluginKeySpec {
  const found = keys.get(name === '' ? (standard ?? '') : name)
  if (found !== undefined) return found
  const known = [...keys.keys()].slice(0, 20).map(quoted).join(', ')
  const which = name === '' ? 'names no default key' : `has no key ${quoted(name)}`
  throw new TransferError('ERR_USAGE', `notation’s list of keys ${which}; it has ${known === '' ? 'none' : known}`, {
    side: 'operator',
  })
}

function readKey(key: JsonObject, refuse: Refuse): FileKeySpec | PluginKeySpec {
  const path = textOf(key, 'keyPath')
  const plugin = textOf(key, 'pluginName')
  if ((path === undefined) === (plugin === undefined)) return refuse('is neither a file nor of a plugin, or both')
  if (path !== undefined) {
    const cert = textOf(key, 'certPath') ?? refuse('has no certificates (certPath)')
    return { kind: 'file', path, cert }
  }
  const keyId = textOf(key, 'id') ?? refuse('has no id for its plugin')
  return { kind: 'plugin', name: plugin ?? '', keyId, config: readConfig(key['pluginConfig'], refuse) }
}

function readConfig(config: Json | undefined, refuse: Refuse): Readonly<Record<string, string>> {
  if (config === undefined || config === null) return {}
  if (!isJsonObject(config)) return refuse('has a pluginConfig that is not an object')
  const settings = Object.entries(config).map(([name, value]): [string, string] => {
    return [name, typeof value === 'string' ? value : refuse('has a setting in its pluginConfig that is not a text')]
  })
  return Object.fromEntries(settings)
}

function readObject(bytes: Uint8Array, path: string, refuse: Refuse): JsonObject {
  const json = parseOr(bytes, path, refuse)
  return isJsonObject(json) ? json : refuse('it is not a JSON object')
}

function parseOr(bytes: Uint8Array, path: string, refuse: Refuse): Json {
  try {
    return parseStrictJson(bytes, path)
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : 'it is not JSON')
  }
}

function textOf(key: JsonObject, member: string): string | undefined {
  const value = key[member]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function quoted(name: string): string {
  return JSON.stringify(printable(name, 80))
}
