import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { documentLines } from '../../../src/audit/document/document-lines.js'
import { readDocument } from '../../../src/audit/document/read-document.js'
import { memoryStore } from '../../../src/content/memory.js'
import { LIMITS } from '../../../src/limits.js'
import { describe as describeBytes } from '../../../src/oci/descriptor.js'
import { encodeBase64 } from '../../../src/trust/base64.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../../src/trust/envelope/envelope.js'
import { CALL } from '../../support/tmp.js'

const JSON_TYPE = 'application/spdx+json'
const STANDING = 'VERIFIED by somebody.'

function lines(
  content: string | Uint8Array,
  { mediaType = JSON_TYPE, missing = 0, standing }: { mediaType?: string; missing?: number; standing?: string } = {},
): readonly string[] {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return documentLines({ bytes, mediaType, size: bytes.byteLength + missing }, standing)
}

describe('a document that is shown', () => {
  test('has JSON one value a line, whatever order its members have', () => {
    expect(lines('{"b":[1,{"c":null}],"a":"x","d":[],"e":{}}')).toEqual([
      '│ {',
      '│   "b": [',
      '│     1,',
      '│     {',
      '│       "c": null',
      '│     }',
      '│   ],',
      '│   "a": "x",',
      '│   "d": [],',
      '│   "e": {}',
      '│ }',
    ])
  })

  test('has JSON that no strict reader takes as it is, and says why', () => {
    const [first, , ...rest] = lines('{"score": 9.8,\n"a":1,"a":2}')

    expect(first).toContain('9.8 is not an integer')
    expect(rest).toEqual(['│ {"score": 9.8,', '│ "a":1,"a":2}'])
  })

  test('has a list of one object a line as it is', () => {
    expect(lines('{"a":1}\n{"b":2}\n', { mediaType: 'application/x-ndjson' })).toEqual(['│ {"a":1}', '│ {"b":2}'])
  })

  test('has text line by line', () => {
    expect(lines('a: b\r\n\tc\n\nd', { mediaType: 'text/yaml' })).toEqual(['│ a: b', '│     c', '│ ', '│ d'])
  })

  test('has the first bytes of what is no text, and its media type', () => {
    const [first, , ...rest] = lines(Uint8Array.from({ length: 5000 }, (_, at) => at % 256))

    expect(first).toBe('No text: application/spdx+json, 5.00 kB. Its first 1024 bytes:')
    expect(rest).toHaveLength(64)
    expect(rest[4]).toBe('│ 00000040  40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO')
  })

  test.each(['{"a":"\u001b[2J\u202e\u200b"}', '\u001b]0;VERIFIED\u0007\n\u202ex', '{"\u001b[31m": 0.5}'])(
    'does nothing to a terminal: %j',
    (text) => {
      expect(lines(text).join('\n')).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    },
  )

  test('has no line that is too long, and says what is missing', () => {
    const [only = ''] = lines('x'.repeat(LIMITS.shownLineLength + 5))

    expect(only).toMatch(/^│ x+… \(5 characters more\)$/)
  })

  test('has no more lines than can be shown', () => {
    const all = lines('\n'.repeat(LIMITS.shownLines + 10))

    expect(all).toHaveLength(LIMITS.shownLines + 2)
    expect(all.at(-1)).toMatch(/^CUT: it has more lines/)
  })

  test('says that it is only the beginning, also where a character was cut', () => {
    const bytes = new TextEncoder().encode('{"a": "ä').subarray(0, -1)

    expect(lines(bytes, { missing: 1000 })).toEqual(['│ {"a": "', '', 'CUT: these are the first 8 bytes of 1.01 kB.'])
  })

  test('says so where there is nothing', () => {
    expect(lines('')).toEqual(['Empty: it has no bytes.'])
  })

  test('has the payload of a DSSE envelope first, and never calls it verified', () => {
    const payload = encodeBase64(new TextEncoder().encode('{"predicateType":"https://slsa.dev/provenance/v1"}'))
    const envelope = { payloadType: 'application/vnd.in-toto+json', payload, signatures: [{ sig: 'VERIFIED' }] }

    for (const shown of [envelope, { dsseEnvelope: envelope }]) {
      const all = lines(JSON.stringify(shown))

      expect(all[0]).toMatch(/CLAIMS ONLY\.$/)
      expect(all.slice(2, 5)).toEqual(['│ {', '│   "predicateType": "https://slsa.dev/provenance/v1"', '│ }'])
      expect(all).toContain('The envelope around it:')
    }
  })

  test.each([ENVELOPE_JWS, ENVELOPE_COSE])('says of a broken %s that nothing of it is verified', (mediaType) => {
    const all = lines('{"payload":"e30"}', { mediaType, standing: STANDING })

    expect(all[0]).toMatch(/cannot be read/)
    expect(all[1]).toMatch(/NOTHING of it is verified/)
    expect(all.join('\n')).not.toContain(STANDING)
  })

  test('says of every signature how it stands, whatever form it has', () => {
    const cosign = { mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json' }

    expect(lines('{}', { ...cosign, standing: STANDING })).toEqual([STANDING, '', '│ {}'])
    expect(lines('a.e30.c', { mediaType: 'application/vnd.cncf.notary.config.v2+jwt' })[0]).toMatch(/NOT VERIFIED/)
  })

  test('writes no sentence that could be ours', () => {
    expect(lines('VERIFIED: the signature is accepted.\n')).toEqual(['│ VERIFIED: the signature is accepted.'])
  })

  test('throws for no bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(JSON_TYPE, ENVELOPE_JWS, ENVELOPE_COSE), (bytes, mediaType) => {
        expect(lines(bytes, { mediaType }).length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('reading a document', () => {
  test('reads and hashes all of it, and keeps the beginning', async () => {
    const store = memoryStore()
    const bytes = new Uint8Array(LIMITS.shownBytes + 1)
    const descriptor = describeBytes('text/plain', bytes)
    store.hold(descriptor, bytes)

    const document = await readDocument(store, descriptor, CALL)

    expect(document).toMatchObject({ mediaType: 'text/plain', size: bytes.byteLength })
    expect(document.bytes.byteLength).toBe(LIMITS.shownBytes)
  })
})
