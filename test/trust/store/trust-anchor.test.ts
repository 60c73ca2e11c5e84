import { beforeAll, describe, expect, test } from 'vitest'
import type { Certificate } from '../../../src/trust/certificate/certificate.js'
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension } from '../../../src/trust/certificate/x509.js'
import { anchorFault, rootFault } from '../../../src/trust/store/trust-anchor.js'
import { caExtensions, leafExtensions, type MintedChain, mint, mintChain } from '../../support/keys.js'

let chain: MintedChain
let alone: Certificate
let brokenRoot: Certificate
let brokenAlone: Certificate
let bareRoot: Certificate
let idleRoot: Certificate

beforeAll(async () => {
  chain = await mintChain()
  alone = (await mint({ name: 'alone', extensions: leafExtensions() })).certificate
  brokenRoot = (await mint({ name: 'sha-1 root', extensions: caExtensions(), hash: 'SHA-1' })).certificate
  brokenAlone = (await mint({ name: 'sha-1 alone', extensions: leafExtensions(), hash: 'SHA-1' })).certificate
  const ca = new BasicConstraintsExtension(true, undefined, true)
  bareRoot = (await mint({ name: 'root without keyUsage', extensions: [ca] })).certificate
  const usage = new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)
  idleRoot = (await mint({ name: 'root that may not issue', extensions: [ca, usage] })).certificate
})

describe.each(['ca', 'signingAuthority'] as const)('a store of the type %s', (type) => {
  test('may have roots, intermediates and self-signed signers', () => {
    const certificates = [chain.root.certificate, chain.intermediate.certificate, alone]

    expect(certificates.map((certificate) => anchorFault(certificate, type))).toEqual([undefined, undefined, undefined])
  })

  test('may not have a leaf that somebody else issued', () => {
    expect(anchorFault(chain.leaf.certificate, type)).toBeDefined()
  })

  test('may not have a self-signed signer whose signature is by SHA-1', () => {
    expect(anchorFault(brokenAlone, type)).toBeDefined()
  })
})

describe('a store of the type tsa', () => {
  test('may have root CAs', () => {
    expect(anchorFault(chain.root.certificate, 'tsa')).toBeUndefined()
    expect(anchorFault(bareRoot, 'tsa')).toBeUndefined()
  })

  test('may have nothing else', () => {
    const others = [chain.intermediate.certificate, chain.leaf.certificate, alone, brokenRoot, idleRoot]

    expect(others.filter((certificate) => anchorFault(certificate, 'tsa') === undefined)).toEqual([])
  })
})

describe('adding', () => {
  test('takes roots, and signers of their own where signers are meant', () => {
    expect(rootFault(chain.root.certificate, 'tsa')).toBeUndefined()
    expect(rootFault(alone, 'signingAuthority')).toBeUndefined()
    expect(rootFault(alone, 'tsa')).toBeDefined()
  })

  test('takes no intermediate, which a store may have: it would be trusted until it is renewed', () => {
    expect(rootFault(chain.intermediate.certificate, 'ca')).toBeDefined()
  })
})
