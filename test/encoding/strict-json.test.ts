import { describe, expect, it } from 'vitest'
import { foldKey, isJsonObject, parseStrictJson } from '../../src/encoding/strict-json.js'
import { hasCode } from '../../src/errors.js'
import { LIMITS } from '../../src/limits.js'

function parse(text: string | Uint8Array) {
  return parseStrictJson(typeof text === 'string' ? new TextEncoder().encode(text) : text, 'the document')
}

function failureOf(text: string | Uint8Array): unknown {
  try {
    parse(text)
  } catch (cause) {
    return cause
  }
  return undefined
}

describe('parseStrictJson', () => {
  it.each([
    ['null', null],
    ['true', true],
    ['false', false],
    ['0', 0],
    ['-7', -7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['""', ''],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9"', '"\\/\b\f\n\r\té'],
    ['"\\ud83d\\ude00 😀"', '😀 😀'],
    ['"\u2028"', '\u2028'],
    ['"\\u0000"', '\0'],
    [' \t\r\n[ 1 , [ ] , { } ]\n', [1, [], {}]],
    ['{"a":{"b":[null]},"":0}', { a: { b: [null] }, '': 0 }],
  ])('reads %s', (text, value) => {
    const read = parse(text)

    expect(read).toEqual(value)
  })

  it.each([
    ['the same key twice', '{"layers":[],"layers":[1]}'],
    ['the same key twice, once with an escape', '{"layers":1,"l\\u0061yers":2}'],
    ['the same key twice, deep inside', '[{"a":{"b":{"c":1,"c":2}}}]'],
    ['two keys that differ in case', '{"layers":[],"Layers":[1]}'],
    ['a key with a long s, which Go takes for an s', '{"size":1,"\u017fize":2}'],
    ['a key with a Kelvin sign, which Go takes for a k', '{"kind":1,"\u212aind":2}'],
    ['more after the end', '{} {}'],
    ['a NUL after the end', '{}\0'],
    ['a letter after the end', '1x'],
    ['a byte order mark', '\ufeff{}'],
    ['nothing', ''],
    ['only spaces', ' \n'],
    ['a comma before a bracket', '[1,]'],
    ['a comma before a brace', '{"a":1,}'],
    ['two commas', '[1,,2]'],
    ['a missing colon', '{"a" 1}'],
    ['a missing value', '{"a":}'],
    ['a key without quotes', '{a:1}'],
    ['single quotes', "{'a':1}"],
    ['a comment', '{/**/}'],
    ['a list that does not end', '[1'],
    ['an object that does not end', '{"a":1'],
    ['a string that does not end', '"a'],
    ['a string that ends in an escape', '"a\\'],
    ['a control character in a string', '"a\nb"'],
    ['an unknown escape', '"\\x41"'],
    ['an escape named like a member of every object', '"\\constructor"'],
    ['a short \\u escape', '"\\u12"'],
    ['a \\u escape with a sign', '"\\u+123"'],
    ['half a surrogate pair', '"\\ud800"'],
    ['the other half', '"\\udc00\\ud800"'],
    ['half a surrogate pair in a key', '{"\\ud800":1}'],
    ['a wrong literal', 'True'],
    ['a literal that is cut', 'nul'],
    ['NaN', 'NaN'],
    ['a space that JSON does not know', '\u00a01'],
  ])('refuses %s', (_what, text) => {
    const failure = failureOf(text)

    expect(hasCode(failure, 'ERR_JSON_INVALID')).toBe(true)
  })

  it.each([
    '9007199254740992',
    '9007199254740993',
    '-9007199254740992',
    '9223372036854775808',
    '1e3',
    '1E0',
    '1.0',
    '0.5',
    '-0',
    '01',
    '-01',
    '+1',
    '.5',
    '1.',
    '-',
    '0x10',
    '1e400',
  ])('refuses the number %s, which two readers could read differently', (text) => {
    const failure = failureOf(`{"size":${text}}`)

    expect(hasCode(failure, 'ERR_JSON_INVALID')).toBe(true)
  })

  it.each([
    ['a byte that begins nothing', [0x22, 0xff, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a character that is cut', [0x22, 0xe2, 0x82, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0, 0x7d, 0]],
  ])('refuses %s', (_what, bytes) => {
    const failure = failureOf(new Uint8Array(bytes))

    expect(hasCode(failure, 'ERR_JSON_INVALID')).toBe(true)
  })

  it('takes __proto__ and constructor for keys like any other', () => {
    const read = parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2}')

    const keys = isJsonObject(read) ? Object.keys(read) : []
    expect(keys).toEqual(['__proto__', 'constructor', 'toString'])
    expect(Object.getPrototypeOf(read)).toBe(null)
    expect('polluted' in {}).toBe(false)
  })

  it('has no members that were not written', () => {
    const read = parse('{}')

    expect(isJsonObject(read) && read['toString'] === undefined && read['constructor'] === undefined).toBe(true)
  })

  it.each([
    ['arrays', '['.repeat(LIMITS.jsonDepth), ']'.repeat(LIMITS.jsonDepth)],
    ['objects', '{"a":'.repeat(LIMITS.jsonDepth), '}'.repeat(LIMITS.jsonDepth)],
  ])('reads %s that are nested as deep as the limit, and no deeper', (_what, open, close) => {
    const [within, beyond] = [`${open}0${close}`, `${open}[0]${close}`]

    const failures = [failureOf(within), failureOf(beyond)]

    expect(failures.map((failure) => hasCode(failure, 'ERR_JSON_INVALID'))).toEqual([false, true])
  })

  it.each(['[', '{"a":'])('refuses a million %s without running out of stack', (open) => {
    const failure = failureOf(open.repeat(1_000_000))

    expect(hasCode(failure, 'ERR_JSON_INVALID')).toBe(true)
  })

  it('reads a string of eight megabytes', () => {
    const read = parse(JSON.stringify('é\n'.repeat(2_000_000)))

    expect(read).toHaveLength(4_000_000)
  })

  it('reads a hundred thousand keys in reasonable time', () => {
    const text = JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key ${at}`, at])))
    const before = performance.now()

    const read = parse(text)

    expect(isJsonObject(read) && read['key 99999']).toBe(99_999)
    expect(performance.now() - before).toBeLessThan(3000)
  })

  it('names the document, and prints nothing that could harm a terminal', () => {
    const failure = failureOf('{"a\u009b2J\u202eb":1,"A\u009b2J\u202eB":2}')

    expect(failure).toMatchObject({ code: 'ERR_JSON_INVALID', subject: 'the document' })
    expect(String(failure)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
  })
})

describe('foldKey', () => {
  it.each([
    ['Layers', 'layers'],
    ['\u017fize', 'size'],
    ['\u212aind', 'kind'],
    ['MEDIATYPE', 'mediaType'],
  ])('takes %j and %j for the same key', (one, other) => {
    expect(foldKey(one)).toBe(foldKey(other))
  })

  it('keeps different keys apart', () => {
    expect(foldKey('digest')).not.toBe(foldKey('digests'))
  })
})
