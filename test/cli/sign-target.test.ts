import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nameTarget } from '../../src/cli/sign-target.js'
import { tmpFolder } from '../support/tmp.js'

const DIGEST = `sha256:${'a'.repeat(64)}`

describe('what is to be signed', () => {
  it.each([
    ['registry.example/team/app:1.0', { kind: 'registry' }],
    [`registry.example/team/app@${DIGEST}`, { kind: 'registry' }],
    ['oci:layout', { kind: 'layout', form: 'folder', path: 'layout' }],
    ['oci:layout:1.0', { kind: 'layout', form: 'folder', path: 'layout', name: '1.0' }],
    ['oci-archive:a.tar', { kind: 'layout', form: 'archive', path: 'a.tar' }],
    ['docker-archive:a.tar', { kind: 'layout', form: 'docker-archive', path: 'a.tar' }],
    ['file:registry.example/app:1', { kind: 'manifest', path: 'registry.example/app:1' }],
    ['./registry.example/app:1', { kind: 'manifest', path: './registry.example/app:1' }],
    ['../manifest.json', { kind: 'manifest', path: '../manifest.json' }],
    ['/tmp/none/manifest.json', { kind: 'manifest', path: '/tmp/none/manifest.json' }],
  ])('is told by its name: %s', async (text, expected) => {
    expect(await nameTarget(text, {})).toMatchObject(expected)
  })

  it('is a file or a layout where it is no reference, and is there', async () => {
    const folder = await tmpFolder()
    await writeFile(join(folder, 'manifest.json'), '{}')
    await mkdir(join(folder, 'layout'))
    const inside = (name: string) => join(folder, name)

    expect(await nameTarget(inside('manifest.json'), {})).toMatchObject({ kind: 'manifest' })
    expect(await nameTarget(inside('layout'), {})).toMatchObject({ kind: 'layout', form: 'folder' })
    expect(await nameTarget('package.json', {})).toMatchObject({ kind: 'manifest', path: 'package.json' })
  })

  it.each(['no-such-file', 'registry.example/team/app', 'short:1.0'])(
    'is refused where it is nothing: %s',
    async (text) => {
      await expect(nameTarget(text, {})).rejects.toMatchObject({ code: 'ERR_REFERENCE_INVALID' })
    },
  )

  it('can be what a descriptor describes, in place of a name', async () => {
    expect(await nameTarget(undefined, { descriptor: 'd.json' })).toEqual({ kind: 'descriptor', path: 'd.json' })
  })

  it.each([
    ['nothing', undefined, {}],
    ['two things', 'registry.example/app:1', { descriptor: 'd.json' }],
    ['a media type for what says its own', 'registry.example/app:1', { mediaType: 'application/x' }],
    ['a media type for a descriptor', undefined, { descriptor: 'd.json', mediaType: 'application/x' }],
  ])('is refused where it is %s', async (_what, text, options) => {
    await expect(nameTarget(text, options)).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })
})
