import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../src/limits.js'
import { parseTrustPolicy } from '../../../src/trust/policy/parse-policy.js'
import type { TrustPolicy } from '../../../src/trust/policy/trust-policy.js'
import { ACME, aStatement, policyBytes } from '../../support/trust-policies.js'

const INVALID = { code: 'ERR_TRUST_POLICY_INVALID' }

function parse(statements: readonly unknown[], kind: TrustPolicy['kind'] = 'oci'): TrustPolicy {
  return parseTrustPolicy(policyBytes(statements), kind, 'trustpolicy.json')
}

function parseText(text: string): TrustPolicy {
  return parseTrustPolicy(Buffer.from(text), 'oci', 'trustpolicy.json')
}

function parseOne(changes: Readonly<Record<string, unknown>>, kind: TrustPolicy['kind'] = 'oci'): TrustPolicy {
  return parse([kind === 'oci' ? aStatement(changes) : aStatement({ registryScopes: undefined, ...changes })], kind)
}

const withLevel = (level: unknown, more: object = {}) => ({ signatureVerification: { level, ...more } })
const SKIPPED = { ...withLevel('skip'), trustStores: undefined, trustedIdentities: undefined }

describe('a policy for artifacts', () => {
  test('is read with everything that a statement says', () => {
    const policy = parseOne({
      registryScopes: ['reg.example/a', 'reg.example:5000/b/c'],
      ...withLevel('strict', { override: { expiry: 'log' }, verifyTimestamp: 'afterCertExpiry' }),
      trustStores: ['ca:acme', 'tsa:clock.1'],
      trustedIdentities: [ACME],
      waybill: { maxStaleness: '30d', matchTarget: true },
    })

    expect(policy).toEqual({
      path: 'trustpolicy.json',
      kind: 'oci',
      warnings: [],
      statements: [
        {
          name: 'acme',
          scopes: ['reg.example/a', 'reg.example:5000/b/c'],
          global: false,
          level: {
            name: 'strict',
            actions: {
              integrity: 'enforce',
              authenticity: 'enforce',
              authenticTimestamp: 'enforce',
              expiry: 'log',
              revocation: 'enforce',
            },
          },
          verifyTimestamp: 'afterCertExpiry',
          stores: [
            { type: 'ca', name: 'acme' },
            { type: 'tsa', name: 'clock.1' },
          ],
          identities: [ACME],
          waybill: { maxStalenessMs: 30 * 86_400_000, matchTarget: true, acceptNv2: false },
        },
      ],
    })
  })

  test('needs nothing but what the specification calls required', () => {
    const [statement] = parse([aStatement()]).statements

    expect(statement).toMatchObject({ verifyTimestamp: 'always', waybill: { matchTarget: false } })
    expect(statement?.waybill.maxStalenessMs).toBeUndefined()
  })

  test('takes null for an absent member, as notation does', () => {
    const { statements } = parseOne({
      ...withLevel('strict', { override: null, verifyTimestamp: null }),
      waybill: null,
    })

    expect(statements[0]?.level.name).toBe('strict')
  })

  test('may skip signatures for single repositories, where it then names nobody', () => {
    const { statements } = parseOne({ ...SKIPPED, trustStores: [], registryScopes: ['reg.example/unsigned'] })

    expect(statements[0]).toMatchObject({ level: { name: 'skip' }, stores: [], identities: [] })
  })
})

describe('a policy for blobs', () => {
  test('has one global statement at most, and no scopes', () => {
    const policy = parse(
      [
        aStatement({ registryScopes: undefined, globalPolicy: true }),
        aStatement({ name: 'other', globalPolicy: false }),
      ],
      'blob',
    )

    expect(policy.statements.map(({ global, scopes }) => [global, scopes])).toEqual([
      [true, []],
      [false, []],
    ])
  })

  test.each([
    ['two global statements', [aStatement({ globalPolicy: true }), aStatement({ name: 'b', globalPolicy: true })]],
    // The specification says so; notation compares a text with a structure there, and lets it pass.
    ['a global statement that skips', [aStatement({ ...SKIPPED, globalPolicy: true })]],
    ['a globalPolicy that is a text', [aStatement({ globalPolicy: 'true' })]],
    ['two statements of one name', [aStatement(), aStatement()]],
  ])('refuses %s', (_what, statements) => {
    expect(() => parse(statements, 'blob')).toThrow(expect.objectContaining(INVALID))
  })

  test('warns of scopes, which limit nothing there', () => {
    expect(parseOne({ registryScopes: ['reg.example/a'] }, 'blob').warnings).toEqual([
      expect.stringContaining('registryScopes'),
    ])
  })
})

describe('the document', () => {
  const one = JSON.stringify(aStatement())

  test.each([
    ['nothing', ''],
    ['something else than JSON', '<xml/>'],
    ['an array', '[]'],
    ['null', 'null'],
    ['more after its end', `{"version":"1.0","trustPolicies":[${one}]}{}`],
    ['a comment', `{"version":"1.0",/* */"trustPolicies":[${one}]}`],
    ['a byte order mark', `\ufeff{"version":"1.0","trustPolicies":[${one}]}`],
    ['a member twice', `{"version":"1.0","version":"1.0","trustPolicies":[${one}]}`],
    ['a member twice in two cases', `{"version":"1.0","Version":"1.0","trustPolicies":[${one}]}`],
    ['no version', `{"trustPolicies":[${one}]}`],
    ['an empty version', `{"version":"","trustPolicies":[${one}]}`],
    ['another version', `{"version":"1.1","trustPolicies":[${one}]}`],
    ['a number as version', `{"version":1,"trustPolicies":[${one}]}`],
    ['no statements', '{"version":"1.0"}'],
    ['an empty list of statements', '{"version":"1.0","trustPolicies":[]}'],
    ['an object for the list of statements', `{"version":"1.0","trustPolicies":${one}}`],
    ['a statement that is null', '{"version":"1.0","trustPolicies":[null]}'],
    ['a known member in another case', `{"version":"1.0","trustpolicies":[${one}]}`],
    ['a known member with a letter that folds to one', `{"ver\u017fion":"1.0","trustPolicies":[${one}]}`],
  ])('is refused with %s', (_what, text) => {
    expect(() => parseText(text)).toThrow(expect.objectContaining(INVALID))
  })

  test('is refused where it is not UTF-8', () => {
    const bytes = Buffer.concat([policyBytes([aStatement({ name: 'x' })]), Buffer.from([0xff])])

    expect(() => parseTrustPolicy(bytes, 'oci', 'p')).toThrow(expect.objectContaining(INVALID))
  })

  test('is refused beyond the limits', () => {
    const many = Array.from({ length: LIMITS.trustStatements + 1 }, (_, at) =>
      aStatement({ name: `${at}`, registryScopes: [`r/${at}`] }),
    )
    const identities = Array.from({ length: LIMITS.trustedIdentities + 1 }, (_, at) => `${ACME}, CN=${at}`)

    expect(() => parse(many)).toThrow(expect.objectContaining(INVALID))
    expect(() => parseOne({ trustedIdentities: identities })).toThrow(expect.objectContaining(INVALID))
    expect(() => parseText(`{"version":"1.0","trustPolicies":[${one}]${' '.repeat(LIMITS.trustPolicyBytes)}}`)).toThrow(
      expect.objectContaining(INVALID),
    )
  })

  test('may have members that nobody knows, with a warning that says where', () => {
    const policy = parseText(
      `{"version":"1.0","comment":{"a":1},"trustPolicies":[${JSON.stringify(
        aStatement({ description: 'x', ...withLevel('strict', { hint: 1 }) }),
      )}]}`,
    )

    expect(policy.warnings).toEqual([
      expect.stringContaining('comment'),
      expect.stringContaining('statement "acme", description'),
      expect.stringContaining('signatureVerification.hint'),
    ])
  })
})

describe('a statement', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['no name', { name: undefined }],
    ['an empty name', { name: '' }],
    ['a number as name', { name: 7 }],
    ['its name in another case', { name: undefined, Name: 'x' }],
    ['no signatureVerification', { signatureVerification: undefined }],
    ['a text as signatureVerification', { signatureVerification: 'strict' }],
    ['no level', { signatureVerification: {} }],
    ['an unknown level', withLevel('relaxed')],
    ['a level in another case', withLevel('Strict')],
    ['a level member in another case', { signatureVerification: { Level: 'strict' } }],
    ['the level custom, which is notation’s word for a level with overrides', withLevel('custom')],
    ['an override of integrity', withLevel('strict', { override: { integrity: 'log' } })],
    ['an override of integrity by itself', withLevel('permissive', { override: { integrity: 'enforce' } })],
    ['an override of something unknown', withLevel('strict', { override: { identity: 'log' } })],
    ['an override in another case', withLevel('strict', { override: { Expiry: 'log' } })],
    ['an override by something unknown', withLevel('strict', { override: { expiry: 'warn' } })],
    ['an override by nothing', withLevel('strict', { override: { expiry: '' } })],
    ['an override by null', withLevel('strict', { override: { expiry: null } })],
    ['authenticity skipped', withLevel('strict', { override: { authenticity: 'skip' } })],
    ['authenticTimestamp skipped', withLevel('strict', { override: { authenticTimestamp: 'skip' } })],
    ['expiry skipped', withLevel('strict', { override: { expiry: 'skip' } })],
    ['a list of overrides', withLevel('strict', { override: ['expiry'] })],
    ['an override of the level skip', { ...SKIPPED, ...withLevel('skip', { override: { expiry: 'log' } }) }],
    ['an unknown verifyTimestamp', withLevel('strict', { verifyTimestamp: 'never' })],
    ['an empty verifyTimestamp', withLevel('strict', { verifyTimestamp: '' })],
    ['no trust stores', { trustStores: undefined }],
    ['an empty list of trust stores', { trustStores: [] }],
    ['no identities', { trustedIdentities: undefined }],
    ['an empty list of identities', { trustedIdentities: [] }],
    ['a trust store at the level skip', { ...SKIPPED, registryScopes: ['r/a'], trustStores: ['ca:a'] }],
    ['an identity at the level skip', { ...SKIPPED, registryScopes: ['r/a'], trustedIdentities: ['*'] }],
    ['the level skip for everything', SKIPPED],
    ['a text for the list of trust stores', { trustStores: 'ca:acme' }],
    ['a trust store that is null', { trustStores: [null] }],
    ['a trust store without type', { trustStores: ['acme'] }],
    ['a trust store without name', { trustStores: ['ca:'] }],
    ['every trust store', { trustStores: ['*'] }],
    ['every trust store of a type', { trustStores: ['ca:*'] }],
    ['a trust store of an unknown type', { trustStores: ['root:acme'] }],
    ['a trust store with its type in another case', { trustStores: ['CA:acme'] }],
    ['a trust store with a path', { trustStores: ['ca:a/b'] }],
    ['a trust store that is the folder above', { trustStores: ['ca:..'] }],
    ['a second trust store that is bad', { trustStores: ['ca:acme', 'acme'] }],
    ['no scopes', { registryScopes: undefined }],
    ['an empty list of scopes', { registryScopes: [] }],
    ['everything beside a repository', { registryScopes: ['*', 'reg.example/a'] }],
    ['everything twice', { registryScopes: ['*', '*'] }],
    ['a scope twice', { registryScopes: ['reg.example/a', 'reg.example/a'] }],
    ['a part of a scope left open', { registryScopes: ['reg.example/*'] }],
    ['an empty scope', { registryScopes: [''] }],
    ['a registry without a repository', { registryScopes: ['reg.example'] }],
    ['a scope with a scheme', { registryScopes: ['https://reg.example/a'] }],
    ['a scope with a tag', { registryScopes: ['reg.example/a:latest'] }],
    ['a scope with a digest', { registryScopes: [`reg.example/a@sha256:${'0'.repeat(64)}`] }],
  ])('is refused with %s', (_what, changes) => {
    expect(() => parseOne(changes)).toThrow(expect.objectContaining(INVALID))
  })

  test('is refused where another has its name or its scope', () => {
    const other = aStatement({ name: 'other', registryScopes: ['reg.example/a'] })

    expect(() => parse([aStatement(), aStatement({ registryScopes: ['reg.example/a'] })])).toThrow(/another statement/)
    expect(() => parse([other, { ...other, name: 'third' }])).toThrow(/"other" and "third"/)
    expect(() => parse([aStatement(), aStatement({ name: 'other' })])).toThrow(expect.objectContaining(INVALID))
  })

  test('is refused in a sentence that names it, the member, what is wrong and what to do', () => {
    expect(() => parseOne({ trustStores: ['ca:acme', 'acme'] })).toThrow(
      'the trust policy trustpolicy.json, statement "acme", trustStores: expected TYPE:NAME with the type ca, ' +
        'signingAuthority, tsa and a name of letters, digits, ".", "_" and "-", found "acme"; write it like "ca:acme"',
    )
    expect(() => parseOne({ name: undefined })).toThrow(/statement 1, name: expected a name, found nothing/)
  })

  test('cannot write to the terminal of whoever reads the message', () => {
    expect(() => parseOne({ name: 'a\u001b[2J', trustStores: ['\u001b[2J'] })).toThrow(/^[\x20-\x7e]*$/)
  })

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['trusts nobody', { trustStores: ['tsa:clock'] }, /trusts nobody/],
    ['names a store twice', { trustStores: ['ca:acme', 'ca:acme'] }, /counts once/],
    ['asks for timestamps without an authority', withLevel('strict', { verifyTimestamp: 'always' }), /verifyTimestamp/],
    ['matches target names for everything', { waybill: { matchTarget: true } }, /matchTarget/],
    [
      'allows bundles themselves to be stale',
      { registryScopes: ['waybill/bundle'], waybill: { maxStaleness: '30d' } },
      /maxStaleness has no effect/,
    ],
    ['has an identity for plugins', { trustedIdentities: ['com.example:x'] }, /only a plugin/],
    ['has an identity that nobody can have', { trustedIdentities: [`${ACME}, mail=x`] }, /never matches/],
  ])('is taken with a warning where it %s', (_what, changes, warning) => {
    const { warnings, statements } = parseOne(changes)

    expect(warnings).toEqual([expect.stringMatching(warning)])
    expect(statements[0]?.stores).toHaveLength(1)
  })
})

describe('the member waybill', () => {
  test.each([
    ['30d', 30 * 86_400_000],
    ['12h', 12 * 3_600_000],
    ['90m', 90 * 60_000],
    ['0d', 0],
  ])('takes %s for a duration', (maxStaleness, expected) => {
    expect(parseOne({ waybill: { maxStaleness } }).statements[0]?.waybill.maxStalenessMs).toBe(expected)
  })

  test.each([
    { maxStaleness: '30' },
    { maxStaleness: '30D' },
    { maxStaleness: '1d12h' },
    { maxStaleness: '-1d' },
    { maxStaleness: '1.5d' },
    { maxStaleness: '030d' },
    { maxStaleness: ' 30d' },
    { maxStaleness: '1e3d' },
    { maxStaleness: '10000000d' },
    { maxStaleness: 30 },
    { matchTarget: 'true' },
    { matchTarget: 1 },
    { nv2: 'yes' },
    { maxstaleness: '30d' },
    { anything: true },
    [],
    'matchTarget',
  ])('is refused as %j', (waybill) => {
    expect(() => parseOne({ waybill })).toThrow(expect.objectContaining(INVALID))
  })

  test('is refused in another case', () => {
    expect(() => parseOne({ Waybill: {} })).toThrow(expect.objectContaining(INVALID))
  })
})

describe('the scope of bundles', () => {
  test('may stand beside others', () => {
    const { statements } = parseOne({ registryScopes: ['waybill/bundle', 'reg.example/a'] })

    expect(statements[0]?.scopes).toContain('waybill/bundle')
  })

  test('can never be skipped: what nobody answers for has nobody to trust for the rest', () => {
    expect(() => parseOne({ ...SKIPPED, registryScopes: ['waybill/bundle'] })).toThrow(expect.objectContaining(INVALID))
  })
})
