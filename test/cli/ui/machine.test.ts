import { execFileSync } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listFolder } from '../../../src/cli/ui/folder-list.js'
import { machineOf } from '../../../src/cli/ui/machine.js'
import { formatReceipt } from '../../../src/receipt/receipt.js'
import { makeSigningKeys } from '../../../src/trust/key/new-keys.js'
import { addToTrustStore } from '../../../src/trust/store/trust-store.js'
import { aReceipt } from '../../support/receipts.js'
import { tmpFolder } from '../../support/tmp.js'

describe('what is configured on this machine', () => {
  test('is nothing at first, and then each thing that is there', async () => {
    const configDir = join(await tmpFolder(), 'config')

    expect(await machineOf({ configDir })).toEqual({ configDir, trusted: 0, folder: process.cwd() })

    const { caCertPem } = await makeSigningKeys({ name: 'Wabbit', now: new Date() })
    const store = { type: 'ca', name: 'exporters' } as const
    await addToTrustStore(configDir, Buffer.from(caCertPem), { store, fileName: 'ca.crt' })
    await mkdir(join(configDir, 'keys'))
    for (const name of ['signing.key', 'signing.crt', 'ca.crt']) await writeFile(join(configDir, 'keys', name), 'x')
    await writeFile(join(configDir, 'import-policy.yaml'), 'x')

    expect(await machineOf({ configDir }, { registry: '127.0.0.1:5000' })).toMatchObject({
      trusted: 1,
      keys: { key: join(configDir, 'keys', 'signing.key') },
      policy: join(configDir, 'import-policy.yaml'),
      registry: '127.0.0.1:5000',
    })
  })
})

describe('the files of a folder', () => {
  test('come folders first, each with what it seems to be', async () => {
    const folder = await tmpFolder()
    const { caCertPem } = await makeSigningKeys({ name: 'Wabbit', now: new Date() })
    const tar = Buffer.alloc(1024)
    tar.write('ustar', 257)
    await mkdir(join(folder, 'zebra'))
    await writeFile(join(folder, 'a.tar'), tar)
    await writeFile(join(folder, 'ca.crt'), caCertPem)
    await writeFile(join(folder, 'receipt-1.json'), '{}')
    await writeFile(join(folder, 'carried-back'), formatReceipt(aReceipt()))
    await writeFile(join(folder, 'deliberate'), formatReceipt(aReceipt({ allowedRollback: 'the new one fails' })))
    await writeFile(join(folder, 'notes.json'), '{"payload": "of something else"}')
    await writeFile(join(folder, 'empty.tar'), '')
    await symlink('a.tar', join(folder, 'b.tar'))
    await symlink('nowhere', join(folder, 'lost'))

    expect((await listFolder(folder)).map(({ name, kind }) => [name, kind])).toEqual([
      ['zebra', 'folder'],
      ['a.tar', 'bundle'],
      ['b.tar', 'bundle'],
      ['ca.crt', 'certificate'],
      ['carried-back', 'receipt'],
      ['deliberate', 'receipt'],
      ['empty.tar', 'other'],
      ['notes.json', 'other'],
      ['receipt-1.json', 'receipt'],
    ])
  })

  test('leave pipes and devices out, and do not wait for them', async () => {
    const folder = await tmpFolder()
    execFileSync('mkfifo', [join(folder, 'pipe.tar')])
    await symlink('/dev/zero', join(folder, 'zero.tar'))

    expect(await listFolder(folder)).toEqual([])
  })

  test('have printable names, and their own paths', async () => {
    const folder = await tmpFolder()
    const name = 'a\u001b[2J\u202eb.tar'
    await writeFile(join(folder, name), '')

    const [entry] = await listFolder(folder)

    expect(entry?.path).toBe(join(folder, name))
    expect(entry?.name).toBe('a\\u{1b}[2J\\u{202e}b.tar')
  })

  test('of a folder that is none is an error', async () => {
    const folder = join(await tmpFolder(), 'none')

    await expect(listFolder(folder)).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })
})
