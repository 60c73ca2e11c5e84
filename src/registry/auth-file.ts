import { readFile } from 'node:fs/promises'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Credential } from './credential.js'
import { Secret } from './secret.js'

/** What a file of Docker or Podman says about credentials. */
export interface AuthFile {
  /** its path, or the variable that it came from */
  readonly name: string
  /** `containers` files may have keys for a part of a registry: `host/namespace` */
  readonly form: 'containers' | 'docker' | 'dockercfg'
  readonly entries: ReadonlyMap<string, Credential>
  /** `credHelpers`: the helper for one host */
  readonly helpers: ReadonlyMap<string, string>
  /** `credsStore`: the helper for every host */
  readonly store: string | undefined
}

/** Reads a file; none where there is no such file. @throws ERR_CONFIG_INVALID */
export async function readAuthFile(path: string, form: AuthFile['form']): Promise<readonly AuthFile[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw invalid(path, 'it cannot be read', cause)
  }
  return [parseAuthFile(text, { name: path, form })]
}

/** Parses the text of such a file. @throws ERR_CONFIG_INVALID, which never quotes what is in it */
export function parseAuthFile(text: string, given: Pick<AuthFile, 'name' | 'form'>): AuthFile {
  if (text.length > LIMITS.registryAnswerBytes) throw invalid(given.name, 'it is too large')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalid(given.name, 'it is not JSON') // the parser's own message quotes the text, secrets and all
  }
  const root = recordOf(json)
  const store = root['credsStore']
  return {
    ...given,
    entries: entriesOf(given.form === 'dockercfg' ? root : recordOf(root['auths']), given.name),
    helpers: new Map(Object.entries(recordOf(root['credHelpers'])).flatMap(([host, name]) => pairOf(host, name))),
    store: typeof store === 'string' && store !== '' ? store : undefined,
  }
}

/** The entry for a repository: in Podman's files the most specific namespace wins, Docker knows hosts alone. */
export function findEntry(
  file: AuthFile,
  wanted: { readonly hosts: readonly string[]; readonly repository: string },
): Credential | undefined {
  for (const host of wanted.hosts) {
    for (const key of file.form === 'containers' ? namespaces(host, wanted.repository) : [host]) {
      const found = file.entries.get(key)
      if (found !== undefined) return found
    }
  }
  for (const [key, credential] of file.entries) {
    if (wanted.hosts.includes(hostOfKey(key))) return credential
  }
  return undefined
}

function namespaces(host: string, repository: string): readonly string[] {
  const parts = repository.split('/')
  return [...parts.map((_, at) => [host, ...parts.slice(0, parts.length - at)].join('/')), host]
}

/** `https://host/v1/` is how old clients wrote `host`; a namespace key is not a host. */
function hostOfKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, '')
  return bare === key ? key.replace(/\/v[12]\/?$/, '') : bare.replace(/\/.*$/, '')
}

function entriesOf(auths: Readonly<Record<string, unknown>>, name: string): ReadonlyMap<string, Credential> {
  const entries = new Map<string, Credential>()
  for (const [key, value] of Object.entries(auths)) {
    const credential = credentialOf(recordOf(value), name)
    if (credential !== undefined) entries.set(key, credential)
  }
  return entries
}

function credentialOf(entry: Readonly<Record<string, unknown>>, name: string): Credential | undefined {
  const { username, password } = userOf(entry)
  const bearer = textOf(entry['registrytoken'])
  const identity = textOf(entry['identitytoken'])
  // A line break would end a header and begin another.
  if ([username, password, bearer, identity].some((text) => /[\u0000-\u001f\u007f]/.test(text))) {
    throw invalid(name, 'a credential in it has a control character')
  }
  if (bearer !== '') return { kind: 'bearer', token: new Secret(bearer) }
  if (identity !== '') return { kind: 'identity', username, token: new Secret(identity) }
  return username === '' ? undefined : { kind: 'basic', username, password: new Secret(password) }
}

function userOf(entry: Readonly<Record<string, unknown>>): { readonly username: string; readonly password: string } {
  const auth = textOf(entry['auth'])
  if (auth === '') return { username: textOf(entry['username']), password: textOf(entry['password']) }
  const decoded = Buffer.from(auth, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 0) return { username: '', password: '' }
  // Docker pads with NUL.
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') }
}

function pairOf(host: string, name: unknown): readonly (readonly [string, string])[] {
  return typeof name === 'string' && name !== '' ? [[host, name]] : []
}

function recordOf(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null ? { ...json } : {}
}

function textOf(json: unknown): string {
  return typeof json === 'string' ? json : ''
}

function invalid(name: string, why: string, cause?: unknown): TransferError {
  return new TransferError('ERR_CONFIG_INVALID', `${name}: ${why}`, { cause, side: 'operator', subject: name })
}
