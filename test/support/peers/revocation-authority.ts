import { copyFile, mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { freePort, startDaemon } from './daemon.js'
import { makeChain, makeKey, type OpensslChain } from './openssl.js'
import { toolPath } from './tool.js'
import type { Workspace } from './workspace.js'

const SERVER = fileURLToPath(new URL('../revocation-server.mjs', import.meta.url))
const SIGNER = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=codeSigning',
]
const RESPONDER = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=OCSPSigning',
  'noCheck=ignored',
]

export type RevocationState = 'good' | 'revoked' | 'not issued'

/** A root with one signing certificate that names its sources of revocation, and a server on loopback that answers. */
export interface RevocationAuthorityPeer {
  readonly chain: OpensslChain
  readonly url: string
  /** What is answered from now on. A list says nothing of a certificate that was not issued; OCSP says `unknown`. */
  readonly set: (state: RevocationState) => Promise<void>
  /** The present CRL, as a file. */
  readonly crl: string
  /** A fresh OCSP response about the signing certificate, as a file. */
  readonly ocsp: () => string
  readonly stop: () => Promise<void>
}

export interface RevocationAuthorityOptions {
  readonly sources: 'ocsp' | 'crl' | 'both'
}

export async function startRevocationAuthority(
  space: Workspace,
  name: string,
  { sources }: RevocationAuthorityOptions,
): Promise<RevocationAuthorityPeer> {
  const folder = space.path(`${name}-revocation`)
  await mkdir(folder)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const named = [
    ...(sources === 'crl' ? [] : [`authorityInfoAccess=OCSP;URI:${url}/ocsp`]),
    ...(sources === 'ocsp' ? [] : [`crlDistributionPoints=URI:${url}/root.crl`]),
  ]
  const chain = await makeChain(space, name, { leafExtensions: [...SIGNER, ...named] })
  const of = (suffix: string) => space.path(`${name}-${suffix}`)
  await copyFile(chain.ca, `${folder}/ca.crt`)
  await makeResponder(space, folder, of)
  const config = `[ca]\ndefault_ca=only\n[only]\ndatabase=${folder}/index\ncrlnumber=${folder}/number\ncertificate=${chain.ca}\nprivate_key=${of('ca.key')}\ndefault_md=sha256\ndefault_crl_days=2\ncrl_extensions=lists\n[lists]\nauthorityKeyIdentifier=keyid\n`
  await space.write(`${name}-revocation/ca.cnf`, config)
  await space.write(`${name}-revocation/number`, '01\n')
  const serial = space.text('openssl', ['x509', '-in', of('leaf.crt'), '-noout', '-serial']).replace('serial=', '')
  const set = async (state: RevocationState): Promise<void> => {
    const line = {
      good: `V\t301231000000Z\t\t${serial}`,
      revoked: `R\t301231000000Z\t260101000000Z\t${serial}`,
      'not issued': '',
    }[state]
    await rm(`${folder}/index.attr`, { force: true })
    await space.write(`${name}-revocation/index`, line === '' ? '' : `${line}\tunknown\t/CN=${name}\n`)
    space.text('openssl', ['ca', '-gencrl', '-config', `${folder}/ca.cnf`, '-out', `${folder}/root.pem`])
    space.text('openssl', ['crl', '-in', `${folder}/root.pem`, '-outform', 'DER', '-out', `${folder}/root.crl`])
  }
  await set('good')
  const daemon = await startDaemon(process.execPath, [SERVER, String(port), folder, toolPath('openssl')], {
    env: space.env,
    log: `${folder}/server.log`,
    ready: async (output) => output.includes('listening'),
  })
  return {
    chain,
    url,
    set,
    crl: `${folder}/root.crl`,
    ocsp: () => {
      const about = ['-issuer', chain.ca, '-cert', of('leaf.crt'), '-no_nonce', '-respout', `${folder}/asked.der`]
      space.text('openssl', ['ocsp', ...about, '-url', `${url}/ocsp`, '-CAfile', chain.ca])
      return `${folder}/asked.der`
    },
    stop: daemon.stop,
  }
}

/** A responder of its own, delegated by the root. */
async function makeResponder(space: Workspace, folder: string, of: (suffix: string) => string): Promise<void> {
  const file = (name: string) => `${folder}/${name}`
  makeKey(space, 'EC P-256', file('responder.key'))
  const subject = ['-subj', '/C=ZZ/ST=-/O=Waybill tests/CN=responder']
  space.text('openssl', ['req', '-new', '-key', file('responder.key'), ...subject, '-out', file('responder.csr')])
  await space.write(`${folder.slice(space.path().length + 1)}/responder.ext`, `${RESPONDER.join('\n')}\n`)
  const issuer = ['-CA', of('ca.crt'), '-CAkey', of('ca.key'), '-CAcreateserial', '-days', '20']
  const what = ['-in', file('responder.csr'), '-extfile', file('responder.ext'), '-out', file('responder.crt')]
  space.text('openssl', ['x509', '-req', ...issuer, ...what])
}
