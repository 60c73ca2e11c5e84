import { describe, expect, test } from 'vitest'
import type { CommandContext } from '../../src/cli/context.js'
import { placeKey } from '../../src/cli/open-signer.js'
import { TransferError } from '../../src/errors.js'

const LIST = JSON.stringify({
  default: 'file',
  keys: [
    { name: 'file', keyPath: '/keys/a.key', certPath: '/keys/a.crt' },
    { name: 'vault', id: 'b', pluginName: 'azure-kv' },
  ],
})

function contextWith(files: Readonly<Record<string, string>>): CommandContext {
  const readFile = async (path: string): Promise<Uint8Array> => {
    const text = files[path]
    if (text === undefined) throw new TransferError('ERR_MEDIUM', `cannot read ${path}`)
    return Buffer.from(text)
  }
  return { configDir: '/etc/notation', readFile } as CommandContext
}

describe('a key that notation knows', () => {
  const context = contextWith({ '/etc/notation/signingkeys.json': LIST })

  test('is where its list says, in the configuration folder', async () => {
    const named = await placeKey({ kind: 'notation', name: '', passwordFile: 'pw' }, context)
    const ofPlugin = await placeKey({ kind: 'notation', name: 'vault' }, context)

    expect(named).toEqual({ kind: 'file', path: '/keys/a.key', cert: '/keys/a.crt', passwordFile: 'pw' })
    expect(ofPlugin).toEqual({ kind: 'plugin', name: 'azure-kv', keyId: 'b', config: {} })
  })

  test('has no password where a plugin has it', async () => {
    const asked = placeKey({ kind: 'notation', name: 'vault', passwordFile: 'pw' }, context)

    await expect(asked).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  test('needs the list', async () => {
    const asked = placeKey({ kind: 'notation', name: 'file' }, contextWith({}))

    await expect(asked).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })

  test('is not looked for where another key is meant', async () => {
    const spec = { kind: 'file', path: 'a.pem' } as const

    expect(await placeKey(spec, contextWith({}))).toBe(spec)
  })
})
