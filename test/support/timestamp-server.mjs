// A timestamp authority over HTTP (RFC 3161 section 3.4) that has `openssl ts` answer. A process of its own: while a test
// waits for a tool, nothing else runs in the test's process.
// node timestamp-server.mjs PORT FOLDER OPENSSL; FOLDER has tsa.cnf, and keeps each query and reply.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const [port = '0', folder = '.', openssl = 'openssl'] = process.argv.slice(2)
const MOST_BYTES = 64 * 1024
let asked = 0

const server = createServer(async (request, response) => {
  const pieces = []
  let size = 0
  for await (const piece of request) {
    size += piece.length
    if (size > MOST_BYTES) return response.writeHead(413).end()
    pieces.push(piece)
  }
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/timestamp-query') {
    return response.writeHead(415).end()
  }
  asked += 1
  const query = join(folder, `query-${asked}.tsq`)
  const reply = join(folder, `reply-${asked}.tsr`)
  writeFileSync(query, Buffer.concat(pieces))
  const args = ['ts', '-reply', '-config', join(folder, 'tsa.cnf'), '-queryfile', query, '-out', reply]
  const { status, stderr } = spawnSync(openssl, args, { encoding: 'utf8' })
  if (status !== 0) return response.writeHead(500).end(stderr)
  return response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(readFileSync(reply))
})
server.listen(Number(port), '127.0.0.1', () => console.log('listening'))
