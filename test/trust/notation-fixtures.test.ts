import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ENVELOPE_COSE, ENVELOPE_JWS, type EnvelopeType } from '../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../src/trust/envelope/open.js'
import { parsePayload } from '../../src/trust/payload.js'
import { readTrustStore } from '../../src/trust/store/trust-store.js'

const FIXTURES = process.env['WAYBILL_FIXTURES'] ?? '../shared/fixtures'
const NOTATION = join(FIXTURES, 'notaryproject-notation-go')

function fixture(path: string): Uint8Array {
  return readFileSync(join(NOTATION, path))
}

// What notation's authors signed and stored. Not run where the fixtures are absent.
describe.skipIf(!existsSync(NOTATION))('the data of notation', () => {
  test.each([
    ['internal/testdata/jws_signature.sig', ENVELOPE_JWS],
    ['internal/testdata/cose_signature.sig', ENVELOPE_COSE],
  ] as const)('opens %s, which notation made, and reads what it signs', async (path, type) => {
    const opened = await openEnvelope(fixture(path), type)

    expect(opened).toMatchObject({ algorithm: 'PS256', attributes: { scheme: 'notary.x509', extended: [] } })
    expect(parsePayload(opened.payload).target).toMatchObject({
      digest: 'sha256:19dbd2e48e921426ee8ace4dc892edfb2ecdc1d1a72d5416c83670c30acecef0',
      size: 481,
    })
  })

  test.each<[string, EnvelopeType]>([
    ['internal/mock/testdata/ca_valid_sig_env.json', ENVELOPE_JWS],
    ['internal/mock/testdata/ca_expired_sig_env.json', ENVELOPE_JWS],
    ['internal/mock/testdata/sa_valid_sig_env.json', ENVELOPE_JWS],
    ['internal/mock/testdata/sa_plugin_sig_env.json', ENVELOPE_JWS],
    ['internal/mock/testdata/ca_compatible_pluginver_sig_env_1.0.0.json', ENVELOPE_JWS],
    ['internal/mock/testdata/sig_env_with_metadata.json', ENVELOPE_JWS],
    ['verifier/testdata/timestamp/sigEnv/jwsWithTimestamp.sig', ENVELOPE_JWS],
    ['verifier/testdata/timestamp/sigEnv/coseWithTimestamp.sig', ENVELOPE_COSE],
    ['verifier/testdata/timestamp/sigEnv/withoutTimestamp.sig', ENVELOPE_JWS],
  ])('finds %s whole', async (path, type) => {
    const { chain, payload } = await openEnvelope(fixture(path), type)

    expect(chain.length).toBeGreaterThan(0)
    expect(parsePayload(payload).target.digest).toMatch(/^sha256:/)
  })

  test('reads the scheme, plugin and critical attribute that other signers state', async () => {
    const { attributes } = await openEnvelope(fixture('internal/mock/testdata/sa_plugin_sig_env.json'), ENVELOPE_JWS)

    expect(attributes).toMatchObject({
      scheme: 'notary.x509.signingAuthority',
      verificationPlugin: { name: 'plugin-name' },
      extended: [{ key: 'SomeKey', critical: true }],
    })
  })

  test('finds the token of a timestamp authority beside a signature', async () => {
    const path = 'verifier/testdata/timestamp/sigEnv/coseWithTimestamp.sig'
    const { timestampToken } = await openEnvelope(fixture(path), ENVELOPE_COSE)

    expect(timestampToken?.[0]).toBe(0x30)
  })

  test.each<[string, EnvelopeType]>([
    ['internal/testdata/cose_signature.sig', ENVELOPE_JWS],
    ['internal/testdata/jws_signature.sig', ENVELOPE_COSE],
    ['internal/mock/testdata/sa_invalid_sig_env.json', ENVELOPE_JWS],
  ])('refuses %s as %s: another format, or damaged', async (path, type) => {
    await expect(openEnvelope(fixture(path), type)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' })
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
