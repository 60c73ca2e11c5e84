import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { freePort, startDaemon } from './daemon.js'
import { makeChain, type OpensslChain } from './openssl.js'
import { toolPath } from './tool.js'
import type { Workspace } from './workspace.js'

const SERVER = fileURLToPath(new URL('../timestamp-server.mjs', import.meta.url))

/** notary: signature-specification, "Certificate Requirements": a timestamp authority's one and only, critical purpose. */
const TIMESTAMPING = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=critical,timeStamping',
]

/** An authority on this machine, made with `openssl ts`. */
export interface TimestampAuthorityPeer {
  readonly url: string
  /** path of its root certificate (PEM) */
  readonly root: string
  readonly chain: OpensslChain
  readonly stop: () => Promise<void>
}

export interface TimestampAuthorityOptions {
  readonly leafExtensions?: readonly string[]
  /** `secs:1` and the like; none where it is not given */
  readonly accuracy?: string
  /** the hash by which a token names its certificate; sha1 makes a token that only the first RFC allows */
  readonly certificateHash?: 'sha1' | 'sha256'
}

export async function startTimestampAuthority(
  space: Workspace,
  name: string,
  options: TimestampAuthorityOptions = {},
): Promise<TimestampAuthorityPeer> {
  const { leafExtensions = TIMESTAMPING, accuracy, certificateHash = 'sha256' } = options
  const chain = await makeChain(space, name, { leafExtensions })
  const folder = space.path(`${name}-authority`)
  await mkdir(folder)
  const configuration = [
    '[tsa]\ndefault_tsa=only\n[only]',
    `serial=${folder}/serial\nsigner_cert=${space.path(`${name}-leaf.crt`)}\nsigner_key=${chain.key}`,
    `certs=${chain.ca}\ndefault_policy=1.2.3.4.1\ndigests=sha256,sha384,sha512\nsigner_digest=sha256`,
    `ordering=yes\ntsa_name=yes\ness_cert_id_chain=no\ness_cert_id_alg=${certificateHash}`,
    ...(accuracy === undefined ? [] : [`accuracy=${accuracy}`]),
  ]
  await space.write(`${name}-authority/tsa.cnf`, `${configuration.join('\n')}\n`)
  await space.write(`${name}-authority/serial`, '01\n')
  const port = await freePort()
  const daemon = await startDaemon(process.execPath, [SERVER, String(port), folder, toolPath('openssl')], {
    env: space.env,
    log: `${folder}.log`,
    ready: async (output) => output.includes('listening'),
  })
  return { url: `http://127.0.0.1:${port}/`, root: chain.ca, chain, stop: daemon.stop }
}
