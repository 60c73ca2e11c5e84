import { cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parsePemCertificates } from '../../src/trust/certificate/certificate.js'
import { matchIdentity } from '../../src/trust/policy/identities.js'
import { parseTrustPolicy } from '../../src/trust/policy/parse-policy.js'
import { selectStatement } from '../../src/trust/policy/select.js'
import { type NotationFolder, openNotationFolder, type SignedLayout } from '../support/peers/notation-folder.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'
import { aStatement, policyBytes } from '../support/trust-policies.js'

let space: Workspace
let notation: NotationFolder

beforeAll(async () => {
  space = await openWorkspace()
  notation = await openNotationFolder(space)
  await mkdir(notation.store('test'), { recursive: true })
})

afterAll(() => space.remove())

/** Signs, and has the store `ca:test` trust the certificate from then on. */
async function signAndTrust(name: string, subject: string): Promise<SignedLayout> {
  const signed = await notation.sign(name, subject)
  await cp(signed.certificate, join(notation.store('test'), `${name}.crt`))
  return signed
}

describe('a signer', () => {
  type Signer = readonly [subject: string, identity: string]

  const BASE = '/C=US/ST=WA/O=acme'
  const identity = (more = '') => `x509.subject: C=US, ST=WA, O=acme${more}`

  const FOUND: readonly Signer[] = [
    [`${BASE}/CN=x`, '*'],
    [`${BASE}/CN=x`, identity()],
    [`${BASE}/CN=x`, identity(', CN=x')],
    [`${BASE}/CN=x`, 'x509.subject: CN=x, O=acme, S=WA, C=US'],
    [
      `${BASE}/serialNumber=7/street=a/postalCode=1/L=b/OU=c`,
      identity(', SERIALNUMBER=7, STREET=a, POSTALCODE=1, L=b, OU=c'),
    ],
    ['/C=US/ST=WA/O= a, b; ä#"<', 'x509.subject: C=US, ST=WA, O=\\ a\\, b\\; \\C3\\A4#\\"\\<'],
    ['/C=US/ST=WA/O=#acme', 'x509.subject: C=US, ST=WA, O=\\#acme'],
    [`${BASE}/OU=a/OU=b`, '*'],
    ['/CN=x', '*'],
  ]

  const NOT_FOUND: readonly Signer[] = [
    [`${BASE}/CN=x`, identity(', CN=X')],
    [`${BASE}/CN=x`, identity(', cn=x')],
    [`${BASE}/CN=x`, identity(', OU=x')],
    [`${BASE}/CN=x`, 'x509.subject: C=US, ST=WA, O="acme"'],
    [`${BASE}/CN=x`, 'X509.subject: C=US, ST=WA, O=acme'],
    ['/C=US/ST=WA/O=acme, OU=x', identity(', OU=x')],
    [`${BASE}/OU=a/OU=b`, identity()],
    [`${BASE}/emailAddress=a@example.com`, identity()],
    [`${BASE}/DC=x`, identity()],
    [`${BASE}/title=x`, identity()],
    [`${BASE}/CN=a=#b`, identity()],
    ['/C=US/O=acme', identity()],
  ]

  /** notation writes the name in another form first, in which these can no longer be told from others. */
  const FOUND_BY_NOTATION: readonly Signer[] = [
    [`${BASE}+CN=x`, identity(', CN=x')],
    [`${BASE}/CN=a/CN=b`, identity(', CN=b')],
  ]

  const signed = new Map<string, Promise<SignedLayout>>()

  async function judge(subject: string, trusted: string) {
    const signing = signed.get(subject) ?? signAndTrust(`signer-${signed.size}`, subject)
    signed.set(subject, signing)
    const layout = await signing
    const pem = await readFile(layout.certificate, 'utf8')
    const matched = parsePemCertificates(pem, 'the signer', 'ERR_CONFIG_INVALID').map((leaf) =>
      matchIdentity(leaf, [trusted]),
    )
    const statements = [aStatement({ trustStores: ['ca:test'], trustedIdentities: [trusted] })]
    return { notation: await notation.verifies(layout, { statements }), waybill: matched.every(({ match }) => match) }
  }

  it.each(FOUND)('%s is found by both by the identity %s', async (subject, trusted) => {
    expect(await judge(subject, trusted)).toEqual({ notation: true, waybill: true })
  })

  it.each(NOT_FOUND)('%s is found by neither by the identity %s', async (subject, trusted) => {
    expect(await judge(subject, trusted)).toEqual({ notation: false, waybill: false })
  })

  it.each(FOUND_BY_NOTATION)('%s is found by notation alone by the identity %s', async (subject, trusted) => {
    expect(await judge(subject, trusted)).toEqual({ notation: true, waybill: false })
  })
})

describe('a repository', () => {
  const named = (name: string, registryScopes: readonly string[], store: string) =>
    aStatement({ name, registryScopes, trustStores: [`ca:${store}`] })
  // Only the statement for everything lets the signature pass: which one was asked shows in the verdict.
  const exact = named('exact', ['reg.example/a', 'Reg.example/a'], 'nowhere')
  const statements = [named('everything', ['*'], 'test'), exact, named('port', ['reg.example:5000/a/b'], 'nowhere')]
  const policy = parseTrustPolicy(policyBytes(statements), 'oci', 'policy.json')
  let signed: SignedLayout

  beforeAll(async () => {
    signed = await signAndTrust('scopes', '/C=US/ST=WA/O=acme')
  })

  it.each([
    'reg.example/a',
    'Reg.example/a',
    'REG.example/a',
    'reg.example/a/b',
    'reg.example:5000/a/b',
    'reg.example/b',
  ])('%s has the same statement for both', async (scope) => {
    const statement = selectStatement(policy, scope)

    expect(await notation.verifies(signed, { statements, scope })).toBe(statement?.name === 'everything')
  })

  it.each(['reg', 'reg.example/A', '[::1]:5000/a'])('%s has none for both, for it is no full name', async (scope) => {
    expect(selectStatement(policy, scope)).toBeUndefined()
    expect(await notation.verifies(signed, { statements, scope })).toBe(false)
  })

  it('that no statement is for is trusted by neither', async () => {
    const only = parseTrustPolicy(policyBytes([exact]), 'oci', 'policy.json')

    expect(selectStatement(only, 'reg.example/b')).toBeUndefined()
    expect(await notation.verifies(signed, { statements: [exact], scope: 'reg.example/b' })).toBe(false)
  })
})
