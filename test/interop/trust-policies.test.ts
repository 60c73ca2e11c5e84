import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTrustPolicy } from '../../src/trust/policy/parse-policy.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'
import { ACME, aStatement, isTrustPolicyError, policyBytes } from '../support/trust-policies.js'

// notation and waybill are given the same policies. What only notation takes is in a list of its own:
// docs/adr/0020-trust-policies.md has the reasons.

let space: Workspace

beforeAll(async () => {
  space = await openWorkspace()
})

afterAll(() => space.remove())

type Statement = Readonly<Record<string, unknown>>
type Row = readonly [what: string, document: readonly Statement[] | string]

const level = (name: unknown, more: object = {}) => ({ signatureVerification: { level: name, ...more } })
const override = (more: object, base = 'strict') => level(base, { override: more })
const scoped = (...registryScopes: readonly unknown[]) => aStatement({ registryScopes })
const trusting = (...trustedIdentities: readonly unknown[]) => aStatement({ trustedIdentities })
const storing = (...trustStores: readonly unknown[]) => aStatement({ trustStores })
const SKIPPED = { ...level('skip'), trustStores: undefined, trustedIdentities: undefined }
const second = (registryScopes: readonly string[]) => aStatement({ name: 'second', registryScopes })
const one = JSON.stringify(aStatement())

const ACCEPTED: readonly Row[] = [
  ['a statement for everything', [aStatement()]],
  [
    'a statement beside the one for everything',
    [aStatement(), second(['reg.example/a', 'localhost:5000/a_b/c__d/e--f.g'])],
  ],
  ['the scope of bundles', [scoped('waybill/bundle')]],
  ['a host in capitals', [scoped('REG.example/a')]],
  ['a scope of one letter', [scoped('a/b')]],
  ['the level permissive', [aStatement(level('permissive'))]],
  [
    'the level audit with everything enforced',
    [
      aStatement(
        override(
          { authenticity: 'enforce', authenticTimestamp: 'enforce', expiry: 'enforce', revocation: 'enforce' },
          'audit',
        ),
      ),
    ],
  ],
  ['revocation skipped', [aStatement(override({ revocation: 'skip' }))]],
  ['no overrides', [aStatement(override({}))]],
  [
    'a repository skipped, with empty lists',
    [aStatement({ ...SKIPPED, registryScopes: ['r/a'], trustStores: [], trustedIdentities: [] })],
  ],
  [
    'an empty override of the level skip',
    [aStatement({ ...SKIPPED, ...override({}, 'skip'), registryScopes: ['r/a'] })],
  ],
  [
    'timestamps after expiry',
    [aStatement({ ...level('strict', { verifyTimestamp: 'afterCertExpiry' }), trustStores: ['ca:a', 'tsa:b'] })],
  ],
  ['a store twice', [storing('ca:a', 'ca:a')]],
  ['stores of every type', [storing('ca:a', 'signingAuthority:a', 'tsa:a._-1')]],
  ['timestamp authorities alone', [storing('tsa:a')]],
  ['identities that differ', [trusting(`${ACME}, OU=a`, `${ACME}, OU=b`, `${ACME}, CN=c`)]],
  ['S for ST, semicolons and spaces', [trusting('x509.subject:  C = US ; S = WA ; O = acme ')]],
  ['escapes', [trusting('x509.subject: C=US, ST=WA, O=\\ a\\,b\\;c\\\\d\\+\\"\\<\\>\\=\\#\\C3\\A4\\ ')]],
  ['characters that want an escape and have none', [trusting('x509.subject: C=US, ST=WA, O="a" <b>=c')]],
  ['an attribute type that nobody knows', [trusting(`${ACME}, favouriteDrink=tea`)]],
  ['an identity for a plugin', [trusting('com.example:anything', ACME)]],
  ['members that nobody knows', [aStatement({ description: 'x', registryscope: 1 })]],
  [
    'the member of waybill',
    [aStatement({ waybill: { maxStaleness: '30d', matchTarget: true }, registryScopes: ['r/a'] })],
  ],
  [
    'null for what is absent',
    [aStatement({ ...level('strict', { override: null, verifyTimestamp: null }), waybill: null })],
  ],
]

const REFUSED: readonly Row[] = [
  ['nothing', ''],
  ['no JSON', '{"version":"1.0"'],
  ['more than one document', `{"version":"1.0","trustPolicies":[${one}]}{}`],
  ['a list', '[]'],
  ['another version', `{"version":"2.0","trustPolicies":[${one}]}`],
  ['a number as version', `{"version":1.0,"trustPolicies":[${one}]}`],
  ['no version', `{"trustPolicies":[${one}]}`],
  ['no statements', []],
  ['a statement that is null', '{"version":"1.0","trustPolicies":[null]}'],
  ['a statement without a name', [aStatement({ name: '' })]],
  ['a name twice', [aStatement(), aStatement({ registryScopes: ['r/a'] })]],
  ['no level', [aStatement({ signatureVerification: {} })]],
  ['an unknown level', [aStatement(level('Strict'))]],
  ['the level custom', [aStatement(level('custom'))]],
  ['an override of integrity', [aStatement(override({ integrity: 'enforce' }))]],
  ['an override in another case', [aStatement(override({ Expiry: 'log' }))]],
  ['an override by null', [aStatement(override({ expiry: null }))]],
  ['expiry skipped', [aStatement(override({ expiry: 'skip' }))]],
  ['authenticity skipped', [aStatement(override({ authenticity: 'skip' }))]],
  ['an override of the level skip', [aStatement({ ...SKIPPED, ...override({ expiry: 'log' }, 'skip') })]],
  ['an unknown verifyTimestamp', [aStatement(level('strict', { verifyTimestamp: 'never' }))]],
  ['no stores', [storing()]],
  ['no identities', [trusting()]],
  ['a store at the level skip', [aStatement({ ...SKIPPED, registryScopes: ['r/a'], trustStores: ['ca:a'] })]],
  ['an identity at the level skip', [aStatement({ ...SKIPPED, registryScopes: ['r/a'], trustedIdentities: ['*'] })]],
  ...['acme', 'ca:', 'ca:a/b', 'CA:a', '*', 'ca:*', ':a', ' ca:a', null].map(
    (store): Row => [`the store ${store}`, [storing(store)]],
  ),
  ...[
    '',
    'reg',
    'reg/',
    '/a',
    'reg/A',
    'reg/a:1',
    'reg/*',
    '*.reg/a',
    'reg//a',
    '-reg/a',
    'reg-/a',
    'reg/a_',
    'reg/a___b',
    'reg/a..b',
    'reg:/a',
    'reg:x/a',
    '[::1]/a',
    'https://reg/a',
    'reg\\a',
    null,
  ].map((scope): Row => [`the scope ${scope}`, [scoped(scope)]]),
  ['no scopes', [scoped()]],
  ['everything beside a repository', [scoped('*', 'r/a')]],
  ['a scope twice in a statement', [scoped('r/a', 'r/a')]],
  ['a scope in two statements', [scoped('r/a'), second(['r/b', 'r/a'])]],
  ['two statements for everything', [aStatement(), second(['*'])]],
  ['everybody beside somebody', [trusting('*', ACME)]],
  ['an overlap', [trusting(ACME, `${ACME}, CN=a`)]],
  ['the same identity in another order', [trusting(ACME, 'x509.subject: O=acme, C=US, S=WA')]],
  ...[
    '',
    'x509.subject',
    'x509.subject:',
    'x509.subject: ',
    'x509.subject: C=US, ST=WA',
    'x509.subject: c=US, ST=WA, O=a',
  ].map((text): Row => [`the identity ${text}`, [trusting(text)]]),
  ...['O=b', 'CN=#0401', 'CN=a=#b', 'CN', '=x', '', 'CN=a+OU=b', 'S=WA', 'CN=\\', 'CN=\\z1'].map(
    (more): Row => [`the identity with ${more || 'nothing'} at its end`, [trusting(`${ACME}, ${more}`)]],
  ),
]

/** What notation takes: the reason why waybill does not is in the ADR. */
const STRICTER: readonly Row[] = [
  ['everything skipped', [aStatement(SKIPPED)]],
  ['bundles skipped', [aStatement({ ...SKIPPED, registryScopes: ['waybill/bundle'] })]],
  ['a store that is the folder above', [storing('ca:..')]],
  ['an empty verifyTimestamp', [aStatement(level('strict', { verifyTimestamp: '' }))]],
  ['a member twice', `{"version":"1.0","trustPolicies":[],"trustPolicies":[${one}]}`],
  ['a member in another case', `{"version":"1.0","TrustPolicies":[${one}]}`],
  ['a fraction in a member that nobody knows', `{"version":"1.0","x":0.5,"trustPolicies":[${one}]}`],
  ['half a surrogate pair', `{"version":"1.0","x":"\\ud800","trustPolicies":[${one}]}`],
  ['a mistake in the member of waybill', [aStatement({ waybill: { maxStaleness: 30 } })]],
  ['an attribute without a value', [trusting(`${ACME}, OU=`)]],
  ['a value that begins with # behind a space', [trusting(`${ACME}, CN= #x`)]],
  ['a value that is not UTF-8', [trusting(`${ACME}, CN=\\ff`)]],
  ['an attribute type with escapes', [trusting('x509.subject: \\43=US, ST=WA, O=acme')]],
]

describe('a policy', () => {
  const bytesOf = (document: Row[1]) => (typeof document === 'string' ? Buffer.from(document) : policyBytes(document))
  const judge = async (document: Row[1]) => {
    const path = await space.write('policy.json', bytesOf(document))
    const { status } = space.run('notation', ['policy', 'import', '--force', path])
    return { notation: status === 0, waybill: parses(bytesOf(document)) }
  }

  it.each(ACCEPTED)('with %s is taken by both', async (_what, document) => {
    expect(await judge(document)).toEqual({ notation: true, waybill: true })
  })

  it.each(REFUSED)('with %s is refused by both', async (_what, document) => {
    expect(await judge(document)).toEqual({ notation: false, waybill: false })
  })

  it.each(STRICTER)('with %s is taken by notation alone', async (_what, document) => {
    expect(await judge(document)).toEqual({ notation: true, waybill: false })
  })
})

function parses(bytes: Uint8Array): boolean {
  try {
    parseTrustPolicy(bytes, 'oci', 'policy.json')
    return true
  } catch (cause) {
    if (isTrustPolicyError(cause)) return false
    throw cause
  }
}
