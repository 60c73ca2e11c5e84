import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/limits.js'
import { SOUND_POLICY } from '../support/policies.js'
import { mistakesIn } from '../support/policy-mistakes.js'

const MOST = LIMITS.policyBytes

const HOSTILE: readonly (readonly [what: string, text: string | Uint8Array, said: RegExp])[] = [
  ['nothing at all', '', /:1:1: expected an import policy, found an empty file/],
  ['comments alone', '# a\n\n# b\n', /found an empty file/],
  ['a mark alone', '---\n', /found an empty file/],
  ['null', 'null\n', /found an empty file/],
  ['a text', 'version 1\n', /:1:1: expected members, found "version 1"/],
  ['a list', '- version: 1\n', /:1:1: expected members, found a list/],
  ['a byte order mark', `\ufeff${SOUND_POLICY}`, /:1:1: expected text, found a byte order mark/],
  ['tabs for indentation', 'version: 1\nbundles:\n\tmaxAge: 3d\n', /:3:1: expected spaces, found a tab/],
  ['a tab behind', 'version: 1\t\n', /:1:11: expected spaces, found a tab/],
  ['NUL', 'version: 1\0\n', /:1:11: .*U\+0000/],
  ['an escape sequence', 'version: 1 # \u001b[2J\n', /:1:14: .*U\+001B/],
  ['text that runs backwards', 'version: 1 # \u202e1\n', /:1:14: .*U\+202E/],
  ['a mark of no width', 'ver\u200bsion: 1\n', /:1:4: .*U\+200B/],
  ['a lone CR', 'version: 1\rpartial: true\n', /:1:11: expected lines that end with LF or CRLF/],
  ['bytes that are no UTF-8', Buffer.from('version: 1\n# \xff\n', 'latin1'), /:2:3: expected UTF-8/],
  ['UTF-16', Buffer.from('version: 1\n', 'utf16le'), /U\+0000/],
  ['a surrogate in UTF-8', Buffer.from('76 3a 20 ed a0 80'.replaceAll(' ', ''), 'hex'), /expected UTF-8/],
  ['an anchor', 'version: &a 1\n', /:1:10: .*found an anchor/],
  ['an alias', 'version: *a\n', /:1:10: .*found an alias/],
  ['an unquoted star', 'version: 1\nartifacts:\n  - from: [*]\n', /:3:12: .*found an alias; .*needs quotes: "\*"/],
  ['an alias bomb', `a: &a [b,b]\n${'c: &b [*a,*a]\n'.repeat(99)}`, /:1:4: .*found an anchor/],
  ['a tag', 'version: !!int "1"\n', /:1:10: .*found a tag/],
  ['a tag of JavaScript', 'version: !!js/function "() => 1"\n', /found a tag/],
  ['a directive', '%YAML 1.1\n---\nversion: 1\n', /:1:1: .*found a directive/],
  ['two documents', 'version: 1\n---\nversion: 1\n', /:2:1: expected one document/],
  ['the end of a document, and more', 'version: 1\n...\nversion: 2\n', /:2:1: expected one document/],
  ['a merge key', 'version: 1\n<<: {partial: true}\n', /:2:1: <<: .*unknown member "<<"/],
  ['a key twice', 'version: 1\npartial: true\npartial: false\n', /:3:1: partial: .*again, after 2:1/],
  ['a key twice, once in quotes', 'version: 1\n"version": 1\n', /:2:1: version: .*again/],
  ['a key twice, once as an escape', 'version: 1\n"\\u0076ersion": 1\n', /again/],
  ['__proto__', 'version: 1\n__proto__: {partial: true}\n', /:2:1: __proto__: expected another name/],
  ['__proto__ deep inside', 'version: 1\nbundles: {__proto__: {requireExpiry: false}}\n', /:2:11: bundles\.__proto__/],
  ['constructor', 'version: 1\nconstructor: 1\n', /:2:1: constructor: expected another name/],
  ['a signer called constructor', 'version: 1\nsigners: {constructor: {statement: a}}\n', /:2:11: .*another name/],
  ['a list as a key', 'version: 1\n? [a]\n: 1\n', /expected a name, found another key/],
  ['a number as a key', 'version: 1\n1: 1\n', /:2:1: expected a name/],
  ['no key', 'version: 1\n: 1\n', /expected a name/],
  ['an open bracket', 'version: [1\n', /expected YAML/],
  ['an open quote', 'version: "1\n', /expected YAML/],
  ['wrong indentation', 'version: 1\n bundles: 1\n', /expected YAML/],
  ['brackets without end', '['.repeat(MOST), /deeper nesting/],
  ['braces without end', '{'.repeat(MOST), /deeper nesting/],
  ['brackets and braces', '[{'.repeat(MOST / 2), /deeper nesting/],
  ['lists in lists', '- '.repeat(MOST / 2), /deeper nesting/],
  ['keys in keys', '? '.repeat(MOST / 2), /deeper nesting/],
  ['values in values', ': '.repeat(MOST / 2), /deeper nesting/],
  ['members in members', 'a: '.repeat(MOST / 3), /deeper nesting/],
  [
    'indentation without end',
    Array.from({ length: 600 }, (_, at) => `${' '.repeat(at)}a:\n`).join(''),
    /deeper nesting/,
  ],
  [
    'indentation up to the limit',
    Array.from({ length: 60 }, (_, at) => `${' '.repeat(at)}a:\n`).join(''),
    /deeper nesting/,
  ],
  ['more bytes than are read', ' '.repeat(MOST + 1), /expected at most 262144 bytes, found 262145/],
  ['commas', `[${','.repeat(MOST - 2)}]`, /expected YAML/],
  [
    'many keys',
    Array.from({ length: MOST / 8 }, (_, at) => `k${at}:\n`)
      .join('')
      .slice(0, MOST),
    /:1:1: version: expected 1, found nothing/,
  ],
  ['a name without end', `version: 1\n${'a'.repeat(1000)}: 1\n`, /unknown member "a{120}…"/],
  ['a text without end', `version: "${'1'.repeat(100_000)}"\n`, /found "1{120}…"/],
]

describe('a hostile policy', () => {
  it.each(HOSTILE)('is refused in a sentence, without a crash: %s', (_, text, said) => {
    const mistakes = mistakesIn(text)

    expect(mistakes[0]).toMatch(said)
    expect(mistakes.length).toBeLessThanOrEqual(LIMITS.policyMistakes + 1)
    for (const one of mistakes) expect(one.length).toBeLessThan(1500)
  })

  it('may have stars, ampersands and exclamation marks in quotes and comments', () => {
    const text = SOUND_POLICY.replace('the monitor', '"*a &b !c %d [{[{[{[{[{[{[{[{[{[{"').replace(
      'bundles',
      '# *a &b [[[[[\nbundles',
    )

    expect(() => mistakesIn(text)).toThrow('the policy was read')
  })
})
