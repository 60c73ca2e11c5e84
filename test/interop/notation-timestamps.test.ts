import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NotaryHome, newLayout, openHome, type SignedLayout } from '../support/peers/notary-home.js'
import { makeChain } from '../support/peers/openssl.js'
import { changeJws, envelopeOf, replaceEnvelope } from '../support/peers/tamper.js'
import { startTimestampAuthority, type TimestampAuthorityPeer } from '../support/peers/timestamp-authority.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const TOKEN = 'io.cncf.notary.timestampSignature'
const LATER = ['--at', '2029-01-01T00:00:00Z']

let space: Workspace
let authority: TimestampAuthorityPeer
let home: NotaryHome

beforeAll(async () => {
  space = await openWorkspace()
  authority = await startTimestampAuthority(space, 'tsa', { accuracy: 'secs:1' })
  const signer = await makeChain(space, 'acme')
  const other = await makeChain(space, 'other')
  const stores = { 'ca:acme': [signer.ca], 'tsa:right': [authority.root], 'tsa:wrong': [other.ca] }
  home = await openHome(space, 'home', { stores, signer })
  // A token covers a second before its time, and no certificate was valid before it was made.
  await sleep(2500)
})

afterAll(async () => {
  await authority.stop()
  await space.remove()
})

function policy(stores: readonly string[], verifyTimestamp?: string) {
  const signatureVerification = { level: 'strict', ...(verifyTimestamp === undefined ? {} : { verifyTimestamp }) }
  return { signatureVerification, trustStores: ['ca:acme', ...stores], trustedIdentities: ['*'] }
}

const stamped = () => ['--timestamp-url', authority.url, '--timestamp-root-cert', authority.root]

describe.each(['jws', 'cose'] as const)('a %s signature', (format) => {
  let withToken: SignedLayout
  let without: SignedLayout

  beforeAll(async () => {
    withToken = await newLayout(space, `stamped-${format}`)
    without = await newLayout(space, `plain-${format}`)
    home.sign(withToken, ['--signature-format', format, ...stamped()])
    home.sign(without, ['--signature-format', format])
  })

  it.each<[string, readonly string[], string | undefined, boolean, boolean]>([
    ['its authority is trusted', ['tsa:right'], undefined, true, false],
    ['its authority is trusted, and needed after expiry only', ['tsa:right'], 'afterCertExpiry', true, true],
    ['another authority is trusted', ['tsa:wrong'], undefined, false, false],
    ['both are', ['tsa:right', 'tsa:wrong'], 'always', true, false],
    ['no authority is', [], undefined, true, true],
  ])('is judged alike, with a token and without, where %s', async (_, stores, when, token, plain) => {
    await home.setPolicy(policy(stores, when))

    const verdicts = (layout: SignedLayout) => [home.notation(layout).status === 0, home.waybill(layout).status === 0]

    expect({ token: verdicts(withToken), plain: verdicts(without) }).toEqual({
      token: [token, token],
      plain: [plain, plain],
    })
  })

  it('with a token still counts when its certificates have run out, and without one does not', async () => {
    await home.setPolicy(policy(['tsa:right'], 'afterCertExpiry'))

    expect(home.waybill(withToken, LATER).status).toBe(0)
    expect(home.waybill(without, LATER).status).toBe(5)
    expect(home.waybill(withToken, LATER).stdout.toString()).toContain('"timestamp":{"from":')
  })

  it('with a token of the right authority does not count later where the policy names none', async () => {
    await home.setPolicy(policy([]))

    expect(home.waybill(withToken, LATER).status).toBe(5)
  })
})

it('the token of another signature is refused by notation and by waybill', async () => {
  const one = await newLayout(space, 'token-one')
  const two = await newLayout(space, 'token-two')
  home.sign(one, stamped())
  home.sign(two, stamped())
  let token: unknown
  changeJws(await envelopeOf(two), ({ header }) => {
    token = header[TOKEN]
  })
  const moved = changeJws(await envelopeOf(one), ({ header }) => {
    header[TOKEN] = token
  })
  await replaceEnvelope(one, moved)
  await home.setPolicy(policy(['tsa:right']))

  expect(home.notation(one).status).not.toBe(0)
  expect(home.waybill(one).status).toBe(5)
})

it('a token without its last byte is refused by notation and by waybill', async () => {
  const layout = await newLayout(space, 'token-cut')
  home.sign(layout, stamped())
  const cut = changeJws(await envelopeOf(layout), ({ header }) => {
    header[TOKEN] = Buffer.from(String(header[TOKEN]), 'base64').subarray(0, -1).toString('base64')
  })
  await replaceEnvelope(layout, cut)
  await home.setPolicy(policy(['tsa:right']))

  expect(home.notation(layout).status).not.toBe(0)
  expect(home.waybill(layout).status).toBe(5)
})
