// Looks for things on a token. A part of token-process.js.

/**
 * @typedef {object} Session
 * @property {typeof import('pkcs11js')} library
 * @property {import('pkcs11js').PKCS11} module
 * @property {Buffer} session
 */

/**
 * What the token says of the public half, where it says anything: many hold it in an object of its own.
 * @param {Session} state @param {Buffer} key @param {string} id
 */
export function publicKeyOf(state, key, id) {
  const { library } = state
  const [own] = find(
    state,
    [
      { type: library.CKA_CLASS, value: library.CKO_PUBLIC_KEY },
      { type: library.CKA_ID, value: Buffer.from(id, 'hex') },
    ],
    1,
  )
  for (const object of own === undefined ? [key] : [own, key]) {
    const modulus = attributeOf(state, object, library.CKA_MODULUS)
    const exponent = attributeOf(state, object, library.CKA_PUBLIC_EXPONENT)
    if (modulus?.length && exponent?.length) return { modulus, exponent }
    const point = attributeOf(state, object, library.CKA_EC_POINT)
    if (point?.length) return { point }
  }
  return undefined
}

/** @param {Session} state @param {import('pkcs11js').Template} template @param {number} most */
export function find({ module, session }, template, most) {
  module.C_FindObjectsInit(session, template)
  try {
    const found = []
    for (let one = module.C_FindObjects(session); one && found.length < most; one = module.C_FindObjects(session)) {
      found.push(one)
    }
    return found
  } finally {
    module.C_FindObjectsFinal(session)
  }
}

/** @param {Session} state @param {Buffer} object @param {number} type */
export function attributeOf({ module, session }, object, type) {
  try {
    const [attribute] = module.C_GetAttributeValue(session, object, [{ type }])
    return Buffer.isBuffer(attribute?.value) ? attribute.value : undefined
  } catch {
    return undefined // an object without this attribute
  }
}

/** @param {Session} state @param {Buffer} object @param {number} type */
export function hexOf(state, object, type) {
  return attributeOf(state, object, type)?.toString('hex') ?? ''
}

/** @param {Session} state @param {Buffer} object @param {number} type */
export function textOf(state, object, type) {
  return attributeOf(state, object, type)?.toString('utf8') ?? ''
}
