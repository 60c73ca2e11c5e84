import { execFileSync } from 'node:child_process'
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.js'
import { anArtifact } from '../support/build.js'
import { aBundle, aRelease, opened } from '../support/bundles.js'
import { tmpFolder } from '../support/tmp.js'

describe('openBundle', () => {
  it('tells where each blob lies', async () => {
    const release = aRelease()
    const path = await aBundle(release.all)
    const bytes = await readFile(path)

    const bundle = await opened(path)

    expect(bundle.places.size).toBe(release.all.contents.length)
    for (const { descriptor, bytes: content } of release.all.contents) {
      const { bodyAt = 0, size = 0 } = bundle.places.get(descriptor.digest) ?? {}
      expect(Buffer.compare(bytes.subarray(bodyAt, bodyAt + size), content)).toBe(0)
    }
  })

  it('tells what is claimed, and by which signature', async () => {
    const bundle = await opened(await aBundle())

    expect(bundle.document.roots.map(({ tag }) => tag)).toEqual(['1.0'])
    expect(bundle.signatures).toHaveLength(1)
    expect(bundle.signatures[0]?.envelopeType).toBe('application/jose+json')
  })

  it('opens an unsigned bundle', async () => {
    const bundle = await opened(await aBundle(anArtifact().tagged('1.0'), { signer: undefined }))

    expect(bundle.signatures).toEqual([])
    expect(bundle.inventory.map(({ role }) => role)).toContain('manifest')
  })

  it('does not wait for a named pipe', async () => {
    const pipe = join(await tmpFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])

    await expect(openBundle(pipe)).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })

  it('says so of a folder, and of what is not there', async () => {
    const folder = await tmpFolder()

    await expect(openBundle(folder)).rejects.toMatchObject({ code: 'ERR_MEDIUM', subject: folder })
    await expect(openBundle(join(folder, 'none'))).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })

  it.skipIf(process.platform !== 'linux')('leaves no file open where it refuses', async () => {
    const path = join(await tmpFolder(), 'text')
    await writeFile(path, 'hello')

    for (let at = 0; at < 5; at += 1) await openBundle(path).catch(() => undefined)

    const links = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    )
    expect(links).not.toContain(path)
  })
})
