import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { algorithmOfKey, describeKey, mayIssue } from '../../../src/trust/key/algorithms.js'

/** A public key of this many bits. Nobody has its private key; none is needed. */
function rsa(bits: number, exponent = 'AQAB'): KeyObject {
  const modulus = randomBytes(bits / 8)
  modulus[0] = (modulus[0] ?? 0) | 0x80
  modulus[modulus.length - 1] = (modulus.at(-1) ?? 0) | 1
  return createPublicKey({ key: { kty: 'RSA', n: modulus.toString('base64url'), e: exponent }, format: 'jwk' })
}

function ec(namedCurve: string, paramEncoding: 'named' | 'explicit' = 'named'): KeyObject {
  return generateKeyPairSync('ec', { namedCurve, paramEncoding }).publicKey
}

test.each([
  ['RSA 2048', rsa(2048), 'PS256'],
  ['RSA 3072', rsa(3072), 'PS384'],
  ['RSA 4096', rsa(4096), 'PS512'],
  ['EC prime256v1', ec('P-256'), 'ES256'],
  ['EC secp384r1', ec('P-384'), 'ES384'],
  ['EC secp521r1', ec('P-521'), 'ES512'],
])('lets %s sign with one algorithm', (name, key, algorithm) => {
  expect(describeKey(key)).toBe(name)
  expect(algorithmOfKey(key)).toBe(algorithm)
  expect(mayIssue(key)).toBe(true)
})

test.each([
  ['RSA 1024', rsa(1024)],
  ['RSA 2048 with the exponent 1', rsa(2048, 'AQ')],
  ['RSA 2048 with an even exponent', rsa(2048, 'AQAA')],
  ['EC secp256k1', ec('secp256k1')],
  ['EC P-256 with its parameters spelled out', ec('P-256', 'explicit')],
  ['Ed448', generateKeyPairSync('ed448').publicKey],
])('lets %s neither sign nor issue', (_name, key) => {
  expect(algorithmOfKey(key)).toBeUndefined()
  expect(mayIssue(key)).toBe(false)
})

test.each([
  ['RSA 2560', rsa(2560)],
  ['RSA 8192', rsa(8192)],
  ['Ed25519', generateKeyPairSync('ed25519').publicKey],
])('lets %s issue certificates but not sign content', (_name, key) => {
  expect(algorithmOfKey(key)).toBeUndefined()
  expect(mayIssue(key)).toBe(true)
})
