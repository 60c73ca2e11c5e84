#!/usr/bin/env node
import { isJsonObject, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { parseKeySpec } from '../keys/key-spec.js'
import { openKey } from '../keys/open-key.js'
import { LIMITS } from '../limits.js'
import { answerCommand, errorAnswer } from '../plugin/answer-command.js'
import { currentTime, readNamedFile } from './compose.js'
import { readVersion } from './version.js'

// This program as a plugin of notation: an executable of its own, because the contract gives it its arguments and its exit
// status (plugin-extensibility, "Plugin contract").
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => stop.abort(new TransferError('ERR_CANCELLED', 'stopped before the end')))
}

try {
  const answer = await answerCommand(process.argv[2] ?? '', await readRequest(), {
    openKey: async (words) => {
      const spec = parseKeySpec(words)
      const given = { readFile: readNamedFile, now: currentTime(), signal: stop.signal }
      if (spec.kind === 'file' || spec.kind === 'pkcs11') return await openKey(spec, given)
      throw new TransferError('ERR_USAGE', 'a plugin asks neither another plugin nor notation for a key')
    },
    version: readVersion(),
    now: currentTime(),
    signal: stop.signal,
  })
  process.stdout.write(`${JSON.stringify(answer)}\n`)
} catch (cause) {
  process.stderr.write(`${JSON.stringify(errorAnswer(cause))}\n`)
  process.exitCode = 1
}

async function readRequest(): Promise<JsonObject> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of process.stdin) {
    size += piece.length
    if (size > LIMITS.pluginAnswerBytes)
      throw new TransferError('ERR_USAGE', 'the request is larger than the contract allows')
    pieces.push(piece)
  }
  const bytes = Buffer.concat(pieces)
  // notation sends nothing at all where a command has no members to send.
  const request = bytes.length === 0 ? {} : parseStrictJson(bytes, 'the request')
  if (isJsonObject(request)) return request
  throw new TransferError('ERR_USAGE', 'the request is not a JSON object')
}
