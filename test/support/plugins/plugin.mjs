// A plugin process for tests: signs really, in the words of plugin-extensibility, and misbehaves where it is told to.
// Shares no code with the program: what it says is written here once more.
import { spawn } from 'node:child_process'
import { createPrivateKey, sign } from 'node:crypto'
import { appendFileSync } from 'node:fs'

/**
 * @typedef {object} Facts
 * @property {string} name
 * @property {readonly string[]} capabilities
 * @property {string} keySpec
 * @property {string} key PEM
 * @property {readonly string[]} chain base64 DER, leaf first
 * @property {Readonly<Record<string, unknown>>} [metadata] instead of what it would say
 * @property {Readonly<Record<string, Readonly<Record<string, unknown>>>>} [answers] by command, over what it would answer
 * @property {Readonly<Record<string, string>>} [raw] by command, printed as it is
 * @property {Readonly<Record<string, { readonly status: number, readonly stderr: string }>>} [fails] by command
 * @property {Readonly<Record<string, string>>} [behaviour] by command
 * @property {string} [log] a file to which every command is added
 */

/** @typedef {Record<string, any>} Request */

const HASHES = /** @type {Record<string, string>} */ ({
  'RSA-2048': '256',
  'RSA-3072': '384',
  'RSA-4096': '512',
  'EC-256': '256',
  'EC-384': '384',
  'EC-521': '512',
})

/** @param {Facts} facts */
export async function run(facts) {
  const command = process.argv[2] ?? ''
  if (facts.log !== undefined) appendFileSync(facts.log, `${command}\n`)
  const behaviour = facts.behaviour?.[command]
  if (behaviour !== undefined && misbehave(behaviour, facts.log)) return
  const request = behaviour === 'never reads' ? {} : JSON.parse((await readInput()) || '{}')
  if (facts.log !== undefined && behaviour === 'logs') appendFileSync(facts.log, `${JSON.stringify(request)}\n`)
  const failure = facts.fails?.[command]
  if (failure !== undefined) {
    process.stderr.write(failure.stderr)
    process.exitCode = failure.status
    return
  }
  const answer = { ...answerFor(command, request, facts), ...facts.answers?.[command] }
  process.stdout.write(facts.raw?.[command] ?? JSON.stringify(answer))
}

async function readInput() {
  let text = ''
  for await (const piece of process.stdin) text += piece
  return text
}

/** True where there will be no answer. @param {string} behaviour @param {string} [log] */
function misbehave(behaviour, log) {
  switch (behaviour) {
    case 'hangs':
      process.on('SIGTERM', () => {})
      if (log !== undefined) appendFileSync(log, `${process.pid}\n${leave(false)}\n`)
      setInterval(() => {}, 1000)
      return true
    case 'floods stdout':
      flood(process.stdout)
      return true
    case 'floods stderr':
      flood(process.stderr)
      return true
    case 'exits at once':
      process.exit(0)
      break
    case 'is killed':
      process.kill(process.pid, 'SIGKILL')
      return true
    case 'leaves a child':
      leave(false)
      return false
    case 'leaves a child in a group of its own':
      leave(true)
      return false
    default:
      return false
  }
}

/** @param {NodeJS.WriteStream} stream */
function flood(stream) {
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const more = () => {
    while (stream.write(piece));
    stream.once('drain', more)
  }
  more()
}

/** @param {boolean} detached */
function leave(detached) {
  const script = 'setTimeout(() => {}, 30000)'
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'inherit', 'inherit'], detached })
  child.unref()
  return child.pid
}

/** @param {string} command @param {Request} request @param {Facts} facts @returns {Request} */
function answerFor(command, request, facts) {
  const { keyId } = request
  switch (command) {
    case 'get-plugin-metadata':
      return {
        name: facts.name,
        description: 'for tests',
        version: '1.2.3',
        url: 'https://example.com',
        supportedContractVersions: ['1.0'],
        capabilities: facts.capabilities,
        ...facts.metadata,
      }
    case 'describe-key':
      return { keyId, keySpec: facts.keySpec }
    case 'generate-signature':
      return {
        keyId,
        signature: signWith(facts, Buffer.from(request['payload'], 'base64')).toString('base64'),
        signingAlgorithm: `${isRsa(facts) ? 'RSASSA-PSS' : 'ECDSA'}-SHA-${hashOf(facts)}`,
        certificateChain: facts.chain,
      }
    case 'generate-envelope':
      return {
        signatureEnvelope: Buffer.from(envelope(request, facts)).toString('base64'),
        signatureEnvelopeType: request['signatureEnvelopeType'],
        annotations: { 'com.example.job': '7' },
      }
    case 'verify-signature':
      return {
        verificationResults: Object.fromEntries(
          request['trustPolicy'].signatureVerification.map((/** @type {string} */ one) => [one, { success: true }]),
        ),
        processedAttributes: request['signature'].unprocessedAttributes,
      }
    default:
      return {}
  }
}

/** @param {Facts} facts */
const isRsa = (facts) => facts.keySpec.startsWith('RSA')
/** @param {Facts} facts */
const hashOf = (facts) => HASHES[facts.keySpec] ?? '256'

/** @param {Facts} facts @param {Uint8Array} bytes */
function signWith(facts, bytes) {
  const key = createPrivateKey(facts.key)
  return sign(`sha${hashOf(facts)}`, bytes, {
    key,
    ...(key.asymmetricKeyType === 'rsa' ? { padding: 6, saltLength: -1 } : { dsaEncoding: 'ieee-p1363' }),
  })
}

/** A JWS whatever was asked for, over the payload as `facts` would have it. @param {Request} request @param {Facts} facts */
function envelope(request, facts) {
  const changed = facts.metadata?.['payload']
  const payload =
    changed === undefined ? Buffer.from(request['payload'], 'base64') : Buffer.from(JSON.stringify(changed))
  const lifetime = facts.metadata?.['lifetime'] ?? request['expiryDurationInSeconds']
  const now = Number(facts.metadata?.['now'])
  const at = (/** @type {number} */ seconds) => `${new Date(now + seconds * 1000).toISOString().slice(0, 19)}Z`
  const expires = typeof lifetime === 'number'
  const head = {
    alg: `${isRsa(facts) ? 'PS' : 'ES'}${hashOf(facts)}`,
    cty: request['payloadType'],
    crit: ['io.cncf.notary.signingScheme', ...(expires ? ['io.cncf.notary.expiry'] : [])],
    'io.cncf.notary.signingScheme': 'notary.x509',
    'io.cncf.notary.signingTime': at(0),
    ...(expires ? { 'io.cncf.notary.expiry': at(lifetime) } : {}),
  }
  const url = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString('base64url')
  const [first, second] = [url(Buffer.from(JSON.stringify(head))), url(payload)]
  return JSON.stringify({
    payload: second,
    protected: first,
    header: { x5c: facts.chain },
    signature: url(signWith(facts, Buffer.from(`${first}.${second}`))),
  })
}
