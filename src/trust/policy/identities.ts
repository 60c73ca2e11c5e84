import { printable } from '../../encoding/printable.js'
import type { Certificate } from '../certificate/certificate.js'
import { formatDistinguishedName, parseDistinguishedName } from './distinguished-name.js'
import { describePlace, type Mistake, type Place, policyError, quoted } from './policy-error.js'
import { ATTRIBUTE_TYPES, isWithin, readSubject, type Subject, subjectNames } from './subject.js'

const ANYBODY = '*'
const SUBJECT_PREFIX = 'x509.subject'
const EXAMPLE = 'write it like "x509.subject: C=US, ST=WA, O=acme"'

interface SubjectIdentity {
  /** as written */
  readonly text: string
  readonly subject: Subject
}

/**
 * Checks the `trustedIdentities` of a statement (trust-store-trust-policy, "Trusted Identities Constraints").
 * @throws ERR_TRUST_POLICY_INVALID
 */
export function checkIdentities(identities: readonly string[], place: Place, warn: (sentence: string) => void): void {
  const odd = inspectIdentities(identities, (mistake) => {
    throw policyError(place, mistake)
  })
  for (const sentence of odd) warn(`${describePlace(place)}: ${sentence}`)
}

/**
 * Holds identities against the rules.
 * @param fail is called with the first mistake, and throws
 * @returns sentences about those that are no mistake and still trust nobody
 */
export function inspectIdentities(identities: readonly string[], fail: (mistake: Mistake) => never): readonly string[] {
  const refuse = (found: string, next = EXAMPLE): never =>
    fail({ expected: 'identities, each "x509.subject:" and a subject, or "*" alone', found, next })
  if (identities.length > 1 && identities.includes(ANYBODY))
    refuse('"*" beside others', 'remove the others, or the "*"')
  for (const identity of identities.filter((one) => one !== ANYBODY)) {
    if (identity === '') refuse('an empty text')
    if (!identity.includes(':')) refuse(`${quoted(identity)}, which has no ":"`)
  }
  const subjects = subjectIdentities(identities, (text, why) => refuse(`${quoted(text)}: ${why}`))
  refuseOverlap(subjects, refuse)
  return oddities(identities, subjects)
}

/** What is no mistake by the rules, and still never trusts anybody. */
function oddities(identities: readonly string[], subjects: readonly SubjectIdentity[]): readonly string[] {
  const foreign = identities.filter((one) => one !== ANYBODY && !isSubjectIdentity(one))
  const unmatchable = subjects.flatMap(({ text, subject }) =>
    [...subject.keys()].filter((type) => !ATTRIBUTE_TYPES.includes(type)).map((type) => ({ text, type })),
  )
  return [
    ...foreign.map((one) => `${quoted(one)} is no x509.subject identity; only a plugin can know what it means`),
    ...unmatchable.map(
      ({ text, type }) => `${quoted(text)} never matches: ${quoted(type)} is none of ${ATTRIBUTE_TYPES.join(', ')}`,
    ),
  ]
}

// notary: one that is part of another makes the other one meaningless.
function refuseOverlap(identities: readonly SubjectIdentity[], refuse: (found: string, next: string) => never): void {
  for (const [at, one] of identities.entries()) {
    const other = identities.slice(at + 1).find(({ subject }) => {
      return isWithin(one.subject, subject) || isWithin(subject, one.subject)
    })
    if (other === undefined) continue
    refuse(`${quoted(one.text)} and ${quoted(other.text)}, which overlap`, 'keep the one that is meant')
  }
}

function isSubjectIdentity(identity: string): boolean {
  return identity.slice(0, Math.max(identity.indexOf(':'), 0)) === SUBJECT_PREFIX
}

function subjectIdentities(
  identities: readonly string[],
  fail: (text: string, why: string) => never,
): readonly SubjectIdentity[] {
  return identities.filter(isSubjectIdentity).map((text) => {
    const refuse = (why: string): never => fail(text, why)
    const names = parseDistinguishedName(text.slice(SUBJECT_PREFIX.length + 1), refuse)
    return { text, subject: readSubject(names, refuse) }
  })
}

/** Whether one of a statement's identities is the signer. */
export interface IdentityMatch {
  readonly match: boolean
  /** one sentence: which identity it was, or why it is none */
  readonly detail: string
}

/**
 * Holds the subject of a signing certificate against trusted identities: all attributes of one of them must be in the
 * subject, letter by letter, in any order. A subject in which notation cannot find its way is nobody's unless `*` is
 * trusted: several attributes in one RDN, a type twice or without a short name, no C, ST or O.
 * @param identities of a parsed statement
 */
export function matchIdentity(leaf: Certificate, identities: readonly string[]): IdentityMatch {
  if (identities.includes(ANYBODY)) return { match: true, detail: 'any identity is trusted ("*")' }
  try {
    return matchSubject(
      leaf,
      subjectIdentities(identities, (text, why) => unfit(`the identity ${quoted(text)}: ${why}`)),
    )
  } catch (cause) {
    if (cause instanceof Unfit) return { match: false, detail: cause.message }
    throw cause
  }
}

function matchSubject(leaf: Certificate, trusted: readonly SubjectIdentity[]): IdentityMatch {
  if (trusted.length === 0) unfit('none of the trusted identities is an x509.subject')
  const names = subjectNames(leaf)
  const shown = printable(formatDistinguishedName(names))
  const refuse = (why: string): never => unfit(`no identity but "*" can stand for the subject ${shown}: ${why}`)
  if (leaf.subjectRdns.flat().some(({ encoding }) => encoding === undefined)) refuse('a value in it is no text')
  const strange = names.flat().find(({ type }) => !ATTRIBUTE_TYPES.includes(type))
  if (strange !== undefined) refuse(`its attribute ${strange.type} has no short name`)
  const hexadecimal = names.flat().find(({ value }) => value.includes('=#'))
  if (hexadecimal !== undefined) refuse(`its attribute ${hexadecimal.type} has "=#" in it`)
  const subject = readSubject(names, refuse)
  const found = trusted.find((identity) => isWithin(identity.subject, subject))
  if (found !== undefined) return { match: true, detail: `the subject ${shown} is trusted as ${quoted(found.text)}` }
  const why = trusted.slice(0, 3).map((identity) => difference(identity, subject))
  const more = trusted.length > why.length ? `; and ${trusted.length - why.length} more` : ''
  return { match: false, detail: `the subject ${shown} is none of the trusted identities: ${why.join('; ')}${more}` }
}

function difference({ text, subject }: SubjectIdentity, other: Subject): string {
  const [type = '', value = ''] = [...subject].find(([name, wanted]) => other.get(name) !== wanted) ?? []
  const has = other.get(type)
  return `${quoted(text)} wants ${type}=${quoted(value)}, and it has ${has === undefined ? 'none' : quoted(has)}`
}

/** Ends the comparison with a sentence. */
class Unfit extends Error {}

function unfit(why: string): never {
  throw new Unfit(why)
}
