import { expect, test } from 'vitest'
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { acceptsManifest } from '../../src/serve/accepts.js'

test.each([
  undefined,
  '',
  '*/*',
  'application/*',
  'text/html, application/json',
  OCI_MANIFEST,
  `${OCI_INDEX}, ${OCI_MANIFEST};q=0.5`,
  `${OCI_INDEX},*/*;q=0.1`,
  OCI_MANIFEST.toUpperCase(),
])('a client that accepts %j is given an image manifest', (header) => {
  expect(acceptsManifest(header, OCI_MANIFEST)).toBe(true)
})

test.each([
  OCI_INDEX,
  DOCKER_MANIFEST,
  'application/vnd.docker.distribution.manifest.v1+json',
  `${OCI_INDEX}, text/html`,
])('a client that accepts %j alone is not given an image manifest', (header) => {
  expect(acceptsManifest(header, OCI_MANIFEST)).toBe(false)
})
