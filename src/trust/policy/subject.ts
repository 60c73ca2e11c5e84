import type { Certificate } from '../certificate/certificate.js'
import type { RelativeName } from './distinguished-name.js'

/** The attributes of a name that has each type once: what two names are compared by. */
export type Subject = ReadonlyMap<string, string>

// notary: the types that notation can name; it writes every other as "OID=#…", and then refuses what it has written.
const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.17': 'POSTALCODE',
}

/** The attribute types that a certificate's subject can have under this policy language, letter by letter. */
export const ATTRIBUTE_TYPES: readonly string[] = Object.values(SHORT_NAMES)

const MANDATORY = ['C', 'ST', 'O']

/**
 * The attributes of a name as the rules for trusted identities want it (trust-store-trust-policy, "Trusted Identities
 * Constraints"): one attribute in each RDN, each type once, and C, ST (or S) and O among them.
 * @param fail is called with a sentence about what is wrong, and throws
 */
export function readSubject(names: readonly RelativeName[], fail: (why: string) => never): Subject {
  const subject = new Map<string, string>()
  for (const [attribute, ...more] of names) {
    if (attribute === undefined) continue
    if (more.length > 0) fail('it has several attributes in one RDN (joined by +)')
    const type = attribute.type === 'S' ? 'ST' : attribute.type
    // Of two organisations nobody can say which one is trusted.
    if (subject.has(type)) fail(`it has the attribute ${type} twice`)
    subject.set(type, attribute.value)
  }
  const missing = MANDATORY.filter((type) => (subject.get(type) ?? '') === '')
  if (missing.length > 0) fail(`it lacks ${missing.join(', ')}; C, ST and O are always needed`)
  return subject
}

/** The certificate's subject with the short names of its attribute types; a type that has none as its number. */
export function subjectNames({ subjectRdns }: Certificate): readonly RelativeName[] {
  return subjectRdns.map((rdn) => rdn.map(({ type, value }) => ({ type: SHORT_NAMES[type] ?? type, value })))
}

/** True if `other` has all of these attributes, with exactly these values. */
export function isWithin(subject: Subject, other: Subject): boolean {
  return [...subject].every(([type, value]) => other.get(type) === value)
}
