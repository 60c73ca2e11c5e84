import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type AlgorithmIdentifier, PBES2Params, PBKDF2Params, PKCS8ShroudedKeyBag } from '../trust/pkijs.js'

const PBES2 = '1.2.840.113549.1.5.13'
const PBKDF2 = '1.2.840.113549.1.5.12'
/** RFC 7292 Appendix C: RC4, RC2 with 40 bits and triple DES, under SHA-1 */
const PKCS12_PBE = '1.2.840.113549.1.12.1.'
const AES_CBC = ['2.16.840.1.101.3.4.1.2', '2.16.840.1.101.3.4.1.22', '2.16.840.1.101.3.4.1.42']

const CONVERT =
  'convert it with OpenSSL 3: `openssl pkcs12 -legacy -in OLD -out BOTH.pem`, then `openssl pkcs12 -export -in BOTH.pem -out NEW`'

/**
 * Holds the encryption of a part of a PKCS#12 file against what is read: PBES2 with PBKDF2 and AES, and not more rounds than
 * a sane file asks for. Done before any password is asked for.
 * @throws ERR_KEY_UNUSABLE
 */
export function checkEncryption(algorithm: AlgorithmIdentifier, what: string): void {
  if (algorithm.algorithmId.startsWith(PKCS12_PBE)) {
    refuse(`${what} is encrypted with RC2, RC4 or triple DES, which is not read: ${CONVERT}`)
  }
  if (algorithm.algorithmId !== PBES2) refuse(`${what} is encrypted in an unknown way, ${algorithm.algorithmId}`)
  const { encryptionScheme, keyDerivationFunc } = parametersOf(algorithm) ?? refuse(`${what} is damaged`)
  if (!AES_CBC.includes(encryptionScheme.algorithmId)) {
    refuse(`${what} is encrypted with another cipher than AES: ${CONVERT}`)
  }
  if (keyDerivationFunc.algorithmId !== PBKDF2) refuse(`${what} derives its key in another way than PBKDF2: ${CONVERT}`)
  checkRounds(roundsOf(keyDerivationFunc) ?? refuse(`${what} is damaged`), what)
}

/** A file may ask for so many rounds that nobody waits for their end. */
export function checkRounds(rounds: number, what: string): void {
  if (Number.isSafeInteger(rounds) && rounds > 0 && rounds <= LIMITS.passwordRounds) return
  refuse(`${what} asks for ${rounds} rounds of its password; at most ${LIMITS.passwordRounds} are made`)
}

/**
 * Bounds the work that an encrypted PKCS#8 key asks for. Other ways than PBKDF2 are left to OpenSSL, which bounds scrypt;
 * a damaged key is left to it, too.
 * @throws ERR_KEY_UNUSABLE
 */
export function checkKeyRounds(der: Uint8Array): void {
  const algorithm = attempt(() => PKCS8ShroudedKeyBag.fromBER(der).encryptionAlgorithm)
  const derivation = algorithm?.algorithmId === PBES2 ? parametersOf(algorithm)?.keyDerivationFunc : undefined
  const rounds = derivation?.algorithmId === PBKDF2 ? roundsOf(derivation) : undefined
  if (rounds !== undefined) checkRounds(rounds, 'the signing key')
}

function parametersOf(algorithm: AlgorithmIdentifier): PBES2Params | undefined {
  return attempt(() => new PBES2Params({ schema: algorithm.algorithmParams }))
}

function roundsOf(derivation: AlgorithmIdentifier): number | undefined {
  return attempt(() => new PBKDF2Params({ schema: derivation.algorithmParams }).iterationCount)
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function refuse(why: string): never {
  throw new TransferError('ERR_KEY_UNUSABLE', why, { side: 'operator' })
}
