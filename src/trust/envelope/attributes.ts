import { printable } from '../../encoding/printable.js'
import type { Json } from '../../encoding/strict-json.js'
import type { ExtendedAttribute, SignedAttributes, SigningScheme } from './envelope.js'
import { refuse } from './refuse.js'

const PREFIX = 'io.cncf.notary.'

/** The signed attributes that both envelope formats have, by their names (signature-specification, "Signed Attributes"). */
export const ATTRIBUTE = {
  scheme: `${PREFIX}signingScheme`,
  signingTime: `${PREFIX}signingTime`,
  authenticSigningTime: `${PREFIX}authenticSigningTime`,
  expiry: `${PREFIX}expiry`,
  plugin: `${PREFIX}verificationPlugin`,
  pluginMinVersion: `${PREFIX}verificationPluginMinVersion`,
} as const

/** What stands beside the signature, unsigned. */
export const UNSIGNED = { timestamp: `${PREFIX}timestampSignature`, agent: `${PREFIX}signingAgent` } as const

export type Label = string | number

/** A protected header, whichever format it is spelled in. */
export interface SignedHeader {
  /** every label, those that the format itself defines left out */
  readonly labels: readonly Label[]
  /** as listed */
  readonly critical: readonly Label[]
  /** labels that no list of critical ones may hold */
  readonly neverCritical: readonly Label[]
  text(label: Label): string
  time(label: Label): Date
  json(label: Label): Json
}

// notary: signature-envelope-jws and -cose mark these as critical; a verifier that does not know one must fail.
const ALWAYS_CRITICAL: readonly Label[] = [
  ATTRIBUTE.scheme,
  ATTRIBUTE.authenticSigningTime,
  ATTRIBUTE.expiry,
  ATTRIBUTE.plugin,
  ATTRIBUTE.pluginMinVersion,
]
const KNOWN: readonly Label[] = Object.values(ATTRIBUTE)
const TIME_OF_SCHEME: Readonly<Record<SigningScheme, { readonly own: string; readonly other: string }>> = {
  'notary.x509': { own: ATTRIBUTE.signingTime, other: ATTRIBUTE.authenticSigningTime },
  'notary.x509.signingAuthority': { own: ATTRIBUTE.authenticSigningTime, other: ATTRIBUTE.signingTime },
}

/**
 * Holds a protected header against every rule that both formats share. Attributes that the Notary Project does not define
 * come back as `extended`: a critical one among them fails the signature unless somebody processes it.
 * @throws ERR_SIGNATURE_INVALID
 */
export function readAttributes(header: SignedHeader): SignedAttributes {
  const has = new Set(header.labels)
  checkCritical(header, has)
  const scheme = readScheme(header, has)
  const { own, other } = TIME_OF_SCHEME[scheme]
  // Under the one scheme the signer's clock would count, under the other it is only a claim.
  if (has.has(other)) refuse(`it has the signing time of another scheme than ${scheme}`)
  if (!has.has(own)) refuse(`it has no ${own}`)
  const signingTime = header.time(own)
  const expiry = has.has(ATTRIBUTE.expiry) ? header.time(ATTRIBUTE.expiry) : undefined
  if (expiry !== undefined && expiry <= signingTime) refuse('it expires before it was made')
  const verificationPlugin = readPlugin(header, has)
  return {
    scheme,
    signingTime,
    ...(expiry === undefined ? {} : { expiry }),
    ...(verificationPlugin === undefined ? {} : { verificationPlugin }),
    extended: readExtended(header),
  }
}

function readScheme(header: SignedHeader, has: ReadonlySet<Label>): SigningScheme {
  if (!has.has(ATTRIBUTE.scheme)) refuse('it has no signing scheme')
  const scheme = header.text(ATTRIBUTE.scheme)
  if (Object.hasOwn(TIME_OF_SCHEME, scheme)) return scheme as SigningScheme
  return refuse(`its signing scheme, ${printable(scheme, 80)}, is not known`)
}

function checkCritical({ critical, neverCritical }: SignedHeader, has: ReadonlySet<Label>): void {
  if (critical.length === 0) refuse('its list of critical headers is empty')
  const listed = new Set(critical)
  if (listed.size !== critical.length) refuse('its list of critical headers has a name twice')
  for (const label of critical) {
    if (neverCritical.includes(label))
      refuse(`its list of critical headers has ${named(label)}, which must not be there`)
    if (!has.has(label)) refuse(`its list of critical headers has ${named(label)}, which it does not have`)
  }
  const missing = ALWAYS_CRITICAL.find((label) => has.has(label) && !listed.has(label))
  if (missing !== undefined) refuse(`its list of critical headers lacks ${named(missing)}`)
  if (!listed.has(ATTRIBUTE.scheme)) refuse('its list of critical headers lacks the signing scheme')
}

function readPlugin(header: SignedHeader, has: ReadonlySet<Label>): SignedAttributes['verificationPlugin'] {
  const version = has.has(ATTRIBUTE.pluginMinVersion) ? header.text(ATTRIBUTE.pluginMinVersion) : undefined
  if (!has.has(ATTRIBUTE.plugin)) {
    if (version !== undefined) refuse('it wants a version of a verification plugin that it does not name')
    return undefined
  }
  const name = header.text(ATTRIBUTE.plugin)
  if (name.trim() === '') refuse('the name of its verification plugin is empty')
  if (version !== undefined && version.trim() === '') refuse('the version of its verification plugin is empty')
  return { name, ...(version === undefined ? {} : { minVersion: version }) }
}

function readExtended(header: SignedHeader): ExtendedAttribute[] {
  return header.labels
    .filter((label) => !KNOWN.includes(label))
    .map((key) => ({ key, value: header.json(key), critical: header.critical.includes(key) }))
}

function named(label: Label): string {
  return printable(String(label), 80)
}
