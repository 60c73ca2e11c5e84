import { spawn } from 'node:child_process'
import { TransferError } from '../errors.js'
import type { Credential } from './credential.js'
import { Secret } from './secret.js'

export type Environment = Readonly<Record<string, string | undefined>>

export interface HelperRequest {
  readonly env: Environment
  /** the host, or Docker Hub's old address */
  readonly serverUrl: string
  /** the file that names the helper */
  readonly file: string
  readonly helperTimeoutMs?: number
}

// Anything else could name another program or, where a shell were asked, a command.
const HELPER_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/
const OUTPUT_BYTES = 64 * 1024
const TIMEOUT_MS = 60_000
const NOT_FOUND = /credentials not found in native keychain/
// docker-credential-helpers: with this name, the secret is an identity token.
const TOKEN_USER = '<token>'

/**
 * Asks `docker-credential-NAME get`. Undefined where it has nothing for this server; what it prints is never shown.
 * @throws ERR_CONFIG_INVALID where it cannot be run, fails, does not end, or answers something else
 */
export async function askHelper(name: string, request: HelperRequest): Promise<Credential | undefined> {
  const fail = (why: string) => {
    const message = `the credential helper ${JSON.stringify(name.slice(0, 100))} of ${request.file} ${why}`
    return new TransferError('ERR_CONFIG_INVALID', message, { side: 'operator', subject: request.file })
  }
  if (!HELPER_NAME.test(name)) throw fail('does not have a helper’s name')
  const { code, output } = await run(`docker-credential-${name}`, request, fail)
  if (code !== 0 && NOT_FOUND.test(output)) return undefined
  if (code !== 0) throw fail(`ended with status ${code}`)
  const credential = parseOutput(output)
  if (credential === 'broken') throw fail('did not answer with a credential')
  return credential
}

interface Ended {
  readonly code: number | null
  readonly output: string
}

async function run(command: string, request: HelperRequest, fail: (why: string) => Error): Promise<Ended> {
  return await new Promise<Ended>((resolve, reject) => {
    const child = spawn(command, ['get'], {
      env: { ...request.env },
      shell: false,
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    })
    const pieces: Buffer[] = []
    let size = 0
    const stop = (why: string): void => {
      child.kill('SIGKILL')
      child.stdout.destroy() // a grandchild may hold it open
      reject(fail(why))
    }
    const timer = setTimeout(() => stop('does not end'), request.helperTimeoutMs ?? TIMEOUT_MS)
    child.stdout.on('data', (piece: Buffer) => {
      pieces.push(piece)
      size += piece.byteLength
      if (size > OUTPUT_BYTES) stop('does not stop answering')
    })
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(fail(`cannot be run (${'code' in error ? String(error.code) : error.name})`))
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, output: Buffer.concat(pieces).toString('utf8') })
    })
    child.stdin.on('error', () => undefined) // it may end without reading
    child.stdin.end(request.serverUrl)
  })
}

function parseOutput(output: string): Credential | undefined | 'broken' {
  let json: unknown
  try {
    json = JSON.parse(output)
  } catch {
    return 'broken'
  }
  if (typeof json !== 'object' || json === null) return 'broken'
  const { Username: username, Secret: secret }: { Username?: unknown; Secret?: unknown } = json
  if (typeof username !== 'string' || typeof secret !== 'string') return 'broken'
  if (/[\u0000-\u001f\u007f]/.test(username + secret)) return 'broken'
  if (secret === '') return undefined
  if (username === TOKEN_USER) return { kind: 'identity', username: '', token: new Secret(secret) }
  return { kind: 'basic', username, password: new Secret(secret) }
}
