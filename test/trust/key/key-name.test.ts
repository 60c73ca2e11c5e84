import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { keyName } from '../../../src/trust/key/key-name.js'

// SubjectPublicKeyInfo of P-256 up to a compressed point of 33 bytes (RFC 5480, 2.2).
const COMPRESSED_P256 = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex')

function compressed(key: KeyObject): KeyObject {
  const point = key.export({ type: 'spki', format: 'der' }).subarray(-65)
  const sign = 2 + ((point.at(-1) ?? 0) & 1)
  const der = Buffer.concat([COMPRESSED_P256, Buffer.from([sign]), point.subarray(1, 33)])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}

describe('the name of a key', () => {
  it('is one for a point that two certificates write in two ways: nobody is two parties so', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const other = compressed(publicKey)
    const spki = { type: 'spki', format: 'der' } as const
    expect(other.export(spki).equals(publicKey.export(spki))).toBe(false)
    expect(keyName(other)).toBe(keyName(publicKey))
  })

  it('is another one for another key', () => {
    const [one, two] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
    expect(one === undefined ? '' : keyName(one)).not.toBe(two === undefined ? '' : keyName(two))
  })
})
