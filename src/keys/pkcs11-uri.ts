import { TransferError } from '../errors.js'

/** Which module, token and key a PKCS#11 URI names (RFC 7512). Absent attributes match everything. */
export interface Pkcs11Uri {
  /** path of the library */
  readonly modulePath: string
  readonly token: TokenAttributes
  /** CKA_LABEL of the key */
  readonly object?: string
  /** CKA_ID of the key, lower-case hexadecimal */
  readonly id?: string
  /** path of a file with the PIN */
  readonly pinSource?: string
}

export interface TokenAttributes {
  /** the token's label */
  readonly token?: string
  readonly manufacturer?: string
  readonly model?: string
  readonly serial?: string
  readonly 'slot-id'?: string
}

const TOKEN_ATTRIBUTES = ['token', 'manufacturer', 'model', 'serial', 'slot-id'] as const
const PATH_ATTRIBUTES: readonly string[] = [...TOKEN_ATTRIBUTES, 'object', 'id', 'type']
const QUERY_ATTRIBUTES: readonly string[] = ['module-path', 'pin-source']

/** True for a word that is meant as a PKCS#11 URI. */
export function isPkcs11Uri(word: string): boolean {
  return /^pkcs11:/i.test(word)
}

/**
 * Parses a PKCS#11 URI that names a private key. An attribute that is not known would narrow the choice, and is refused.
 * No error repeats the URI: somebody may have put the PIN into it.
 * @throws ERR_USAGE
 */
export function parsePkcs11Uri(uri: string): Pkcs11Uri {
  const [path = '', ...queries] = uri.replace(/^pkcs11:/i, '').split('?')
  if (queries.length > 1 || uri.length > 4096) refuse('it is none')
  const where = attributes(path, ';', PATH_ATTRIBUTES)
  const how = attributes(queries[0] ?? '', '&', QUERY_ATTRIBUTES)
  const modulePath = how.get('module-path')
  if (modulePath === undefined) {
    return refuse('it names no library: add ?module-path=/path/to/module.so')
  }
  const type = where.get('type')
  if (type !== undefined && type.toString() !== 'private') refuse('its type is not private')
  const object = where.get('object')
  const id = where.get('id')
  const pinSource = how.get('pin-source')
  return {
    modulePath: textOf(modulePath, 'module-path'),
    token: Object.fromEntries(
      TOKEN_ATTRIBUTES.flatMap((name) => {
        const value = where.get(name)
        return value === undefined ? [] : [[name, textOf(value, name)]]
      }),
    ),
    ...(object === undefined ? {} : { object: textOf(object, 'object') }),
    ...(id === undefined ? {} : { id: id.toString('hex') }),
    ...(pinSource === undefined ? {} : { pinSource: pinFile(textOf(pinSource, 'pin-source')) }),
  }
}

function attributes(text: string, separator: string, known: readonly string[]): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>()
  for (const pair of text === '' ? [] : text.split(separator)) {
    const [name = '', ...rest] = pair.split('=')
    if (name === 'pin-value') refuse('it has the PIN in it, which every process can read: use pin-source=file:PATH')
    if (!known.includes(name)) refuse(`it has the attribute ${JSON.stringify(name.slice(0, 40))}, which is not known`)
    if (rest.length === 0 || found.has(name)) refuse(`its attribute ${name} has no value, or two`)
    found.set(name, decode(rest.join('='), name))
  }
  return found
}

function decode(value: string, name: string): Buffer {
  // Spaces and letters outside ASCII are let through as they are: people leave them unescaped.
  if (value === '' || /%(?![0-9A-Fa-f]{2})/.test(value)) refuse(`its attribute ${name} is not percent-encoded`)
  const parts = value.split(/(%[0-9A-Fa-f]{2})/)
  return Buffer.concat(
    parts.map((part) =>
      /^%[0-9A-Fa-f]{2}$/.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part, 'utf8'),
    ),
  )
}

function textOf(value: Buffer, name: string): string {
  const text = value.toString('utf8')
  if (Buffer.compare(Buffer.from(text, 'utf8'), value) !== 0 || text.includes('\0') || text === '') {
    refuse(`its attribute ${name} is not a text`)
  }
  return text
}

/** RFC 7512 §2.4: a command (`|…`) is never run. */
function pinFile(source: string): string {
  const path = /^file:(?:\/\/(?=\/))?(.+)$/s.exec(source)?.[1] ?? source
  if (source.startsWith('|') || (path === source && !source.startsWith('/'))) refuse('its pin-source is not file:PATH')
  return path
}

function refuse(why: string): never {
  throw new TransferError('ERR_USAGE', `the PKCS#11 URI is not one for a key: ${why}`, { side: 'operator' })
}
