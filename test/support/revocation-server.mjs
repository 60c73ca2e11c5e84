// What a certificate authority answers about revocation, over HTTP: OCSP by `openssl ocsp` (RFC 6960 appendix A), and the
// CRLs that lie in a folder. A process of its own: while a test waits for a tool, nothing else runs in the test's process.
// node revocation-server.mjs PORT FOLDER OPENSSL; FOLDER has index, ca.crt, responder.crt, responder.key and *.crl.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const [port = '0', folder = '.', openssl = 'openssl'] = process.argv.slice(2)
const MOST_BYTES = 64 * 1024
let asked = 0

const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
  const list = /^\/([a-z]+\.crl)$/.exec(path)?.[1]
  if (list !== undefined) {
    const file = join(folder, list)
    if (!existsSync(file)) return response.writeHead(404).end()
    return response.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(readFileSync(file))
  }
  if (!path.startsWith('/ocsp')) return response.writeHead(404).end()
  const question = request.method === 'GET' ? Buffer.from(path.slice('/ocsp/'.length), 'base64') : await bodyOf(request)
  asked += 1
  const query = join(folder, `query-${asked}.der`)
  const answer = join(folder, `answer-${asked}.der`)
  writeFileSync(query, question)
  const authority = ['-CA', join(folder, 'ca.crt'), '-rsigner', join(folder, 'responder.crt')]
  const own = ['-index', join(folder, 'index'), '-rkey', join(folder, 'responder.key'), '-ndays', '1']
  const args = ['ocsp', ...own, ...authority, '-reqin', query, '-respout', answer]
  const { status, stderr } = spawnSync(openssl, args, { encoding: 'utf8' })
  if (status !== 0) return response.writeHead(500).end(stderr)
  return response.writeHead(200, { 'content-type': 'application/ocsp-response' }).end(readFileSync(answer))
})
server.listen(Number(port), '127.0.0.1', () => console.log('listening'))

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  const pieces = []
  let size = 0
  for await (const piece of request) {
    size += piece.length
    if (size > MOST_BYTES) throw new Error('too much')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
