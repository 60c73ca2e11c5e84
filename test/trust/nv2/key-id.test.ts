import { describe, expect, test } from 'vitest'
import { isLibtrustKeyId, libtrustKeyId } from '../../../src/trust/nv2/key-id.js'
import { newKey } from '../../support/nv2.js'

describe('the id of a key', () => {
  test.each(['rsa2048', 'P-256', 'P-521'] as const)('of %s is twelve groups of four', (kind) => {
    const { publicKey } = newKey(kind)

    const id = libtrustKeyId(publicKey)

    expect(isLibtrustKeyId(id)).toBe(true)
    expect(libtrustKeyId(publicKey)).toBe(id)
  })

  test('differs from key to key', () => {
    expect(libtrustKeyId(newKey('P-256').publicKey)).not.toBe(libtrustKeyId(newKey('P-256').publicKey))
  })
})
