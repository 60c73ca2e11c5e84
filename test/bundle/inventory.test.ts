import { describe, expect, it } from 'vitest'
import { type CarriedLine, formatInventory, type InventoryLine, parseInventory } from '../../src/bundle/inventory.js'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'

function line(name: string, more: Partial<CarriedLine> = {}): InventoryLine {
  const digest = digestOf(Buffer.from(name))
  return { digest, size: 12, mediaType: 'application/octet-stream', role: 'layer', here: 1, ...more }
}

const CRL = 'application/pkix-crl'
const LINES: readonly InventoryLine[] = [
  line('image', { mediaType: OCI_MANIFEST, role: 'manifest' }),
  line('index', { mediaType: OCI_INDEX, role: 'index' }),
  line('list', { mediaType: CRL, role: 'evidence' }),
  line('response', { mediaType: 'application/ocsp-response', role: 'evidence' }),
  line('config', { mediaType: OCI_CONFIG, role: 'config', size: 0 }),
  line('published list', { mediaType: CRL, role: 'layer' }),
  line('large', { size: 2 ** 53 - 1 }),
  line('512', { digest: digestOf(new Uint8Array(1), 'sha512'), role: 'blob' }),
]

function parse(text: string): readonly InventoryLine[] {
  return parseInventory(new TextEncoder().encode(text))
}

const [FIRST] = new TextDecoder().decode(formatInventory([line('one')])).split('\n')
const ONE = FIRST ?? ''

describe('parseInventory', () => {
  it('reads what formatInventory writes', () => {
    expect(parseInventory(formatInventory(LINES))).toEqual(LINES)
    expect(parse('')).toEqual([])
  })

  it.each([
    ['no line feed at its end', ONE],
    ['an empty line', `${ONE}\n\n`],
    ['a carriage return', `${ONE}\r\n`],
    ['a space', `${ONE.replace(':12', ': 12')}\n`],
    ['members in another order', `${ONE.replace(/^\{("digest":"[^"]+"),("here":1),/, '{$2,$1,')}\n`],
    ['a member more', `${ONE.replace('"here":1', '"base":1,"here":1')}\n`],
    ['a member less', `${ONE.replace('"here":1,', '')}\n`],
    ['a digest that is not one', `${ONE.replace(/sha256:[0-9a-f]{4}/, 'sha256:../.')}\n`],
    ['a digest with upper-case digits', `${ONE.replace(/sha256:[0-9a-f]{64}/, `sha256:${'AB'.repeat(32)}`)}\n`],
    ['a digest of another algorithm', `${ONE.replace('sha256:', 'sha384:')}\n`],
    ['a sha512 digest that is too short', `${ONE.replace('sha256:', 'sha512:')}\n`],
    ['a negative size', `${ONE.replace(':12', ':-1')}\n`],
    ['a size with a leading zero', `${ONE.replace(':12', ':012')}\n`],
    ['a size as a text', `${ONE.replace(':12', ':"12"')}\n`],
    ['a fraction', `${ONE.replace(':12', ':1.5')}\n`],
    ['a size that two readers see differently', `${ONE.replace(':12', ':9007199254740993')}\n`],
    ['a role that is not known', `${ONE.replace('"layer"', '"parent"')}\n`],
    ['a blob in another part', `${ONE.replace('"here":1', '"here":2')}\n`],
    ['a manifest type with the role of a layer', `${ONE.replace('application/octet-stream', OCI_MANIFEST)}\n`],
    ['a layer with the role of a manifest', `${ONE.replace('"layer"', '"manifest"')}\n`],
    ['a layer with the role of evidence', `${ONE.replace('"layer"', '"evidence"')}\n`],
    ['a media type that is not one', `${ONE.replace('application/octet-stream', 'nothing')}\n`],
    ['a list', '[]\n'],
    ['no JSON', 'sha256\n'],
    ['one digest twice', `${ONE}\n${ONE}\n`],
  ])('refuses %s', (_name, text) => {
    expect(() => parse(text)).toThrowError(expect.objectContaining({ code: 'ERR_BUNDLE_FORMAT' }))
  })

  it('refuses bytes that are not UTF-8', () => {
    const bytes = Buffer.from(`${ONE.replace('octet-stream', 'octet-str#am')}\n`)
    bytes[bytes.indexOf('#')] = 0xff

    expect(() => parseInventory(bytes)).toThrowError(expect.objectContaining({ code: 'ERR_BUNDLE_FORMAT' }))
  })

  it('refuses a manifest after other content', () => {
    const bytes = formatInventory([line('one'), line('image', { mediaType: OCI_MANIFEST, role: 'manifest' })])

    expect(() => parseInventory(bytes)).toThrowError(expect.objectContaining({ code: 'ERR_BUNDLE_FORMAT' }))
  })

  it('refuses more lines than the limit', () => {
    const text = '{}\n'.repeat(200_001)

    expect(() => parse(text)).toThrowError(expect.objectContaining({ code: 'ERR_LIMIT_EXCEEDED' }))
  })

  it.each([
    ['a manifest after a layer', [4, 0]],
    ['a manifest after evidence', [2, 0]],
    ['evidence after a config', [4, 2]],
    ['evidence between layers', [6, 3, 7]],
  ])('refuses %s', (_name, order) => {
    const lines = order.flatMap((at) => LINES[at] ?? [])

    expect(() => parseInventory(formatInventory(lines))).toThrowError(
      expect.objectContaining({ code: 'ERR_BUNDLE_FORMAT' }),
    )
  })
})
