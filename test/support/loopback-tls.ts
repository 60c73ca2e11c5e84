import { Extension } from '../../src/trust/certificate/x509.js'
import { caExtensions, mint } from './keys.js'

// Real time decides about these, so they are valid for long.
const LONG = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2200-01-01T00:00:00Z') }
// subjectAltName: the address 127.0.0.1 (RFC 5280 section 4.2.1.6)
const LOOPBACK = new Extension('2.5.29.17', false, Buffer.from('300687047f000001', 'hex'))

/** What a TLS server on 127.0.0.1 shows, and the authority that a client must trust for it. */
export async function loopbackTls(): Promise<{ readonly key: string; readonly cert: string; readonly ca: string }> {
  const ca = await mint({ ...LONG, name: 'tests of TLS', extensions: caExtensions() })
  const server = await mint({ ...LONG, name: 'server', extensions: [LOOPBACK] }, ca)
  return { key: server.keyPem, cert: server.pem, ca: ca.pem }
}
