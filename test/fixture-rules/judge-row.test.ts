import { describe, expect, test } from 'vitest'
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension } from '../../src/trust/certificate/x509.js'
import { ENVELOPE_COSE } from '../../src/trust/envelope/envelope.js'
import type { Expectation } from '../fixtures/fixture-rule.js'
import { judgeRow } from '../fixtures/judge-row.js'
import { aFixtureFolder, type MadeFile } from '../support/fixture-folder.js'
import { caExtensions, leafExtensions, type MintedChain, mint, mintChain } from '../support/keys.js'
import { signedBy } from '../support/notary.js'
import { crlOf } from '../support/revocation.js'

/** What comes of each row, by its file; undefined where no rule knows it. */
async function outcomes(files: Readonly<Record<string, MadeFile>>) {
  const folder = aFixtureFolder(files)
  const found = await Promise.all(folder.rows.map(async (row) => [row.file, await judgeRow(row, folder)] as const))
  return Object.fromEntries(found.map(([file, judged]) => [file, judged?.outcome]))
}

async function outcomeOf(bytes: Uint8Array | string, verdict: Expectation, others: Record<string, MadeFile> = {}) {
  return (await outcomes({ 'a/file': { bytes, expect: verdict }, ...others }))['a/file']
}

/** The same, with the bit of one byte near the end turned: of signatures and lists the signature itself. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[copy.length - 5] = (copy[copy.length - 5] ?? 0) ^ 1
  return copy
}

async function chainWith(
  ca: readonly [basicConstraintsCritical: boolean, leafHasUsage: boolean],
): Promise<MintedChain> {
  const [critical, leafHasUsage] = ca
  const usage = new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)
  const root = await mint({ name: 'root', extensions: caExtensions() })
  const between = { name: 'between', extensions: [new BasicConstraintsExtension(true, 0, critical), usage] }
  const intermediate = await mint(between, root)
  const leaf = await mint({ name: 'leaf', extensions: leafHasUsage ? leafExtensions() : [] }, intermediate)
  const minted = [leaf, intermediate, root]
  return {
    root,
    intermediate,
    leaf,
    certificates: minted.map(({ certificate }) => certificate),
    chainPem: minted.map(({ pem }) => pem).join(''),
  }
}

describe('a row of the fixtures', () => {
  test('is judged by its bytes, whatever its file is called', async () => {
    const chain = await mintChain()
    const jws = await signedBy(chain)
    const cose = await signedBy(chain, { type: ENVELOPE_COSE })

    const found = await outcomes({
      'x/invalid-signature.txt': { bytes: jws, expect: 'valid' },
      'y/valid.p7s': { bytes: damaged(cose), expect: 'invalid' },
      'z/policy.json': { bytes: chain.chainPem, expect: 'valid' },
    })

    expect(found).toEqual({
      'x/invalid-signature.txt': 'as expected',
      'y/valid.p7s': 'as expected',
      'z/policy.json': 'as expected',
    })
  })

  test.each<readonly [string, Expectation, () => Promise<Uint8Array | string>]>([
    ['a good signature', 'invalid', async () => signedBy(await mintChain())],
    ['a damaged signature', 'valid', async () => damaged(await signedBy(await mintChain(), { type: ENVELOPE_COSE }))],
    ['a sound chain', 'invalid', async () => (await mintChain()).chainPem],
    ['a policy without a version', 'valid', async () => '{"trustPolicies":[]}'],
  ])('is different where %s is said to be %s', async (_, verdict, make) => {
    expect(await outcomeOf(await make(), verdict)).toBe('different')
  })

  test('is a known difference only if its sentence explains all that is wrong', async () => {
    const overlooked = await signedBy(await chainWith([false, true]), { header: {} })
    const { chainPem } = await chainWith([false, false])

    expect(await outcomeOf(overlooked, 'valid')).toBe('known difference')
    expect(await outcomeOf(overlooked, 'invalid')).toBe('as expected')
    expect(await outcomeOf(chainPem, 'valid')).toBe('different')
  })

  test('is about the chain whose key signed it, among chains with one name', async () => {
    const [own, other] = await Promise.all([mintChain(), mintChain()])
    const serial = own.leaf.certificate.serialNumber
    const { der } = crlOf(own.intermediate, { entries: [{ serial }] })
    const beside = {
      'a/own': { bytes: own.chainPem, expect: 'support' },
      'a/other': { bytes: other.chainPem, expect: 'support' },
    } as const

    expect(await outcomeOf(der, 'revoked', beside)).toBe('as expected')
    expect(await outcomeOf(damaged(der), 'unknown', beside)).toBe('as expected')
    expect(await outcomeOf(damaged(der), 'revoked', beside)).toBe('different')
    expect(await outcomeOf(crlOf(own.intermediate).der, 'valid', beside)).toBe('as expected')
  })

  test('is taken for a damaged one of those that it lies among, if it must be refused', async () => {
    const signature = { bytes: await signedBy(await mintChain()), expect: 'valid' } as const

    expect(await outcomeOf('nothing', 'invalid', { 'a/good': signature })).toBe('as expected')
    expect(await outcomeOf('nothing', 'invalid', { 'b/good': signature })).toBe('as expected')
    expect(await outcomeOf('nothing', 'valid', { 'a/good': signature })).toBeUndefined()
  })

  test('is not judged where nothing near it is known', async () => {
    expect(await outcomeOf('nothing', 'invalid')).toBeUndefined()
    expect(await outcomeOf('nothing', 'invalid', { 'a/other': { bytes: 'more', expect: 'valid' } })).toBeUndefined()
  })
})

describe('a file of vectors', () => {
  const key = {
    kty: 'oct',
    alg: 'HS256',
    k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  }
  // RFC 7515, A.1.
  const mac =
    'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  const file = (jws: string, result: string): string =>
    JSON.stringify({ testGroups: [{ type: 'JsonWebSignature', private: key, tests: [{ tcId: 1, jws, result }] }] })

  test.each([
    ['a known difference where others are right that it is valid', 'valid', mac, 'known difference'],
    ['different where they are not', 'valid', mac.replace('dBj', 'dBk'), 'different'],
    ['as expected where all refuse it', 'invalid', mac.replace('dBj', 'dBk'), 'as expected'],
  ])('with an algorithm that Notary does not have is %s', async (_, result, jws, outcome) => {
    expect(await outcomeOf(file(jws, result), 'conditional')).toBe(outcome)
  })
})
