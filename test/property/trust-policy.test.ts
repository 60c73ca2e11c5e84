import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatDistinguishedName,
  parseDistinguishedName,
  type RelativeName,
} from '../../src/trust/policy/distinguished-name.js'
import { parseTrustPolicy } from '../../src/trust/policy/parse-policy.js'
import { isRepositoryScope } from '../../src/trust/policy/scopes.js'
import { isTrustPolicyError } from '../support/trust-policies.js'

class Refused extends Error {}

function parse(text: string): readonly RelativeName[] {
  return parseDistinguishedName(text, (why) => {
    throw new Refused(why)
  })
}

// What needs an escape in some place, beside what needs none and what takes more than one byte.
const mark = fc.oneof(
  fc.constantFrom(
    ' ',
    ' ',
    '#',
    '=',
    ',',
    ';',
    '+',
    '"',
    '<',
    '>',
    '\\',
    '\0',
    'a',
    'B',
    '0',
    'é',
    '€',
    '😀',
    '\ufeff',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
)
const value = fc.array(mark, { minLength: 1, maxLength: 12 }).map((marks) => marks.join('').toWellFormed())
const attribute = fc.record({ type: fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/), value })
const names = fc.array(fc.array(attribute, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })

describe('distinguished names', () => {
  it('are read as they were written, whatever is in their values', () => {
    fc.assert(
      fc.property(names, (given) => {
        expect(parse(formatDistinguishedName(given))).toEqual(given)
      }),
    )
  })

  it('are read the same with every byte of every value escaped, and with spaces around everything', () => {
    const escaped = (text: string) => [...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`)
    const written = (given: readonly RelativeName[]) =>
      given.map((name) => name.map((one) => ` ${one.type} =  ${escaped(one.value).join('')} `).join('+')).join(' ; ')

    fc.assert(
      fc.property(names, (given) => {
        expect(parse(written(given))).toEqual(given)
      }),
    )
  })

  it('are read or refused, and never make the reader stumble', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(mark).map((marks) => marks.join('')),
          fc.string(),
        ),
        (text) => {
          try {
            const read = parse(text.toWellFormed())
            expect(parse(formatDistinguishedName(read))).toEqual(read)
          } catch (cause) {
            if (!(cause instanceof Refused)) throw cause
          }
        },
      ),
    )
  })

  it('are read in one pass, however hostile they are', () => {
    for (const unit of ['\\', ' ', 'a=b,', '\\,', '=', '+', 'a= \\ ', '\\ \\']) {
      const text = `C=${unit.repeat(400_000 / unit.length)}`

      try {
        parse(text)
      } catch (cause) {
        expect(cause).toBeInstanceOf(Refused)
      }
    }
  })
})

const ALPHANUMERIC = [...'abzAZ019']
const LOWER = [...'abz019']

/** The grammar in words: parts between single separators, each beginning and ending with a letter or a digit. */
function oracle(scope: string): boolean {
  const [domain = '', ...path] = scope.split('/')
  const [host = '', ...ports] = domain.split(':')
  const label = (text: string) =>
    text !== '' && [...text].every((one) => /[a-zA-Z0-9-]/.test(one)) && text.at(0) !== '-' && text.at(-1) !== '-'
  const component = (text: string) => {
    if (text === '' || ![...text].every((one) => /[a-z0-9._-]/.test(one))) return false
    // What stands between letters and digits is one dot, one or two underscores, or hyphens alone.
    const separators = text.split(/[a-z0-9]/)
    if (separators.at(0) !== '' || separators.at(-1) !== '') return false
    return separators.every((one) => ['', '.', '_', '__'].includes(one) || [...one].every((mark) => mark === '-'))
  }
  const port = ports.length === 0 || (ports.length === 1 && ports[0] !== '' && /^[0-9]*$/.test(ports[0] ?? ''))
  return path.length > 0 && port && host.split('.').every(label) && path.every(component)
}

describe('scopes', () => {
  const near = fc
    .array(fc.constantFrom(...ALPHANUMERIC, '.', '_', '-', '/', ':', '/'), { maxLength: 14 })
    .map((marks) => marks.join(''))
  const word = fc.string({ unit: fc.constantFrom(...LOWER), minLength: 1, maxLength: 3 })
  const separated = (separators: readonly string[]) =>
    fc
      .array(fc.tuple(word, fc.constantFrom(...separators)), { minLength: 1, maxLength: 3 })
      .chain((parts) => word.map((last) => parts.flat().join('') + last))
  const likely = fc
    .tuple(
      separated(['.', '-', '--', '..']),
      fc.constantFrom('', ':5000', ':'),
      separated(['.', '_', '__', '___', '-', '--', '/', '._']),
    )
    .map(([host, port, path]) => `${host}${port}/${path}`)

  it('are those that the grammar describes, and no others', () => {
    fc.assert(
      fc.property(fc.oneof(near, likely, fc.string()), (text) => {
        expect(isRepositoryScope(text)).toBe(oracle(text))
      }),
      { numRuns: 3_000 },
    )
  })

  it('are told from others in one pass, however hostile they are', () => {
    for (const unit of ['a', 'a-', 'a.', '-', '_', 'a__', 'a/', 'a.b-', '0']) {
      const long = unit.repeat(400_000 / unit.length)

      expect(isRepositoryScope(`${long}!/a`)).toBe(false)
      expect(isRepositoryScope(`reg.example/${long}!`)).toBe(false)
    }
  })
})

describe('trust policies', () => {
  const text = fc.oneof(
    fc.constantFrom('1.0', '*', '', 'strict', 'skip', 'log', 'ca:a', 'tsa:b', 'r/a', 'waybill/bundle', '30d'),
    fc.constantFrom('x509.subject: C=US, ST=WA, O=a', 'x509.subject: C=US', 'x509.subject', 'other:x'),
    fc.string({ maxLength: 5 }),
  )
  const member = fc.constantFrom(
    ...['version', 'trustPolicies', 'name', 'registryScopes', 'signatureVerification', 'level', 'override', 'waybill'],
    ...['trustStores', 'trustedIdentities', 'verifyTimestamp', 'globalPolicy', 'maxStaleness', 'expiry', 'integrity'],
    ...['Name', '__proto__', 'constructor', 'toString'],
  )
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      text,
      fc.constantFrom(null, true, 1),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(member, tie('node'), { maxKeys: 6 }),
    ),
  }))
  const statement = fc.dictionary(member, node, { maxKeys: 8 })
  const document = fc.oneof(
    node,
    fc.record({ version: fc.constant('1.0'), trustPolicies: fc.array(statement, { maxLength: 3 }) }),
  )

  it('are read or refused with one code, whatever they are made of', () => {
    fc.assert(
      fc.property(document, fc.constantFrom('oci' as const, 'blob' as const), (given, kind) => {
        try {
          parseTrustPolicy(Buffer.from(JSON.stringify(given)), kind, 'p')
        } catch (cause) {
          if (!isTrustPolicyError(cause)) throw cause
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
