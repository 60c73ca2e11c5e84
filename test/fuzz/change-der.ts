import type { Edit } from './change.js'

/** Where an element lies: its tag, and its content. */
interface Place {
  readonly from: number
  readonly content: number
  readonly to: number
}

/** Changes one element of DER and mends the lengths of all that contain it; bytes that are none stay as they are. */
export function changeDer(bytes: Uint8Array, edit: Edit): Uint8Array {
  const paths = pathsIn(bytes, 0, bytes.length, [])
  const path = paths[edit.at % paths.length]
  return path === undefined ? bytes : rebuilt(bytes, path, changed(bytes, edit, paths))
}

/** Every element with those around it, the outermost first. Bit and octet strings may have elements in them. */
function pathsIn(bytes: Uint8Array, from: number, to: number, above: readonly Place[]): (readonly Place[])[] {
  const found: (readonly Place[])[] = []
  for (let at = from; at < to; ) {
    const place = placeAt(bytes, at, to)
    if (place === undefined || above.length > 24 || found.length > 20_000) return []
    const path = [...above, place]
    found.push(path)
    const tag = bytes[at] ?? 0
    const inner = tag === 0x03 ? place.content + 1 : place.content
    if ((tag & 0x20) !== 0 || tag === 0x04 || tag === 0x03) found.push(...pathsIn(bytes, inner, place.to, path))
    at = place.to
  }
  return found
}

function placeAt(bytes: Uint8Array, at: number, end: number): Place | undefined {
  const first = bytes[at + 1]
  if (first === undefined) return undefined
  const count = first < 0x80 ? 0 : first & 0x7f
  const length = count === 0 ? first : bytes.subarray(at + 2, at + 2 + count).reduce((sum, byte) => sum * 256 + byte, 0)
  const content = at + 2 + count
  const to = content + length
  return first === 0x80 || count > 4 || to > end ? undefined : { from: at, content, to }
}

type Changed = (place: Place) => Uint8Array

function changed(
  bytes: Uint8Array,
  { kind, length, bytes: other }: Edit,
  paths: readonly (readonly Place[])[],
): Changed {
  return (place) => {
    const whole = bytes.subarray(place.from, place.to)
    const content = bytes.subarray(place.content, place.to)
    const tag = bytes[place.from] ?? 0
    switch (kind % 8) {
      case 0:
        return element(tag, other)
      case 1:
        return element(other[0] ?? 0, content)
      case 2:
        return new Uint8Array()
      case 3:
        return Buffer.concat(Array.from({ length: Math.min(length, 40) }, () => whole))
      case 4:
        return element(tag, Buffer.concat([content, other]))
      case 5:
        return element(tag, content.subarray(0, Math.max(0, content.length - 1)))
      case 6: {
        const flipped = Uint8Array.from(content)
        if (flipped.length > 0) flipped[length % flipped.length] = (flipped[length % flipped.length] ?? 0) ^ 1
        return element(tag, flipped)
      }
      default: {
        const place2 = paths[length % paths.length]?.at(-1)
        return place2 === undefined ? whole : bytes.subarray(place2.from, place2.to)
      }
    }
  }
}

/** The bytes with another innermost element, and everything around it as long as it then has to be. */
function rebuilt(bytes: Uint8Array, path: readonly Place[], change: Changed): Uint8Array {
  const [place, ...below] = path
  if (place === undefined) return bytes
  const [next] = below
  const inner = next === undefined ? change(place) : rebuiltWithin(bytes, place, below, change)
  return Buffer.concat([bytes.subarray(0, place.from), inner, bytes.subarray(place.to)])
}

function rebuiltWithin(bytes: Uint8Array, place: Place, below: readonly Place[], change: Changed): Uint8Array {
  const [next, ...deeper] = below
  if (next === undefined) return change(place)
  const inner = deeper.length === 0 ? change(next) : rebuiltWithin(bytes, next, deeper, change)
  const content = Buffer.concat([bytes.subarray(place.content, next.from), inner, bytes.subarray(next.to, place.to)])
  return element(bytes[place.from] ?? 0, content)
}

function element(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  const octets = Buffer.from(length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.of(tag, 0x80 | octets.length), octets, content])
}
