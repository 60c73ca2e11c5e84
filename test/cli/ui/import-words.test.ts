import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkImport, importCommand } from '../../../src/cli/ui/import-words.js'
import { tmpFolder } from '../../support/tmp.js'

describe('a field of an import', () => {
  test('is told what is wrong with it before anything is done', async () => {
    const folder = await tmpFolder()
    await writeFile(join(folder, 'there'), '')
    await mkdir(join(folder, 'folder'))

    expect(await checkImport('path', join(folder, 'there'))).toBeUndefined()
    expect(await checkImport('path', '')).toBe('choose a bundle first')
    expect(await checkImport('path', join(folder, 'folder'))).toContain('is no file')
    expect(await checkImport('path', `${folder}/no\u001b[2J`)).toContain('no\\u{1b}[2J: there is no such file')
    expect(await checkImport('to', 'registry.acme.example:5000/mirror')).toBeUndefined()
    expect(await checkImport('to', 'https://registry.acme.example')).toContain('write HOST[:PORT][/PREFIX]')
    expect(await checkImport('receipt', join(folder, 'receipt'))).toBeUndefined()
    expect(await checkImport('receipt', join(folder, 'there'))).toContain('exists')
    expect(await checkImport('receipt', join(folder, 'none/receipt'))).toContain('there is no folder')
  })
})

describe('the equivalent command of an import', () => {
  test('has all that the command line said, each word quoted for a shell', () => {
    const words = {
      key: 'pkcs11:token=a b',
      signFormat: 'cose',
      recheck: true,
      qr: false,
      evidence: ['a.crl', '$(b).crl'],
      allowRollback: "it's broken",
    } as const
    const command = importCommand({ config: 'my config', plainHttp: true }, words)({ path: '-x.tar', to: 'h' }, {})

    expect(command).toBe(
      "waybill import ./-x.tar --to h --key 'pkcs11:token=a b' --sign-format cose --recheck --evidence a.crl " +
        "--evidence '$(b).crl' --allow-rollback 'it'\\''s broken' --config 'my config' --plain-http",
    )
  })

  const keys = { key: 'k/signing.key', chain: 'k/signing.crt', ca: 'k/ca.crt' }
  const command = importCommand({ plainHttp: false })

  test('names the key only where something is signed', () => {
    const choice = { path: 'a b.tar', to: 'localhost:5000' }

    expect(command(choice, { keys })).toBe("waybill import 'a b.tar' --to localhost:5000")
    expect(command({ ...choice, receipt: 'r.jws', countersign: true }, { keys })).toBe(
      "waybill import 'a b.tar' --to localhost:5000 --key k/signing.key --cert k/signing.crt --receipt r.jws --countersign",
    )
  })
})
