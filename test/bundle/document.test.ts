import { describe, expect, it } from 'vitest'
import { formatDocument, recordOmission, rootName } from '../../src/bundle/document.js'
import { describe as descriptorOf } from '../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'

const DESCRIPTOR = descriptorOf(OCI_MANIFEST, new Uint8Array([1]))
const ROOT = { repository: 'registry.example/app', descriptor: DESCRIPTOR }

describe('rootName', () => {
  it('is the full reference, by tag where there is one', () => {
    expect(rootName({ ...ROOT, tag: '1.0' })).toBe('registry.example/app:1.0')
    expect(rootName(ROOT)).toBe(`registry.example/app@${DESCRIPTOR.digest}`)
  })
})

describe('recordOmission', () => {
  it('keeps what identifies the content, and the platform as it is asked for', () => {
    const platform = { os: 'linux', architecture: 'arm', variant: 'v7' }
    const descriptor = { ...DESCRIPTOR, platform, annotations: { note: 'x' } }

    const recorded = recordOmission({ descriptor, parent: DESCRIPTOR.digest, reason: 'platform', platform })

    expect(recorded).toEqual({
      ...DESCRIPTOR,
      parent: DESCRIPTOR.digest,
      reason: 'platform',
      platform: 'linux/arm/v7',
    })
  })
})

describe('formatDocument', () => {
  it('writes of a root only what identifies it', () => {
    const bytes = formatDocument({
      version: 1,
      kind: 'full',
      createdAt: '2026-11-20T10:00:00Z',
      generator: 'waybill/1',
      roots: [{ ...ROOT, descriptor: { ...DESCRIPTOR, annotations: { note: 'x' } } }],
      lookups: [],
      omissions: [],
      totals: { blobs: 1, bytes: 1 },
    })

    expect(Buffer.from(bytes).toString()).not.toContain('note')
  })
})
