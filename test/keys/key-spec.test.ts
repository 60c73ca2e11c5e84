import { describe, expect, test } from 'vitest'
import { type KeyWords, parseKeySpec } from '../../src/keys/key-spec.js'

const USAGE = expect.objectContaining({ code: 'ERR_USAGE' })
const URI = 'pkcs11:token=release;object=signer?module-path=/lib/p11.so'

describe('the words about a key', () => {
  test('name a file', () => {
    const words = { key: 'a.pem', cert: 'a.crt', passwordFile: 'pw' }

    expect(parseKeySpec(words)).toEqual({ kind: 'file', path: 'a.pem', cert: 'a.crt', passwordFile: 'pw' })
    expect(parseKeySpec({ key: 'a.p12' })).toEqual({ kind: 'file', path: 'a.p12' })
    expect(parseKeySpec({ key: './plugin:a' })).toEqual({ kind: 'file', path: './plugin:a' })
  })

  test('name a key on a token', () => {
    expect(parseKeySpec({ key: URI, cert: 'a.crt', passwordFile: 'pin' })).toEqual({
      kind: 'pkcs11',
      uri: { modulePath: '/lib/p11.so', token: { token: 'release' }, object: 'signer' },
      cert: 'a.crt',
      passwordFile: 'pin',
    })
  })

  test('name a key of a plugin', () => {
    const words = {
      key: 'plugin:azure-kv',
      keyId: 'https://vault/keys/a',
      pluginConfig: ['a=b', 'c=d=e', '__proto__='],
    }

    const spec = parseKeySpec(words)

    expect(spec).toMatchObject({ kind: 'plugin', name: 'azure-kv', keyId: 'https://vault/keys/a' })
    expect(Object.entries(spec.kind === 'plugin' ? spec.config : {})).toEqual([
      ['a', 'b'],
      ['c', 'd=e'],
      ['__proto__', ''],
    ])
  })

  test('name a key that notation knows', () => {
    expect(parseKeySpec({ key: 'notation:release', passwordFile: 'pw' })).toEqual({
      kind: 'notation',
      name: 'release',
      passwordFile: 'pw',
    })
    expect(parseKeySpec({ key: 'notation:' })).toEqual({ kind: 'notation', name: '' })
  })

  test.each<readonly [string, KeyWords]>([
    ['certificates for a key that notation knows', { key: 'notation:a', cert: 'a.crt' }],
    ['a key ID for a key that notation knows', { key: 'notation:a', keyId: 'b' }],
    ['no key', {}],
    ['an empty key', { key: '' }],
    ['a plugin without a name', { key: 'plugin:', keyId: 'a' }],
    ['a plugin without a key', { key: 'plugin:a' }],
    ['a password for a plugin', { key: 'plugin:a', keyId: 'a', passwordFile: 'pw' }],
    ['a configuration without a value', { key: 'plugin:a', keyId: 'a', pluginConfig: ['a'] }],
    ['a configuration without a name', { key: 'plugin:a', keyId: 'a', pluginConfig: ['=a'] }],
    ['a configuration given twice', { key: 'plugin:a', keyId: 'a', pluginConfig: ['a=1', 'a=2'] }],
    ['a key ID for a file', { key: 'a.pem', keyId: 'a' }],
    ['a plugin’s configuration for a token', { key: URI, pluginConfig: ['a=b'] }],
    ['a PIN given twice', { key: `${URI}&pin-source=file:/pin`, passwordFile: 'pin' }],
  ])('are refused with %s', (_, words) => {
    expect(() => parseKeySpec(words)).toThrow(USAGE)
  })

  test('are not repeated where they may hold a secret', () => {
    const attempts: readonly KeyWords[] = [
      { key: 'plugin:a', keyId: 'a', pluginConfig: ['s3cret'] },
      { key: 'plugin:a', keyId: 'a', pluginConfig: ['a=s3cret', 'a=s3cret'] },
      { key: 'pkcs11:token=a?module-path=/a&pin-value=s3cret' },
    ]

    for (const words of attempts) expect(() => parseKeySpec(words)).not.toThrow(/s3cret/)
  })
})

describe('a PKCS#11 URI', () => {
  const parse = (key: string) => {
    const spec = parseKeySpec({ key })
    return spec.kind === 'pkcs11' ? spec.uri : undefined
  }

  test('has all its parts percent-decoded', () => {
    const token = 'token=My%20token%3B1;serial=00a1;model=YubiKey%20YK5;manufacturer=Yubico%20(www.yubico.com)'

    expect(
      parse(`pkcs11:${token};id=%01%FFa;object=a%2Fb;type=private?module-path=/a%20b.so&pin-source=file:/p`),
    ).toEqual({
      modulePath: '/a b.so',
      token: { token: 'My token;1', serial: '00a1', model: 'YubiKey YK5', manufacturer: 'Yubico (www.yubico.com)' },
      id: '01ff61',
      object: 'a/b',
      pinSource: '/p',
    })
  })

  test('may be spelled as people write it', () => {
    expect(parse('PKCS11:token=My token;slot-id=7?module-path=/a.so&pin-source=/p')).toMatchObject({
      token: { token: 'My token', 'slot-id': '7' },
      pinSource: '/p',
    })
    expect(parse('pkcs11:?module-path=/a.so&pin-source=file:///p')).toEqual({
      modulePath: '/a.so',
      token: {},
      pinSource: '/p',
    })
  })

  test.each([
    ['pkcs11:token=a', 'no library'],
    ['pkcs11:token=a?module-path=', 'an empty library'],
    ['pkcs11:token=a?module-path=/a?module-path=/b', 'two questions'],
    ['pkcs11:token=a?module-path=/a&module-path=/b', 'two libraries'],
    ['pkcs11:token=a;token=b?module-path=/a', 'two tokens'],
    ['pkcs11:token?module-path=/a', 'an attribute without a value'],
    ['pkcs11:token=?module-path=/a', 'an attribute with an empty value'],
    ['pkcs11:token=%zz?module-path=/a', 'a broken escape'],
    ['pkcs11:token=%ff?module-path=/a', 'a text that is none'],
    ['pkcs11:token=a%00?module-path=/a', 'a text with an end in it'],
    ['pkcs11:tokne=a?module-path=/a', 'an unknown attribute'],
    ['pkcs11:token=a?module-path=/a&x-more=b', 'an unknown question'],
    ['pkcs11:type=cert?module-path=/a', 'another type'],
    ['pkcs11:token=a?module-path=/a&pin-value=1234', 'the PIN itself'],
    ['pkcs11:token=a?module-path=/a&pin-source=|cat /pin', 'a command for the PIN'],
    ['pkcs11:token=a?module-path=/a&pin-source=%7Ccat', 'an escaped command for the PIN'],
    ['pkcs11:token=a?module-path=/a&pin-source=http://a/b', 'an address for the PIN'],
    [`pkcs11:token=${'a'.repeat(5000)}?module-path=/a`, 'no end'],
  ])('%j is refused for %s', (uri) => {
    expect(() => parse(uri)).toThrow(USAGE)
  })
})
