import { beforeAll, expect, test } from 'vitest'
import { ENVELOPE_JWS, type OpenedEnvelope } from '../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../src/trust/envelope/open.js'
import { sealEnvelope } from '../../src/trust/envelope/seal.js'
import { judgeSigner } from '../../src/trust/judge-signer.js'
import { caExtensions, leafExtensions, type MintedChain, mint, mintChain, NOW, signerOf } from '../support/keys.js'

const EXPIRY = new Date('2026-12-01T00:00:00Z')
let chain: MintedChain
let opened: OpenedEnvelope

beforeAll(async () => {
  chain = await mintChain()
  opened = await openEnvelope(
    await sealEnvelope(Buffer.from('x'), signerOf(chain), {
      type: ENVELOPE_JWS,
      signingTime: NOW,
      expiry: EXPIRY,
      agent: 'test',
    }),
    ENVELOPE_JWS,
  )
})

function failures(judgements: ReturnType<typeof judgeSigner>) {
  return judgements.filter(({ result }) => result === 'fail').map(({ name, code }) => [name, code])
}

test('passes a signer whose root, intermediate or own certificate is in the trust store', () => {
  for (const { certificate } of [chain.root, chain.intermediate, chain.leaf]) {
    expect(failures(judgeSigner(opened, [certificate], NOW))).toEqual([])
  }
})

test('makes every judgement, in one order, whatever the others say', () => {
  const names = judgeSigner(opened, [], new Date('2040-01-01T00:00:00Z')).map(({ name, result }) => [name, result])

  expect(names).toEqual([
    ['authenticity', 'fail'],
    ['expiry', 'fail'],
    ['validity', 'fail'],
  ])
})

test('trusts nobody with an empty trust store, and no root because it came with the signature', () => {
  expect(failures(judgeSigner(opened, [], NOW))).toEqual([['authenticity', 'ERR_SIGNER_UNKNOWN']])
})

test('does not trust a chain because a certificate of the same name is in the store', async () => {
  const namesake = await mint({ name: chain.root.name, extensions: caExtensions(1) })

  expect(failures(judgeSigner(opened, [namesake.certificate], NOW))).toEqual([['authenticity', 'ERR_SIGNER_UNKNOWN']])
})

test('does not trust a chain because another certificate of the same key is in the store', async () => {
  const renewed = await mint({ name: 'another', extensions: leafExtensions() }, chain.root)

  expect(failures(judgeSigner(opened, [renewed.certificate], NOW))).toEqual([['authenticity', 'ERR_SIGNER_UNKNOWN']])
})

test('lets a signature expire at its expiry, not after it', () => {
  const anchors = [chain.root.certificate]

  expect(failures(judgeSigner(opened, anchors, new Date(EXPIRY.getTime() - 1)))).toEqual([])
  expect(failures(judgeSigner(opened, anchors, EXPIRY))).toEqual([['expiry', 'ERR_BUNDLE_STALE']])
})

test('fails a chain with a certificate that is not valid now, before or after its time', () => {
  const { expiry: _, ...attributes } = opened.attributes
  const unlimited = { ...opened, attributes }

  for (const now of ['2025-12-31T23:59:59Z', '2028-01-01T00:00:00Z']) {
    expect(failures(judgeSigner(unlimited, [chain.root.certificate], new Date(now)))).toEqual([
      ['validity', 'ERR_BUNDLE_STALE'],
    ])
  }
})

test('never passes anything where the clock has no time', () => {
  const { expiry: _, ...attributes } = opened.attributes
  const unlimited = { ...opened, attributes }
  const broken = new Date(Number.NaN)

  expect(() => judgeSigner(opened, [chain.root.certificate], broken)).toThrow()
  expect(() => judgeSigner(unlimited, [chain.root.certificate], broken)).toThrow()
})
