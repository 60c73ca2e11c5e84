import { describe, expect, test } from 'vitest'
import { keyNamed, parseKeyList } from '../../src/keys/key-list.js'

const CONFIG = expect.objectContaining({ code: 'ERR_CONFIG_INVALID' })
const USAGE = expect.objectContaining({ code: 'ERR_USAGE' })
const FILE = { name: 'a', keyPath: '/keys/a.key', certPath: '/keys/a.crt' }
const PLUGIN = { name: 'b', id: 'vault/b', pluginName: 'azure-kv', pluginConfig: { region: 'eu' } }

function list(document: unknown) {
  return parseKeyList(Buffer.from(JSON.stringify(document)), 'signingkeys.json')
}

describe('the keys that notation knows', () => {
  test('are files with their certificates, and keys of plugins', () => {
    const { keys, standard } = list({ default: 'b', keys: [FILE, PLUGIN], other: true })

    expect(keys.get('a')).toEqual({ kind: 'file', path: '/keys/a.key', cert: '/keys/a.crt' })
    expect(keys.get('b')).toEqual({ kind: 'plugin', name: 'azure-kv', keyId: 'vault/b', config: { region: 'eu' } })
    expect(standard).toBe('b')
  })

  test.each([
    ['are none where the list is empty', {}],
    ['have no default where it is null', { default: null, keys: [FILE] }],
    ['have no default where it is empty', { default: '', keys: [FILE] }],
    ['need no settings', { keys: [{ ...PLUGIN, pluginConfig: null }] }],
  ])('%s', (_, document) => {
    expect(list(document).standard).toBeUndefined()
  })

  test.each([
    ['something else than an object', []],
    ['keys that are no list', { keys: {} }],
    ['a key that is no object', { keys: ['a'] }],
    ['a key without a name', { keys: [{ ...FILE, name: '' }] }],
    ['a name twice', { keys: [FILE, { ...PLUGIN, name: 'a' }] }],
    ['a default that is none of them', { default: 'c', keys: [FILE, PLUGIN] }],
    ['a default that is no text', { default: 1, keys: [FILE] }],
    ['a key that is nowhere', { keys: [{ name: 'a' }] }],
    ['a key that is in two places', { keys: [{ ...FILE, ...PLUGIN }] }],
    ['a file without certificates', { keys: [{ name: 'a', keyPath: '/keys/a.key' }] }],
    ['a plugin that is not told which key', { keys: [{ name: 'b', pluginName: 'azure-kv' }] }],
    ['settings that are no object', { keys: [{ ...PLUGIN, pluginConfig: ['a'] }] }],
    ['a setting that is no text', { keys: [{ ...PLUGIN, pluginConfig: { a: 1 } }] }],
  ])('are refused with %s', (_, document) => {
    expect(() => list(document)).toThrow(CONFIG)
  })

  test('are refused where the list is not strict JSON', () => {
    expect(() => parseKeyList(Buffer.from('{"keys":[],"keys":[]}'), 'signingkeys.json')).toThrow(CONFIG)
  })

  test('are found by their names, and the default without one', () => {
    const keys = list({ default: 'b', keys: [FILE, PLUGIN] })

    expect(keyNamed(keys, 'a')).toMatchObject({ kind: 'file' })
    expect(keyNamed(keys, '')).toMatchObject({ kind: 'plugin' })
    expect(() => keyNamed(keys, 'c')).toThrow(USAGE)
    expect(() => keyNamed(list({ keys: [FILE] }), '')).toThrow(USAGE)
    expect(() => keyNamed(list({}), '__proto__')).toThrow(USAGE)
  })
})
