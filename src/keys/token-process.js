// Runs in a process of its own, because a PKCS#11 module is foreign native code: it may crash, and it may hang in a call that
// nothing but the end of its process interrupts. Plain JavaScript, so that it is the same file beside the sources and in the
// build. Answers one request after the other; the PIN is in this process only while it logs in.
import { mechanismFor } from './token-mechanism.js'
import { attributeOf, find, hexOf, publicKeyOf, textOf } from './token-objects.js'

/** @typedef {typeof import('pkcs11js')} Library */
/** @typedef {{ module: string, token: Readonly<Record<string, string>> }} FindToken */
/** @typedef {{ object?: string, id?: string, certificates: number }} FindKey */
/** @typedef {import('./token-mechanism.js').Sign} Sign */

/**
 * @typedef {object} Open
 * @property {Library} library
 * @property {import('pkcs11js').PKCS11} module
 * @property {Buffer} slot
 * @property {Buffer} session
 * @property {{ handle: Buffer, always: boolean } | undefined} key
 * @property {string | undefined} pin kept only where the key wants it for every signature
 */

/** What the operator can do about: told by a word, never by a text of the module. */
class Refusal extends Error {
  /** @param {string} reason @param {readonly string[]} [found] */
  constructor(reason, found = []) {
    super(reason)
    this.reason = reason
    this.found = found
  }
}

/** @type {Open | undefined} */
let open

/** @param {FindToken} request */
async function findToken({ module: path, token }) {
  /** @type {Library} */
  let library
  try {
    library = (await import('pkcs11js')).default
  } catch {
    throw new Refusal('not-built')
  }
  const module = new library.PKCS11()
  try {
    module.load(path)
  } catch {
    throw new Refusal('no-module')
  }
  module.C_Initialize()
  const tokens = module
    .C_GetSlotList(true)
    .map((slot) => ({ slot, facts: factsOf(module, slot) }))
    .filter(({ facts }) => (facts.flags & library.CKF_TOKEN_INITIALIZED) !== 0)
  const matching = tokens.filter(({ facts }) =>
    Object.entries(token).every(([name, value]) => /** @type {Record<string, unknown>} */ (facts)[name] === value),
  )
  const [first] = matching
  if (first === undefined || matching.length > 1) {
    const labels = tokens.map(({ facts }) => `${facts.token} (serial ${facts.serial})`)
    throw new Refusal(first === undefined ? 'no-token' : 'several-tokens', labels.slice(0, 20))
  }
  const { slot, facts } = first
  const session = module.C_OpenSession(slot, library.CKF_SERIAL_SESSION)
  open = { library, module, slot, session, key: undefined, pin: undefined }
  /** @param {number} flag */
  const has = (flag) => (facts.flags & flag) !== 0
  return {
    token: facts.token,
    wantsLogin: has(library.CKF_LOGIN_REQUIRED),
    ownPinPad: has(library.CKF_PROTECTED_AUTHENTICATION_PATH),
    locked: has(library.CKF_USER_PIN_LOCKED),
    lastTry: has(library.CKF_USER_PIN_FINAL_TRY),
  }
}

/** @param {import('pkcs11js').PKCS11} module @param {Buffer} slot */
function factsOf(module, slot) {
  const { label, manufacturerID, model, serialNumber, flags } = module.C_GetTokenInfo(slot)
  return {
    token: label.trimEnd(),
    manufacturer: manufacturerID.trimEnd(),
    model: model.trimEnd(),
    serial: serialNumber.trimEnd(),
    'slot-id': String(slot.readUIntLE(0, Math.min(slot.length, 6))),
    flags,
  }
}

function opened() {
  if (open === undefined) throw new Refusal('not-open')
  return open
}

/** @param {{ pin?: string }} request */
function login({ pin }) {
  const { library, module, session } = opened()
  module.C_Login(session, library.CKU_USER, pin)
  opened().pin = pin
  return {}
}

/** @param {FindKey} request */
function findKey({ object, id, certificates }) {
  const state = opened()
  const { library } = state
  const template = [
    { type: library.CKA_CLASS, value: library.CKO_PRIVATE_KEY },
    ...(object === undefined ? [] : [{ type: library.CKA_LABEL, value: Buffer.from(object) }]),
    ...(id === undefined ? [] : [{ type: library.CKA_ID, value: Buffer.from(id, 'hex') }]),
  ]
  const keys = find(state, template, 2)
  const [handle] = keys
  if (handle === undefined || keys.length > 1) {
    const all = find(state, [{ type: library.CKA_CLASS, value: library.CKO_PRIVATE_KEY }], 20)
    const names = all.map((one) => `${textOf(state, one, library.CKA_LABEL)} (id ${hexOf(state, one, library.CKA_ID)})`)
    throw new Refusal(handle === undefined ? 'no-key' : 'several-keys', names)
  }
  const always = attributeOf(state, handle, library.CKA_ALWAYS_AUTHENTICATE)?.[0] === 1
  state.key = { handle, always }
  if (!always) state.pin = undefined
  const keyId = hexOf(state, handle, library.CKA_ID)
  const found = find(state, [{ type: library.CKA_CLASS, value: library.CKO_CERTIFICATE }], certificates)
  return {
    id: keyId,
    publicKey: publicKeyOf(state, handle, keyId),
    certificates: found.flatMap((one) => {
      const der = attributeOf(state, one, library.CKA_VALUE)
      return der === undefined || der.length === 0 ? [] : [{ id: hexOf(state, one, library.CKA_ID), der }]
    }),
  }
}

/** @param {Sign} request */
function sign(request) {
  const state = opened()
  const { library, module, session, slot, key } = state
  if (key === undefined) throw new Refusal('not-open')
  const way = mechanismFor(library, module.C_GetMechanismList(slot), request)
  if (way === undefined) throw new Refusal('no-mechanism')
  module.C_SignInit(session, way.mechanism, key.handle)
  // YubiKey's slot 9c, and every key that is to sign nothing without its owner.
  if (key.always) module.C_Login(session, library.CKU_CONTEXT_SPECIFIC, state.pin)
  return { signature: module.C_Sign(session, way.input, Buffer.alloc(1024)) }
}

function close() {
  if (open === undefined) return {}
  const { module, session } = open
  open = undefined
  for (const end of [() => module.C_Logout(session), () => module.C_CloseSession(session), () => module.C_Finalize()]) {
    try {
      end()
    } catch {
      // The next step ends more; the end of the process ends everything.
    }
  }
  return {}
}

/** @type {Readonly<Record<string, (request: never) => unknown>>} */
const REQUESTS = { findToken, login, findKey, sign, close }

/** @param {unknown} cause */
function failure(cause) {
  if (cause instanceof Refusal) return { reason: cause.reason, found: cause.found }
  // Of any other error only the name of the module's answer: the rest may say what was asked.
  const code = cause instanceof Error ? /\bCKR_[A-Z0-9_]+/.exec(cause.message)?.[0] : undefined
  return { reason: code ?? 'failed', found: [] }
}

// The terminal sends its signals to everybody: who started this process also ends it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
process.on('disconnect', () => process.exit(0))
process.on('message', async (/** @type {{ id: number, kind: string, request: never }} */ { id, kind, request }) => {
  try {
    process.send?.({ id, reply: await REQUESTS[kind]?.(request) })
  } catch (cause) {
    process.send?.({ id, failure: failure(cause) })
  }
})
