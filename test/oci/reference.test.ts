import { describe, expect, it } from 'vitest'
import { hasCode } from '../../src/errors.js'
import {
  formatReference,
  formatRepository,
  isRegistryHost,
  isRepositoryName,
  isTag,
  parseReference,
} from '../../src/oci/reference.js'

const DIGEST = `sha256:${'a'.repeat(64)}`

describe('parseReference', () => {
  it.each([
    ['registry.example/app', 'registry.example', 'app', undefined, undefined],
    ['registry.example/team/app:v1', 'registry.example', 'team/app', 'v1', undefined],
    ['registry.example:5000/app:v1', 'registry.example:5000', 'app', 'v1', undefined],
    ['localhost/app', 'localhost', 'app', undefined, undefined],
    ['localhost:5000/app', 'localhost:5000', 'app', undefined, undefined],
    ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000', 'a/b/c', undefined, undefined],
    ['[::1]:5000/app:v1', '[::1]:5000', 'app', 'v1', undefined],
    ['registry:5000/app', 'registry:5000', 'app', undefined, undefined],
    [`registry.example/app@${DIGEST}`, 'registry.example', 'app', undefined, DIGEST],
    [`registry.example/app:v1@${DIGEST}`, 'registry.example', 'app', 'v1', DIGEST],
    ['registry.example/a-b__c.d--e/f_g:_x.-', 'registry.example', 'a-b__c.d--e/f_g', '_x.-', undefined],
    [`registry.example/app:${'t'.repeat(128)}`, 'registry.example', 'app', 't'.repeat(128), undefined],
  ])('reads %s', (text, registry, name, tag, digest) => {
    const reference = parseReference(text)

    expect(reference).toEqual({
      repository: { registry, name },
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
    })
    expect(formatReference(reference)).toBe(text)
  })

  it.each([
    '',
    'app',
    'app:v1',
    'library/app',
    'team/app:v1',
    'registry.example',
    'registry.example/',
    '/app',
    'registry.example//app',
    'registry.example/app/',
    'registry.example/App',
    'registry.example/app:',
    'registry.example/app:-x',
    'registry.example/app:.x',
    'registry.example/app:a b',
    'registry.example/app:a:b',
    `registry.example/app:${'t'.repeat(129)}`,
    'registry.example/app@',
    'registry.example/app@latest',
    `registry.example/app@${DIGEST}@${DIGEST}`,
    `registry.example/app@${DIGEST.toUpperCase()}`,
    `registry.example@${DIGEST}/app`,
    'registry.example/a..b',
    'registry.example/a___b',
    'registry.example/-a',
    'registry.example/a-',
    'registry.example/.',
    'registry.example/../etc',
    'registry.example/a/../b',
    'registry.example/a%2fb',
    'registry.example/a\\b',
    'registry.example/app?x',
    'registry.example/app#x',
    'registry.example/app\n',
    'registry.example/app:v1\n',
    ' registry.example/app',
    'https://registry.example/app',
    'user@registry.example/app',
    'user:pass@registry.example/app',
    'registry.example:0/app',
    'registry.example:65536/app',
    'registry.example:port/app',
    'registry..example/app',
    '-registry.example/app',
    'registry-.example/app',
    'registry.example./app',
    '[::1/app',
    '[::1%eth0]:5000/app',
    'rëgistry.example/app',
    `${'a.'.repeat(200)}example/app`,
    `registry.example/${'a/'.repeat(200)}a`,
    `registry.example/${'a'.repeat(100_000)}!`,
    `registry.example/${'a-'.repeat(100_000)}`,
  ])('refuses %j', (text) => {
    let failure: unknown
    try {
      parseReference(text)
    } catch (cause) {
      failure = cause
    }

    expect(hasCode(failure, 'ERR_REFERENCE_INVALID')).toBe(true)
    expect(String(failure)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })
})

describe('the parts of a reference', () => {
  it.each(['latest', 'V1', '_', '1.0.0-rc.1', `sha256-${'a'.repeat(64)}.sig`])('takes the tag %s', (tag) => {
    expect(isTag(tag)).toBe(true)
  })

  it('measures the length of a repository’s name', () => {
    const [longest, longer] = [255, 256].map((length) => `${'a/'.repeat(127)}${'a'.repeat(length - 254)}`)

    expect([isRepositoryName(longest ?? ''), isRepositoryName(longer ?? '')]).toEqual([true, false])
  })

  it.each([
    ['registry.example:65535', true],
    ['registry.example:65536', false],
    ['REGISTRY.example', true],
    ['registry_example.com', false],
    ['', false],
  ])('says of the host %j: %s', (host, valid) => {
    expect(isRegistryHost(host)).toBe(valid)
  })

  it('writes a repository', () => {
    expect(formatRepository({ registry: 'localhost:5000', name: 'a/b' })).toBe('localhost:5000/a/b')
  })
})
