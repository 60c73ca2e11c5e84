import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { refuseForeign } from '../../src/bundle/foreign.js'
import { FileWindow } from '../../src/bundle/window.js'
import { rawTar } from '../support/raw-tar.js'
import { tmpFolder } from '../support/tmp.js'

async function look(bytes: Uint8Array): Promise<void> {
  const path = join(await tmpFolder(), 'file')
  await writeFile(path, bytes)
  const file = await open(path)
  onTestFinished(() => file.close())
  await refuseForeign(new FileWindow(file, path, bytes.byteLength), path, bytes.byteLength)
}

function padded(...start: readonly number[]): Uint8Array {
  return Buffer.concat([Buffer.from(start), Buffer.alloc(2048)])
}

describe('refuseForeign', () => {
  it.each([
    ['gzip', padded(0x1f, 0x8b)],
    ['zstd', padded(0x28, 0xb5, 0x2f, 0xfd)],
    ['xz', padded(0xfd, 0x37, 0x7a, 0x58, 0x5a)],
    ['bzip2', padded(0x42, 0x5a, 0x68)],
    ['zip', padded(0x50, 0x4b, 0x03, 0x04)],
    ['a short gzip', new Uint8Array([0x1f, 0x8b, 8])],
  ])('tells that a file is %s', async (name, bytes) => {
    const refused = look(bytes)

    await expect(refused).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
    await expect(refused).rejects.toThrow(name.replace('a short ', ''))
  })

  it.each([
    ['zeros', new Uint8Array(10_240)],
    ['text', Buffer.from('hello '.repeat(200))],
    ['a tar that begins with something else', rawTar({ name: 'README', body: 'hello' })],
    ['a tar that begins with a link', rawTar({ name: 'oci-layout', type: '2' })],
  ])('refuses %s', async (_name, bytes) => {
    await expect(look(bytes)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it.each([0, 1, 511])('calls a file of %i bytes cut off', async (size) => {
    await expect(look(new Uint8Array(size))).rejects.toMatchObject({ code: 'ERR_BUNDLE_TRUNCATED' })
  })

  it('lets an archive pass that begins as a bundle does', async () => {
    await expect(look(rawTar({ name: 'oci-layout', body: '{}' }))).resolves.toBeUndefined()
  })

  it('never prints what could command a terminal', async () => {
    const refused = look(rawTar({ name: '\u001b[2Jevil', body: '' }))

    await expect(refused).rejects.toThrow(/^[^\u001b]*$/)
  })
})
