import { type FileHandle, open } from 'node:fs/promises'
import { onTestFinished } from 'vitest'
import { tarHeader } from '../../src/bundle/tar-header.js'
import { type Judgement, judge } from './bundles.js'
import { entriesIn } from './bundles-by-hand.js'
import { rawEntry } from './raw-tar.js'

/** Something that was done to a bundle and was taken for sound. */
export interface Admitted {
  readonly what: string
  readonly found: Judgement
}

/** A bundle in a file that can be damaged at one place and mended again. */
export async function aPatient(path: string) {
  const file = await open(path, 'r+')
  onTestFinished(() => file.close())
  const { size } = await file.stat()
  const bytes = Buffer.alloc(size)
  await file.read(bytes, 0, size, 0)
  return { path, file, bytes, firstBlobAt: firstBlobAt(bytes) }
}

export type Patient = Awaited<ReturnType<typeof aPatient>>

/** Everything before this is metadata: headers, index, waybill, document, inventory, signature. */
function firstBlobAt(bytes: Buffer): number {
  const entries = entriesIn(bytes)
  const signature = entries.findIndex(({ bodyAt, size }) =>
    bytes.subarray(bodyAt, bodyAt + size).includes('"protected":"'),
  )
  const next = entries[signature + 1]
  if (signature < 0 || next === undefined) throw new Error('the bundle has no signature')
  return next.headerAt
}

/** Changes single bytes, one at a time. @returns where that was not noticed */
export async function flipEach(patient: Patient, places: Iterable<number>, mask: number): Promise<readonly Admitted[]> {
  const admitted: Admitted[] = []
  const byte = Buffer.alloc(1)
  for (const at of places) {
    await put(patient.file, byte.fill((patient.bytes[at] ?? 0) ^ mask), at)
    await note(patient.path, `byte ${at} ^ ${mask}`, admitted)
    await put(patient.file, byte.fill(patient.bytes[at] ?? 0), at)
  }
  return admitted
}

/** Cuts the file at each of these sizes, from the largest down. */
export async function cutAt(patient: Patient, sizes: readonly number[]): Promise<readonly Admitted[]> {
  const admitted: Admitted[] = []
  for (const size of [...sizes].sort((a, b) => b - a)) {
    await patient.file.truncate(size)
    await note(patient.path, `cut at ${size}`, admitted)
  }
  await put(patient.file, patient.bytes, 0)
  return admitted
}

/** Puts each of these in the place of the file. */
export async function replaceWith(
  patient: Patient,
  others: Iterable<readonly [string, Buffer]> | AsyncIterable<readonly [string, Buffer]>,
): Promise<readonly Admitted[]> {
  const admitted: Admitted[] = []
  for await (const [what, bytes] of others) {
    await patient.file.truncate(0)
    await put(patient.file, bytes, 0)
    await note(patient.path, what, admitted)
  }
  await patient.file.truncate(0)
  await put(patient.file, patient.bytes, 0)
  return admitted
}

async function put(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  await file.write(bytes, 0, bytes.byteLength, at)
}

async function note(path: string, what: string, admitted: Admitted[]): Promise<void> {
  const found = await judge(path)
  if (found.verdict !== 'damaged' && found.verdict !== 'not-authentic') admitted.push({ what, found })
}

/** Every entry removed, doubled, swapped with the next, renamed, and strangers between all of them. */
export async function* rearranged(bytes: Buffer): AsyncGenerator<readonly [string, Buffer]> {
  const entries = entriesIn(bytes)
  const stranger = rawEntry({ name: `blobs/sha256/${'0'.repeat(64)}`, body: 'stranger' })
  for (const [at, { name, headerAt, bodyAt, size, endAt }] of entries.entries()) {
    const [before, entry, after] = [bytes.subarray(0, headerAt), bytes.subarray(headerAt, endAt), bytes.subarray(endAt)]
    yield [`${name} removed`, Buffer.concat([before, after])]
    yield [`${name} doubled`, Buffer.concat([before, entry, entry, after])]
    yield [`${name} again at the end`, Buffer.concat([bytes.subarray(0, -1024), entry, bytes.subarray(-1024)])]
    yield [`a stranger before ${name}`, Buffer.concat([before, stranger, entry, after])]
    yield [`an empty block before ${name}`, Buffer.concat([before, Buffer.alloc(512), entry, after])]
    yield [`the end before ${name}`, Buffer.concat([before, Buffer.alloc(1024), entry, after])]
    const header = await tarHeader(`${name.slice(0, -1)}${name.endsWith('0') ? '1' : '0'}`, size)
    yield [`${name} renamed`, Buffer.concat([before, header, bytes.subarray(bodyAt)])]
    const next = entries[at + 1]
    if (next === undefined) continue
    const other = bytes.subarray(next.headerAt, next.endAt)
    yield [`${name} after the next`, Buffer.concat([before, other, entry, bytes.subarray(next.endAt)])]
  }
}

/** Every n-th number of a range, from its start and with its end. */
export function sample(from: number, to: number, step: number): readonly number[] {
  const places = Array.from({ length: Math.ceil((to - from) / step) }, (_, at) => from + at * step)
  return [...places, to - 1].filter((place) => place >= from && place < to)
}
