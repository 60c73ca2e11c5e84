import type { HeldContent } from '../bundle/base.js'
import { openBundle } from '../bundle/reader.js'
import { assumed } from '../export/assume.js'

/** What the command line of an export says about what the far side has. */
export interface BaseWords {
  readonly assume?: readonly string[]
}

/**
 * What need not be carried.
 * @throws ERR_USAGE, ERR_MEDIUM, and what the reading of a bundle throws
 */
export async function heldAtFarSide({ assume = [] }: BaseWords): Promise<readonly HeldContent[]> {
  const held: HeldContent[] = []
  for (const path of assume) held.push(await assumedFile(path))
  return held
}

async function assumedFile(path: string): Promise<HeldContent> {
  const bundle = await openBundle(path)
  try {
    return assumed(bundle)
  } finally {
    await bundle.close()
  }
}
