import { mkdir, readdir, readFile, stat, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPartial } from '../../src/bundle/partial-file.js'
import { once } from '../../src/content/reopenable.js'
import type { Bytes } from '../../src/content/store.js'
import { noise } from '../support/build.js'
import { tmpFolder } from '../support/tmp.js'

async function target() {
  const folder = await tmpFolder()
  return { folder, path: join(folder, 'bundle.tar'), partial: join(folder, 'bundle.tar.partial') }
}

describe('createPartial', () => {
  it('gives the file its name only when it is whole', async () => {
    const { folder, path } = await target()
    const file = await createPartial(path, 6)
    await file.write(Buffer.from('def'), 3)
    await file.writeStream(once(Buffer.from('abc')), 0)
    const before = await readdir(folder)

    await file.commit()

    expect(before).toEqual(['bundle.tar.partial'])
    expect(await readdir(folder)).toEqual(['bundle.tar'])
    expect(await readFile(path, 'utf8')).toBe('abcdef')
  })

  it('has the size that was planned from the start', async () => {
    const { path, partial } = await target()

    const file = await createPartial(path, 12_345)

    expect((await stat(partial)).size).toBe(12_345)
    await file.discard()
  })

  it('writes streams of small and large pieces where they belong', async () => {
    const { path } = await target()
    const bytes = noise(3_500_000, 'pieces')
    const file = await createPartial(path, bytes.byteLength)

    const written = await file.writeStream(inPieces(bytes), 0)
    await file.commit()

    expect(written).toBe(bytes.byteLength)
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
  })

  it('leaves nothing behind when it is given up', async () => {
    const { folder, path } = await target()
    const file = await createPartial(path, 10)
    await file.write(Buffer.from('abc'), 0)

    await file.discard()
    await file.discard()

    expect(await readdir(folder)).toEqual([])
  })

  it('writes nothing where the folder is not there, as when a disk is not mounted', async () => {
    const { folder } = await target()

    await expect(createPartial(join(folder, 'a', 'bundle.tar'), 0)).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
    expect(await readdir(folder)).toEqual([])
  })

  it('refuses the name of a link that leads nowhere, and leaves the link', async () => {
    const path = join(await tmpFolder(), 'bundle.tar')
    await symlink('nowhere', path)

    await expect(createPartial(path, 10)).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })
  })

  it('refuses a name that is taken, and leaves the file as it is', async () => {
    const { folder, path } = await target()
    await writeFile(path, 'precious')

    await expect(createPartial(path, 10)).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })
    expect(await readdir(folder)).toEqual(['bundle.tar'])
    expect(await readFile(path, 'utf8')).toBe('precious')
  })

  it('leaves a file alone that took the name meanwhile', async () => {
    const { path } = await target()
    const file = await createPartial(path, 3)
    await writeFile(path, 'precious')

    await expect(file.commit()).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })
    await file.discard()

    expect(await readFile(path, 'utf8')).toBe('precious')
  })

  it('begins anew where a killed export left something', async () => {
    const { path, partial } = await target()
    await writeFile(partial, 'x'.repeat(1000))

    const file = await createPartial(path, 3)
    await file.write(Buffer.from('abc'), 0)
    await file.commit()

    expect(await readFile(path, 'utf8')).toBe('abc')
  })

  it('never writes through a link that lies in its way', async () => {
    const { folder, path, partial } = await target()
    const victim = join(folder, 'victim')
    await writeFile(victim, 'precious')
    await symlink(victim, partial)

    const file = await createPartial(path, 3)
    await file.write(Buffer.from('abc'), 0)
    await file.commit()

    expect(await readFile(victim, 'utf8')).toBe('precious')
    expect((await stat(path)).isFile()).toBe(true)
  })

  it('never gives the name to what another export is still writing', async () => {
    const { path, partial } = await target()
    const first = await createPartial(path, 3)
    const second = await createPartial(path, 3)
    await first.write(Buffer.from('111'), 0)

    await expect(first.commit()).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })
    await first.discard()
    await second.write(Buffer.from('222'), 0)
    await second.commit()

    expect(await readFile(path, 'utf8')).toBe('222')
    await expect(stat(partial)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('says so where what it wrote was taken away', async () => {
    const { path, partial } = await target()
    const file = await createPartial(path, 3)
    await unlink(partial)

    await expect(file.commit()).rejects.toMatchObject({ side: 'medium' })
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('refuses a bundle that is larger than the disk, before anything is written', async () => {
    const { folder, path } = await target()

    await expect(createPartial(path, 2 ** 60)).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
    expect(await readdir(folder)).toEqual([])
  })

  it('says which path cannot be used', async () => {
    const { folder, partial, path } = await target()
    await writeFile(join(folder, 'file'), '')
    await mkdir(partial)

    await expect(createPartial(join(folder, 'file', 'bundle.tar'), 3)).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
    await expect(createPartial(path, 3)).rejects.toMatchObject({ code: 'ERR_MEDIUM', subject: partial })
  })
})

async function* inPieces(bytes: Uint8Array): Bytes {
  let at = 0
  for (const size of [1, 10, 1_000_000, 48_577, 2_000_000, 0, 7]) {
    yield bytes.subarray(at, at + size)
    at += size
  }
  yield bytes.subarray(at)
}
