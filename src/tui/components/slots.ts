import type { ActiveBlob } from '../transfer.js'

/** Who is on which row; a row of what has ended is free. */
export type Slots = readonly (ActiveBlob | undefined)[]

/**
 * Gives what is under way its rows: each keeps its own until it ends, and what is new takes the first that is free, so that
 * nothing jumps. Pure.
 */
export function nextSlots(before: Slots, active: readonly ActiveBlob[], rows: number): Slots {
  const now = new Map(active.map((blob) => [blob.digest, blob]))
  const slots = Array.from({ length: rows }, (_, row) => {
    const blob = before[row] && now.get(before[row].digest)
    if (blob !== undefined) now.delete(blob.digest)
    return blob
  })
  const waiting = [...now.values()]
  return slots.map((blob) => blob ?? waiting.shift())
}
