import { open, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FileWindow } from '../../src/bundle/window.js'
import { noise } from '../support/build.js'
import { tmpFolder } from '../support/tmp.js'

async function window(bytes: Uint8Array, size = bytes.byteLength) {
  const path = join(await tmpFolder(), 'file')
  await writeFile(path, bytes)
  const file = await open(path)
  onTestFinished(() => file.close())
  return { path, window: new FileWindow(file, path, size) }
}

describe('FileWindow', () => {
  it('gives the bytes that are asked for, across and beyond what it reads at a time', async () => {
    const bytes = noise(700_000, 'window')
    const { window: view } = await window(bytes)

    for (const [at, length] of [
      [0, 512],
      [100, 10],
      [262_000, 1000],
      [1, 600_000],
      [699_999, 1],
      [5, 5],
    ] as const) {
      const found = await view.read(at, length, 'some bytes')
      expect(Buffer.from(found).equals(bytes.subarray(at, at + length))).toBe(true)
    }
  })

  it('gives nothing where nothing is asked for', async () => {
    const { window: view } = await window(new Uint8Array(3))

    expect(await view.read(3, 0, 'nothing')).toHaveLength(0)
  })

  it('refuses what lies beyond the end, before it takes any memory for it', async () => {
    const { window: view } = await window(new Uint8Array(100))

    await expect(view.read(99, 2, 'a header')).rejects.toMatchObject({
      code: 'ERR_BUNDLE_TRUNCATED',
      subject: 'a header',
    })
    await expect(view.read(0, 2 ** 52, 'a lie')).rejects.toMatchObject({ code: 'ERR_BUNDLE_TRUNCATED' })
  })

  it('notices a file that became shorter since it was opened', async () => {
    const { path, window: view } = await window(new Uint8Array(1000))
    await truncate(path, 10)

    await expect(view.read(0, 512, 'a header')).rejects.toMatchObject({ code: 'ERR_BUNDLE_TRUNCATED' })
  })
})
