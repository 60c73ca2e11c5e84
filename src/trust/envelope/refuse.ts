import { TransferError } from '../../errors.js'

/** Ends the reading of an envelope with a sentence about what is wrong. */
export type Refuse = (why: string, cause?: unknown) => never

/**
 * Refuses an envelope. The sentence never says which byte of a signature differed.
 * @throws ERR_SIGNATURE_INVALID always
 */
export function refuse(why: string, cause?: unknown): never {
  throw new TransferError('ERR_SIGNATURE_INVALID', `the signature is refused: ${why}`, { cause })
}
