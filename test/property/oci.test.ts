import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasCode, TransferError } from '../../src/errors.js'
import { digestOf, isDigest, parseDigest } from '../../src/oci/digest.js'
import { parseManifest } from '../../src/oci/manifest.js'
import { MANIFEST_TYPES } from '../../src/oci/media-types.js'
import { formatPlatform, parsePlatform } from '../../src/oci/platform.js'
import { formatReference, isRegistryHost, isRepositoryName, isTag, parseReference } from '../../src/oci/reference.js'

const alphanumeric = fc.string({ unit: fc.constantFrom(...'abz019'), minLength: 1, maxLength: 5 })
const component = fc
  .tuple(alphanumeric, fc.array(fc.tuple(fc.constantFrom('.', '_', '__', '-', '---'), alphanumeric), { maxLength: 2 }))
  .map(([first, more]) => first + more.flat().join(''))
const name = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const host = fc
  .tuple(
    fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((ip) => `[${ip}]`),
      fc.constant('localhost'),
    ),
    fc.option(fc.integer({ min: 1, max: 65_535 })),
  )
  .map(([domain, port]) => (port === null ? domain : `${domain}:${port}`))
  .filter((candidate) => isRegistryHost(candidate))
const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/)
const digest = fc
  .tuple(fc.uint8Array(), fc.constantFrom('sha256' as const, 'sha512' as const))
  .map(([bytes, algorithm]) => digestOf(bytes, algorithm))

describe('references', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(host, name, fc.option(tag), fc.option(digest), (registry, repository, named, pinned) => {
        const reference = {
          repository: { registry, name: repository },
          ...(named === null ? {} : { tag: named }),
          ...(pinned === null ? {} : { digest: pinned }),
        }
        expect(parseReference(formatReference(reference))).toEqual(reference)
      }),
    )
  })

  it('have one spelling: what is accepted is written back as it was', () => {
    const pieces = fc.array(
      fc.constantFrom('a', 'B', '.', ':', '/', '@', '-', '_', '5', 'localhost', 'a.b', '[::1]', '\n'),
      {
        maxLength: 9,
      },
    )
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('')
        const read = attempt(() => parseReference(text))
        if (read.failure === undefined && read.value !== undefined) expect(formatReference(read.value)).toBe(text)
        else expect(hasCode(read.failure, 'ERR_REFERENCE_INVALID')).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('hold only parts that are valid by themselves, so that none climbs out of a path or a URL', () => {
    fc.assert(
      fc.property(host, name, tag, (registry, repository, named) => {
        const read = parseReference(`${registry}/${repository}:${named}`)
        expect(isRepositoryName(read.repository.name) && isTag(read.tag ?? '')).toBe(true)
        expect(read.repository.name.split('/')).not.toContain('..')
        expect(new URL(`http://${read.repository.registry}/v2/${read.repository.name}/`).pathname).toBe(
          `/v2/${read.repository.name}/`,
        )
      }),
    )
  })
})

describe('digests', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(digest, (one) => {
        expect(parseDigest(one)).toBe(one)
      }),
    )
  })

  it('stop being digests when one character changes its kind', () => {
    fc.assert(
      fc.property(digest, fc.nat(), fc.constantFrom('G', 'A', '/', '.', ':', '\n', ''), (one, at, other) => {
        const place = at % one.length
        const changed = one.slice(0, place) + other + one.slice(place + 1)
        expect(isDigest(changed)).toBe(changed === one)
      }),
    )
  })
})

describe('platforms', () => {
  it('are read as they were written', () => {
    const part = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,10}$/)
    fc.assert(
      fc.property(part, part, fc.option(part), (os, architecture, variant) => {
        const platform = { os, architecture, ...(variant === null ? {} : { variant }) }
        expect(parsePlatform(formatPlatform(platform))).toEqual(platform)
      }),
    )
  })
})

describe('manifests', () => {
  it('are parsed, or refused with an error of their own, whatever JSON they are', () => {
    const value = fc.object({
      key: fc.constantFrom(
        'schemaVersion',
        'mediaType',
        'config',
        'layers',
        'manifests',
        'digest',
        'size',
        'subject',
        'x',
      ),
      values: [
        fc.constantFrom(2, ...MANIFEST_TYPES, `sha256:${'a'.repeat(64)}`, null, 'a/b'),
        fc.integer(),
        fc.string(),
      ],
      maxDepth: 4,
      withNullPrototype: false,
    })
    fc.assert(
      fc.property(value, fc.constantFrom(...MANIFEST_TYPES), (json, mediaType) => {
        const bytes = new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, ...json }))
        const { failure } = attempt(() => parseManifest(bytes, mediaType, 'x'))
        expect(failure === undefined || failure instanceof TransferError).toBe(true)
      }),
    )
  })
})

function attempt<T>(what: () => T): { readonly value?: T; readonly failure?: unknown } {
  try {
    return { value: what() }
  } catch (failure) {
    return { failure }
  }
}
