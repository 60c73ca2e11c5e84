import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { DOCKER_MANIFEST } from '../../../src/oci/media-types.js'
import type { Extension } from '../../../src/trust/certificate/x509.js'
import { isNamed, referenceFindings } from '../../../src/trust/nv2/registry-name.js'
import { mint } from '../../support/keys.js'
import { namesExtension } from '../../support/nv2.js'

const TARGET = { mediaType: DOCKER_MANIFEST, digest: digestOf(new Uint8Array([1])), size: 1 }

async function certificate(name: string, ...extensions: readonly Extension[]) {
  return (await mint({ name, extensions })).certificate
}

describe('a certificate is of a host', () => {
  test.each([
    ['registry.example.com', 'registry.example.com'],
    ['registry.example.com', 'REGISTRY.Example.COM'],
    ['*.example.com', 'registry.example.com'],
  ])('by its common name %s of %s', async (name, host) => {
    expect(isNamed(await certificate(name), host)).toBe(true)
  })

  test.each([
    ['registry.example.com', 'example.com'],
    ['example.com', 'registry.example.com'],
    ['registry.example.com', 'registry.example.com.evil.org'],
    ['*.example.com', 'a.b.example.com'],
    ['*.example.com', 'example.com'],
    ['re*.example.com', 'registry.example.com'],
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '[::1]'],
  ])('but not by the common name %s of %s', async (name, host) => {
    expect(isNamed(await certificate(name), host)).toBe(false)
  })

  test('by an alternative name', async () => {
    const one = await certificate('Acme', namesExtension('other.example', 'registry.example.com', '127.0.0.1'))

    expect(isNamed(one, 'registry.example.com')).toBe(true)
    expect(isNamed(one, '127.0.0.1')).toBe(true)
  })

  test.each([['other.example'], ['127.0.0.1']])(
    'but not by its common name where it has an alternative one, %s',
    async (alternative) => {
      const one = await certificate('registry.example.com', namesExtension(alternative))

      expect(isNamed(one, 'registry.example.com')).toBe(false)
    },
  )
})

describe('the names that a signer claims', () => {
  test('are covered host by host, whatever the port, the repository and the tag', async () => {
    const one = await certificate('registry.example.com')
    const references = [
      'registry.example.com/app:v1',
      'registry.example.com/app:latest',
      'registry.example.com:5000/other/app:v1',
      `registry.example.com/app@${TARGET.digest}`,
    ]

    expect(referenceFindings({ target: TARGET, references }, one)).toEqual([])
  })

  test.each([
    'registry.evil.com/app:v1',
    'registry.example.com.evil.com/app:v1',
    'registry.example.com@evil.com/app:v1',
    'evil.com/registry.example.com/app:v1',
    'app:v1',
    'https://registry.example.com/app:v1',
    '',
    `registry.example.com/app@${digestOf(new Uint8Array([2]))}`,
  ])('are refused for %j', async (reference) => {
    const one = await certificate('registry.example.com')
    const references = ['registry.example.com/app:v1', reference]

    expect(referenceFindings({ target: TARGET, references }, one)).toHaveLength(1)
  })
})
