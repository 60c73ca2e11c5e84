import { describe, expect, test } from 'vitest'
import { Refusal } from '../../src/serve/refusal.js'
import { parseRoute } from '../../src/serve/routes.js'

const HEX = 'a'.repeat(64)
const DIGEST = `sha256:${HEX}`
const ID = '0'.repeat(32)

function refusal(path: string): string {
  try {
    const route = parseRoute(path)
    return `taken for ${JSON.stringify(route)}`
  } catch (error) {
    return error instanceof Refusal ? `${error.status} ${error.code}` : String(error)
  }
}

describe('the paths of the distribution API', () => {
  test.each([
    ['/v2/', { kind: 'ping' }],
    ['/v2', { kind: 'ping' }],
    ['/v2/_catalog', { kind: 'catalog' }],
    ['/v2/a/b/tags/list', { kind: 'tags', repository: 'a/b' }],
    ['/v2/app/manifests/1.0', { kind: 'manifest', repository: 'app', selector: { kind: 'tag', tag: '1.0' } }],
    [
      `/v2/app/manifests/${DIGEST}`,
      { kind: 'manifest', repository: 'app', selector: { kind: 'digest', digest: DIGEST } },
    ],
    [`/v2/app/blobs/${DIGEST}`, { kind: 'blob', repository: 'app', digest: DIGEST }],
    [`/v2/app/blobs/sha256%3A${HEX}`, { kind: 'blob', repository: 'app', digest: DIGEST }],
    [`/v2/app/referrers/${DIGEST}`, { kind: 'referrers', repository: 'app', digest: DIGEST }],
    ['/v2/app/blobs/uploads/', { kind: 'uploads', repository: 'app' }],
    ['/v2/app/blobs/uploads', { kind: 'uploads', repository: 'app' }],
    [`/v2/app/blobs/uploads/${ID}`, { kind: 'upload', repository: 'app', id: ID }],
  ])('%s is understood', (path, route) => {
    expect(parseRoute(path)).toEqual(route)
  })

  test.each([
    [`/v2/a/blobs/uploads/b/blobs/${DIGEST}`, 'a/blobs/uploads/b'],
    ['/v2/a/blobs/uploads/manifests/latest', 'a/blobs/uploads'],
    ['/v2/blobs/uploads/tags/list', 'blobs/uploads'],
    ['/v2/manifests/manifests/list', 'manifests'],
    ['/v2/index.json/oci-layout/tags/list', 'index.json/oci-layout'],
    ['/v2/tags/list/tags/list', 'tags/list'],
  ])('%s belongs to the repository %s, whatever its components are called', (path, repository) => {
    expect(parseRoute(path)).toMatchObject({ repository })
  })

  test.each([
    ['/v2/../../etc/tags/list', '400 NAME_INVALID'],
    ['/v2/a/../b/tags/list', '400 NAME_INVALID'],
    ['/v2/a%2f..%2fb/tags/list', '400 NAME_INVALID'],
    ['/v2/%2e%2e/tags/list', '400 NAME_INVALID'],
    ['/v2/a//b/tags/list', '400 NAME_INVALID'],
    ['/v2//tags/list', '400 NAME_INVALID'],
    ['/v2/tags/list', '400 NAME_INVALID'],
    ['/v2/App/tags/list', '400 NAME_INVALID'],
    ['/v2/a+b/tags/list', '400 NAME_INVALID'],
    ['/v2/a\\b/tags/list', '400 NAME_INVALID'],
    ['/v2/a\u0000/tags/list', '400 NAME_INVALID'],
    [`/v2/${'a'.repeat(256)}/tags/list`, '400 NAME_INVALID'],
    ['/v2/a/manifests/..', '400 MANIFEST_INVALID'],
    ['/v2/a/manifests/', '400 MANIFEST_INVALID'],
    ['/v2/a/manifests/sha256:baddigeststring', '400 DIGEST_INVALID'],
    [`/v2/a/manifests/md5:${'a'.repeat(32)}`, '400 DIGEST_INVALID'],
    [`/v2/a/blobs/sha256:${'A'.repeat(64)}`, '400 DIGEST_INVALID'],
    ['/v2/a/blobs/sha256:../../../../etc/passwd', '404 UNSUPPORTED'],
    ['/v2/a/blobs/..%2f..%2fetc', '400 DIGEST_INVALID'],
    ['/v2/a/blobs/uploads/..', '404 BLOB_UPLOAD_UNKNOWN'],
    ['/v2/a/blobs/uploads/../../lock', '404 UNSUPPORTED'],
    ['/v2/a/referrers/latest', '400 DIGEST_INVALID'],
    ['/v2//', '404 UNSUPPORTED'],
    ['/v1/a/tags/list', '404 UNSUPPORTED'],
    ['//v2/a/tags/list', '404 UNSUPPORTED'],
    ['http://127.0.0.1/v2/a/tags/list', '404 UNSUPPORTED'],
    ['*', '404 UNSUPPORTED'],
    ['', '404 UNSUPPORTED'],
  ])('%j is refused', (path, expected) => {
    expect(refusal(path)).toBe(expected)
  })
})
