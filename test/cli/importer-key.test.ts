import { expect, test } from 'vitest'
import type { CommandContext } from '../../src/cli/context.js'
import { type ImporterKeyWords, withImporterKey } from '../../src/cli/importer-key.js'

const NOBODY = {} as CommandContext
const opened = (words: ImporterKeyWords) => withImporterKey(words, NOBODY, async (signing) => signing)

test('an importer that names no key has none', async () => {
  expect(await opened({})).toBeUndefined()
})

test.each<[string, ImporterKeyWords]>([
  ['a countersignature', { countersign: true }],
  ['a certificate', { cert: 'signing.crt' }],
  ['an expiry', { expiry: '30d' }],
  ['a format', { signFormat: 'cose' }],
  ['a timestamp', { timestampUrl: 'http://tsa.example' }],
  ['a password', { passwordFile: 'password' }],
  ['a key of a plugin', { keyId: 'key' }],
])('%s without a key is refused before anything is opened', async (_, words) => {
  await expect(opened(words)).rejects.toMatchObject({ code: 'ERR_USAGE' })
})
