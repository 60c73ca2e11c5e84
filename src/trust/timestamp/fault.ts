import { hasCode, TransferError } from '../../errors.js'

/** @param why goes on from "the timestamp token" */
export function invalidToken(why: string, cause?: unknown): TransferError {
  return new TransferError('ERR_TIMESTAMP_INVALID', `the timestamp token ${why}`, { cause })
}

/**
 * Reads one part of a token. Whatever a parser throws on foreign bytes becomes a sentence about the token.
 * @throws ERR_TIMESTAMP_INVALID
 */
export function readPart<T>(part: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (hasCode(cause, 'ERR_TIMESTAMP_INVALID')) throw cause
    throw invalidToken(`cannot be read: there is damage in its ${part}`, cause)
  }
}
