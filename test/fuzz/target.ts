import type { ErrorCode } from '../../src/errors.js'

/** One reader of foreign bytes, and what it may do with them. */
export interface FuzzTarget {
  readonly name: string
  /** the codes that its documentation names; anything else that is thrown is a defect */
  readonly codes: readonly ErrorCode[]
  /** how bytes are changed besides at random: by the values of a JSON text, or by the elements of DER */
  readonly shape: 'bytes' | 'json' | 'der' | 'tar'
  /** texts that mean something to this reader */
  readonly words?: readonly string[]
  /** how many cases are tried for each hundred of the others; 100 where nothing is said */
  readonly share?: number
  /** Makes what cases are made of: whole, sound inputs. Called once. */
  prepare(): Promise<FuzzSubject>
}

/** What is tried. */
export interface FuzzSubject {
  readonly seeds: readonly Uint8Array[]
  /** Reads the bytes. Throws a TransferError, or anything else where a promise of the reader does not hold. */
  read(bytes: Uint8Array): Promise<void> | void
}

/** Fails a case: the reader has believed something. */
export function believed(what: string): never {
  throw new Error(`believed: ${what}`)
}
