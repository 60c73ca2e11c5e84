import { describe, expect, it } from 'vitest'
import { layoutName, parseSource, selectorOf } from '../../src/export/request.js'
import { digestOf } from '../../src/oci/digest.js'

const DIGEST = digestOf(new Uint8Array([1]))

describe('parseSource', () => {
  it('reads a reference in a registry', () => {
    expect(parseSource('registry.example:5000/team/app:1.0')).toMatchObject({
      kind: 'registry',
      reference: { repository: { registry: 'registry.example:5000', name: 'team/app' }, tag: '1.0' },
    })
    expect(parseSource(`localhost/app@${DIGEST}`)).toMatchObject({ reference: { digest: DIGEST } })
  })

  it.each([
    ['oci:folder', { form: 'folder', path: 'folder' }],
    ['oci:/a/b.c:1.0', { form: 'folder', path: '/a/b.c', name: '1.0' }],
    ['oci-archive:x.tar', { form: 'archive', path: 'x.tar' }],
    ['docker-archive:x.tar', { form: 'docker-archive', path: 'x.tar' }],
    ['docker-archive:x.tar:busybox:latest', { form: 'docker-archive', path: 'x.tar', name: 'busybox:latest' }],
    [
      'oci-archive:x.tar:registry.example:5000/app:1.0',
      { form: 'archive', path: 'x.tar', name: 'registry.example:5000/app:1.0' },
    ],
  ])('reads the layout %s as skopeo does', (text, expected) => {
    expect(parseSource(text)).toEqual({ kind: 'layout', text, ...expected })
  })

  it.each([
    '',
    'app',
    'app:1.0',
    'registry.example/app',
    'registry.example/App:1.0',
    'registry.example/app:',
    'registry.example/app@sha256:1',
    'oci:',
    'docker://registry.example/app:1.0',
    'registry.example/../app:1',
  ])('refuses %j', (text) => {
    expect(() => parseSource(text)).toThrowError(expect.objectContaining({ code: 'ERR_REFERENCE_INVALID' }))
  })
})

describe('selectorOf', () => {
  it('lets the digest decide where there is a tag too', () => {
    const source = parseSource(`registry.example/app:1.0@${DIGEST}`)

    expect(source.kind === 'registry' && selectorOf(source.reference)).toEqual({ kind: 'digest', digest: DIGEST })
  })
})

describe('layoutName', () => {
  it.each([
    ['dir', 'registry.example/team/app:1.0', { registry: 'registry.example', name: 'team/app' }, '1.0'],
    ['dir', 'app:1.0', { registry: 'localhost', name: 'app' }, '1.0'],
    ['/x/My Images.tar', '1.0', { registry: 'localhost', name: 'my-images' }, '1.0'],
    ['/x/app.oci', undefined, { registry: 'localhost', name: 'app' }, 'latest'],
  ])('of %s and %s', (path, name, repository, tag) => {
    expect(layoutName(path, name)).toEqual({ repository, tag })
  })

  it.each([
    ['/x/---', '1.0'],
    ['/x/app', 'not a tag'],
    ['/x/app', '../../etc'],
    ['', undefined],
  ])('makes no name of %j and %j', (path, name) => {
    expect(() => layoutName(path, name)).toThrowError(expect.objectContaining({ code: 'ERR_REFERENCE_INVALID' }))
  })
})
