import { END_BYTES, paddingOf, tarHeader } from './tar-header.js'

/** A file in the archive before its place is known. */
export interface Entry {
  readonly path: string
  /** bytes */
  readonly size: number
}

/** A file in the archive at its place; all numbers are bytes. */
export interface PlacedEntry extends Entry {
  readonly headerAt: number
  readonly header: Uint8Array
  readonly bodyAt: number
  /** Where the next header, or the end, is. */
  readonly endAt: number
}

/** Places an entry: every offset is known before the first byte of content is. */
export async function place(entry: Entry, headerAt: number): Promise<PlacedEntry> {
  const header = await tarHeader(entry.path, entry.size)
  const bodyAt = headerAt + header.byteLength
  return { ...entry, headerAt, header, bodyAt, endAt: bodyAt + entry.size + paddingOf(entry.size) }
}

/** Places entries one after another from the start of the archive. */
export async function placeAll<T extends Entry>(entries: readonly T[]): Promise<(T & PlacedEntry)[]> {
  const placed: (T & PlacedEntry)[] = []
  for (const entry of entries) placed.push({ ...entry, ...(await place(entry, placed.at(-1)?.endAt ?? 0)) })
  return placed
}

/** The size of an archive whose last entry ends here. */
export function archiveBytes(lastEndAt: number): number {
  return lastEndAt + END_BYTES
}
