import { expect, test } from 'vitest'
import { readName, readOid } from '../../../src/trust/certificate/names.js'

/** One element of DER with a short length. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, content.byteLength]), content])
}

function attribute(tag: number, value: Uint8Array): Buffer {
  return der(0x30, der(0x06, Buffer.from('55040a', 'hex')), der(tag, value))
}

function readValue(tag: number, value: Uint8Array) {
  return readName(der(0x30, der(0x31, attribute(tag, value)))).flat()[0]
}

test.each([
  ['utf8', 0x0c, Buffer.from('Zoë'), 'Zoë'],
  ['printable', 0x13, Buffer.from('Acme'), 'Acme'],
  ['ia5', 0x16, Buffer.from('a@b'), 'a@b'],
  ['numeric', 0x12, Buffer.from('12'), '12'],
  ['teletex', 0x14, Buffer.from('Zo\u00eb', 'latin1'), 'Zoë'],
  ['bmp', 0x1e, Buffer.from('00410042', 'hex'), 'AB'],
  ['universal', 0x1c, Buffer.from('0001f600', 'hex'), '\u{1f600}'],
])('reads a text that is spelled %s', (encoding, tag, bytes, value) => {
  expect(readValue(tag, bytes)).toEqual({ type: '2.5.4.10', value, encoding })
})

test.each([
  ['an integer', 0x02, '05'],
  ['UTF-8 that is none', 0x0c, 'ff'],
  ['ASCII that is none', 0x13, '80'],
  ['half of a character', 0x1e, '00'],
  ['half of a pair', 0x1e, 'd800'],
  ['a point beyond Unicode', 0x1c, '00110000'],
])('gives %s as hexadecimal, which equals no text', (_why, tag, hex) => {
  const length = Buffer.from([hex.length / 2]).toString('hex')

  expect(readValue(tag, Buffer.from(hex, 'hex'))).toEqual({
    type: '2.5.4.10',
    value: `#${Buffer.from([tag]).toString('hex')}${length}${hex}`,
    encoding: undefined,
  })
})

test('keeps the sets of a name apart', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((text) => attribute(0x13, Buffer.from(text)))
  const name = readName(der(0x30, der(0x31, a ?? Buffer.of(), b ?? Buffer.of()), der(0x31, c ?? Buffer.of())))

  expect(name.map((rdn) => rdn.map(({ value }) => value))).toEqual([['a', 'b'], ['c']])
})

test.each([
  ['2a864886f70d010901', '1.2.840.113549.1.9.1'],
  ['0992268993f22c640101', '0.9.2342.19200300.100.1.1'],
  ['883703', '2.999.3'],
])('reads the object identifier %s', (hex, text) => {
  expect(readOid(Buffer.from(hex, 'hex'))).toBe(text)
})

test.each([
  ['nothing', ''],
  ['one that does not end', '2a86'],
  ['an endless one', '81'.repeat(80)],
])('refuses %s as object identifier', (_why, hex) => {
  expect(() => readOid(Buffer.from(hex, 'hex'))).toThrow()
})
