import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openEnvelope } from '../../src/trust/envelope-jws.js'
import { parsePayload } from '../../src/trust/payload.js'
import { readTrustStore } from '../../src/trust/trust-store.js'

const FIXTURES = process.env['WAYBILL_FIXTURES'] ?? '../shared/fixtures'
const NOTATION = join(FIXTURES, 'notaryproject-notation-go')

function fixture(path: string): Uint8Array {
  return readFileSync(join(NOTATION, path))
}

// What notation's authors signed and stored. Not run where the fixtures are absent.
describe.skipIf(!existsSync(NOTATION))('the data of notation', () => {
  test('opens a signature that notation made, and reads what it signs', async () => {
    const opened = await openEnvelope(fixture('internal/testdata/jws_signature.sig'))

    expect(opened.algorithm).toBe('PS256')
    expect(parsePayload(opened.payload)).toMatchObject({
      digest: 'sha256:19dbd2e48e921426ee8ace4dc892edfb2ecdc1d1a72d5416c83670c30acecef0',
      size: 481,
    })
  })

  test.each([
    'internal/mock/testdata/ca_valid_sig_env.json',
    'internal/mock/testdata/ca_expired_sig_env.json',
    'internal/mock/testdata/sig_env_with_metadata.json',
    'verifier/testdata/timestamp/sigEnv/jwsWithTimestamp.sig',
    'verifier/testdata/timestamp/sigEnv/withoutTimestamp.sig',
  ])('finds %s whole', async (path) => {
    const { chain, payload } = await openEnvelope(fixture(path))

    expect(chain.length).toBeGreaterThan(0)
    expect(parsePayload(payload).digest).toMatch(/^sha256:/)
  })

  test.each([
    'internal/testdata/cose_signature.sig',
    'internal/mock/testdata/sa_valid_sig_env.json',
    'internal/mock/testdata/sa_invalid_sig_env.json',
    'internal/mock/testdata/sa_plugin_sig_env.json',
    'internal/mock/testdata/ca_compatible_pluginver_sig_env_1.0.0.json',
  ])('refuses %s: another format, scheme or rule, or damaged', async (path) => {
    await expect(openEnvelope(fixture(path))).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' })
  })

  test.each([
    ['valid-trust-store', 5],
    ['valid-trust-store-2', 1],
    ['valid-trust-store-self-signed', 1],
  ])('reads the trust store %s', async (name, count) => {
    const found = await readTrustStore(join(NOTATION, 'verifier/testdata'), { type: 'ca', name })

    expect(found).toHaveLength(count)
  })

  test.each([
    'trust-store-with-invalid-certs',
    'trust-store-with-leaf-certs',
    'trust-store-with-leaf-certs-in-single-file',
  ])('refuses the trust store %s', async (name) => {
    await expect(readTrustStore(join(NOTATION, 'verifier/testdata'), { type: 'ca', name })).rejects.toMatchObject({
      code: 'ERR_TRUST_STORE_INVALID',
    })
  })
})
