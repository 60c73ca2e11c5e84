import { printable } from '../encoding/printable.js'
import type { TokenFailure } from './token-client.js'

type Explain = (failure: TokenFailure) => string

/** Why no token was found. */
export function explainToken(modulePath: string): Explain {
  const module = `the PKCS#11 module ${printable(modulePath)}`
  return ({ reason, found }) => {
    switch (reason) {
      case 'not-built':
        return 'PKCS#11 needs the package pkcs11js, which is not built here: run `npm run pkcs11`'
      case 'no-module':
        return `${module} cannot be loaded: check the path, and that it is a PKCS#11 library for this machine`
      case 'no-token':
        return `no token of ${module} is the one that the URI names; ${there(found)}`
      case 'several-tokens':
        return `the URI names more than one token of ${module}; ${there(found)}`
      default:
        return `${module} cannot be used: it answers ${reason}`
    }
  }
}

/** Why the login failed. Whatever it is, it is not tried again. */
export function explainLogin(name: string): Explain {
  return ({ reason }) => {
    switch (reason) {
      case 'CKR_PIN_INCORRECT':
      case 'CKR_PIN_INVALID':
      case 'CKR_PIN_LEN_RANGE':
        return `${name} refuses the PIN (${reason}); it is not tried again, because a token locks itself after a few wrong ones`
      case 'CKR_PIN_LOCKED':
        return `${name} is locked after too many wrong PINs (${reason}): unlock it with its own program`
      case 'CKR_PIN_EXPIRED':
        return `the PIN of ${name} has expired (${reason}): set a new one with its own program`
      default:
        return `${name} does not let anybody log in: it answers ${reason}`
    }
  }
}

/** Why no key was found. */
export function explainKey(name: string): Explain {
  return ({ reason, found }) => {
    switch (reason) {
      case 'no-key':
        return `no private key on ${name} is the one that the URI names; ${there(found)}`
      case 'several-keys':
        return `the URI names more than one private key on ${name}; ${there(found)}`
      default:
        return `the key on ${name} cannot be found: it answers ${reason}`
    }
  }
}

/** Why nothing was signed. */
export function explainSign(name: string): Explain {
  return ({ reason }) => {
    if (reason === 'no-mechanism') return `${name} cannot make the signatures that the key’s certificate asks for`
    return `${name} did not sign: it answers ${reason}`
  }
}

function there(found: readonly string[]): string {
  return found.length === 0 ? 'there is none' : `there are: ${found.map((one) => printable(one, 100)).join('; ')}`
}
