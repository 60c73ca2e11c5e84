import { describe, expect, it } from 'vitest'
import { parseDestination, targetOf } from '../../../src/import/names/names.js'
import { describe as descriptorOf } from '../../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../../src/oci/media-types.js'

function root(repository: string) {
  return { repository, tag: '1.0', descriptor: descriptorOf(OCI_MANIFEST, new Uint8Array(0)) }
}

describe('parseDestination', () => {
  it.each([
    ['localhost', { registry: 'localhost' }],
    ['127.0.0.1:5000', { registry: '127.0.0.1:5000' }],
    ['[::1]:5000/mirror', { registry: '[::1]:5000', prefix: 'mirror' }],
    ['registry.example/a/b', { registry: 'registry.example', prefix: 'a/b' }],
  ])('reads %s', (text, expected) => {
    expect(parseDestination(text)).toEqual(expected)
  })

  it.each([
    '',
    '/',
    'registry.example/',
    'registry.example/A',
    'registry.example/a/',
    'registry.example/../a',
    'registry.example:0',
    'registry.example:99999',
    'http://registry.example',
    'user@registry.example',
    'registry.example/a:1.0',
    'a b',
  ])('refuses %j', (text) => {
    expect(() => parseDestination(text)).toThrowError(
      expect.objectContaining({ code: 'ERR_REFERENCE_INVALID', side: 'operator' }),
    )
  })
})

describe('targetOf', () => {
  it('is the name without its host, below the prefix', () => {
    const from = root('registry.example:5000/team/app')
    const target = (prefix?: string) =>
      targetOf(from, { destination: { registry: 'target.example', ...(prefix === undefined ? {} : { prefix }) } })

    expect(target()).toEqual({ registry: 'target.example', name: 'team/app' })
    expect(target('in/side')).toEqual({ registry: 'target.example', name: 'in/side/team/app' })
  })

  it('is nothing where the name is too long below the prefix', () => {
    const from = root(`registry.example/${'a'.repeat(250)}`)

    expect(targetOf(from, { destination: { registry: 'target.example', prefix: 'mirror' } })).toBeUndefined()
  })
})
