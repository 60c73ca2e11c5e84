import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'

export interface PasswordSources {
  readonly readFile: (path: string) => Promise<Uint8Array>
  /** asks the operator; absent where there is nobody to ask */
  readonly password?: () => Promise<string>
}

/**
 * A password or PIN from a file (without the line's end), or else from the operator. Read when it is needed, not before.
 * @param what `the signing key`
 * @throws ERR_KEY_UNUSABLE, and what the sources throw
 */
export async function obtainPassword(
  what: string,
  file: string | undefined,
  { readFile, password }: PasswordSources,
): Promise<string> {
  if (file !== undefined) return passwordOf(await readFile(file), file)
  if (password !== undefined) return await password()
  throw new TransferError('ERR_KEY_UNUSABLE', `${what} wants a password or PIN: --password-file FILE`, {
    side: 'operator',
  })
}

function passwordOf(bytes: Uint8Array, file: string): string {
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  // A second line would be somebody's key file, or an answer file for several programs.
  const good = bytes.byteLength <= LIMITS.passwordBytes && !/[\r\n\0\ufffd]/.test(text)
  if (good) return text
  throw new TransferError('ERR_KEY_UNUSABLE', `${file} does not hold one password on one line`, {
    side: 'operator',
    subject: file,
  })
}
