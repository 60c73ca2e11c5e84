import { readFile } from 'node:fs/promises'
import type { Workspace } from './workspace.js'

export const KEY_KINDS = {
  'RSA 1024': ['RSA', 'rsa_keygen_bits:1024'],
  'RSA 2048': ['RSA', 'rsa_keygen_bits:2048'],
  'RSA 3072': ['RSA', 'rsa_keygen_bits:3072'],
  'RSA 4096': ['RSA', 'rsa_keygen_bits:4096'],
  'EC P-256': ['EC', 'ec_paramgen_curve:P-256'],
  'EC P-384': ['EC', 'ec_paramgen_curve:P-384'],
  'EC P-521': ['EC', 'ec_paramgen_curve:P-521'],
} as const
export type KeyKind = keyof typeof KEY_KINDS

/** Paths of what openssl made. */
export interface OpensslChain {
  readonly ca: string
  readonly key: string
  /** leaf first, root last */
  readonly chain: string
}

export interface ChainOptions {
  readonly kind?: KeyKind
  /** A signing certificate that was valid in 2020 only. */
  readonly expired?: boolean
  /** What the leaf says it is for; as a signer's certificate has it, unless it is given. */
  readonly leafExtensions?: readonly string[]
}

const SIGNER = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=codeSigning',
]
export const CERTIFICATE_AUTHORITY = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']

/** A root, and a certificate for signing below it, as an administrator makes them. */
export async function makeChain(space: Workspace, name: string, options: ChainOptions = {}): Promise<OpensslChain> {
  const { kind = 'EC P-256', expired = false, leafExtensions = SIGNER } = options
  const file = (suffix: string) => space.path(`${name}-${suffix}`)
  makeKey(space, 'EC P-256', file('ca.key'))
  const root = ['-x509', '-new', '-key', file('ca.key'), '-subj', subject(`${name} root`), '-days', '30']
  space.text('openssl', ['req', ...root, ...CERTIFICATE_AUTHORITY.flatMap(extension), '-out', file('ca.crt')])
  makeKey(space, kind, file('leaf.key'))
  const request = ['-new', '-key', file('leaf.key'), '-subj', subject(name), '-out', file('leaf.csr')]
  space.text('openssl', ['req', ...request])
  await space.write(`${name}-leaf.ext`, `${leafExtensions.join('\n')}\n`)
  if (expired) await issueExpired(space, file)
  else {
    const issuer = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '20']
    const what = ['-in', file('leaf.csr'), '-extfile', file('leaf.ext'), '-out', file('leaf.crt')]
    space.text('openssl', ['x509', '-req', ...issuer, ...what])
  }
  const chain = `${await readFile(file('leaf.crt'), 'utf8')}${await readFile(file('ca.crt'), 'utf8')}`
  return { ca: file('ca.crt'), key: file('leaf.key'), chain: await space.write(`${name}-chain.crt`, chain) }
}

export function makeKey(space: Workspace, kind: KeyKind, path: string): void {
  const [algorithm, option] = KEY_KINDS[kind]
  space.text('openssl', ['genpkey', '-quiet', '-algorithm', algorithm, '-pkeyopt', option, '-out', path])
}

/** Only `openssl ca` lets the dates be chosen in every release. */
async function issueExpired(space: Workspace, file: (suffix: string) => string): Promise<void> {
  const config = [
    '[ca]\ndefault_ca=only\n[only]',
    `database=${file('index')}\nnew_certs_dir=${space.path()}\nserial=${file('serial')}`,
    `certificate=${file('ca.crt')}\nprivate_key=${file('ca.key')}\ndefault_md=sha256\npolicy=any`,
    '[any]\nC=optional\nST=optional\nO=optional\nCN=supplied\n',
  ]
  const [name] = [file('').slice(space.path().length + 1)]
  await space.write(`${name}index`, '')
  await space.write(`${name}serial`, '01\n')
  await space.write(`${name}ca.cnf`, config.join('\n'))
  const dates = ['-startdate', '20200101000000Z', '-enddate', '20201231000000Z']
  const what = ['-in', file('leaf.csr'), '-extfile', file('leaf.ext'), '-out', file('leaf.crt')]
  space.text('openssl', ['ca', '-batch', '-notext', '-preserveDN', '-config', file('ca.cnf'), ...dates, ...what])
}

function extension(text: string): readonly string[] {
  return ['-addext', text]
}

function subject(commonName: string): string {
  return `/C=ZZ/ST=-/O=Waybill tests/CN=${commonName}`
}
