import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { libtrustKeyId } from '../../../src/trust/nv2/key-id.js'
import { openNv2 } from '../../../src/trust/nv2/open-nv2.js'
import { verifyNv2 } from '../../../src/trust/nv2/verify-nv2.js'
import { NOW } from '../../support/keys.js'

const FOLDER = join(
  process.env['WAYBILL_FIXTURES'] ?? '../shared/fixtures',
  'notaryproject-nv2/docs/signature/examples',
)
const IN_2020 = new Date('2020-09-01T00:00:00Z')

function example(name: string): Uint8Array {
  return readFileSync(join(FOLDER, name))
}

function ownChain() {
  const { signedBy } = openNv2(example('x509_x5c.nv2.jwt'))
  return signedBy.kind === 'x5c' ? signedBy.chain : []
}

// What the prototype's authors signed in 2020. Not run where the fixtures are absent.
describe.skipIf(!existsSync(FOLDER))('the examples of the prototype', () => {
  test('name a key as libtrust does', () => {
    const { signedBy } = openNv2(example('x509_kid.nv2.jwt'))
    const [certificate] = ownChain()

    expect(signedBy).toEqual({ kind: 'kid', keyId: certificate && libtrustKeyId(certificate.publicKey) })
  })

  test.each(['x509_x5c.nv2.jwt', 'x509_kid.nv2.jwt'])('verify when they were made, and not today: %s', async (name) => {
    const token = example(name)
    const { target } = openNv2(token).claims
    const anchors = ownChain()

    const then = await verifyNv2(token, { anchors, target, now: IN_2020 })
    const today = await verifyNv2(token, { anchors, target, now: NOW })

    expect(then.verdict).toBe('verified')
    expect(today.checks.filter(({ result }) => result === 'fail').map((check) => check.name)).toEqual([
      'validity',
      'time',
    ])
  })
})
