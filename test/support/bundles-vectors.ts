import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BundleContents } from '../../src/bundle/seal.js'
import type { ErrorCode } from '../../src/errors.js'
import { writePlan } from '../../src/export/run.js'
import { type Digest, digestOf } from '../../src/oci/digest.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { type ExportSpec, exportOptions, type Judgement, planOf } from './bundles.js'
import { signWaybill } from './sign-waybill.js'
import { CALL, tmpFolder } from './tmp.js'

/** One case of `test/vectors`. */
export interface Vector {
  readonly name: string
  readonly why: string
  readonly bytes: Uint8Array
  readonly verdict: Judgement['verdict']
  readonly code?: ErrorCode
  /** The vector that these bytes are made of, where they are not worth a file of their own. */
  readonly of?: string
  /** The vector that the target has to have before it takes what this one does not carry. */
  readonly after?: string
  readonly now?: string
}

/** A sound bundle, and what it was made of. */
export interface Base {
  readonly name: string
  readonly bytes: Buffer
  readonly contents: BundleContents
  readonly content: ReadonlyMap<Digest, Uint8Array>
}

/** Exports into memory, with the real writer. */
export async function aBase(name: string, spec: ExportSpec & { readonly signer: Signer | undefined }): Promise<Base> {
  const plan = await planOf(spec)
  const path = join(await tmpFolder(), 'bundle.tar')
  await writePlan(plan, path, { ...exportOptions(spec), sign: signWaybill(spec.signer) })
  const content = new Map<Digest, Uint8Array>()
  for (const line of plan.contents.inventory) {
    const pieces: Uint8Array[] = []
    for await (const piece of plan.fetch(line, CALL)) pieces.push(piece)
    content.set(line.digest, Buffer.concat(pieces))
  }
  return { name, bytes: await readFile(path), contents: plan.contents, content }
}

/**
 * How a file is made of another one: what comes one after the other. A pair is a range of the other file's bytes, from
 * the first number on and up to before the second; a text is base64.
 */
export type Parts = readonly (readonly [number, number] | string)[]

export function fromParts(base: Uint8Array, parts: Parts): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'base64') : base.subarray(...part))),
  )
}

const BLOCK = 512

/** The parts that make `bytes` of `base`: blocks that both have are ranges. */
export function partsOf(base: Uint8Array, bytes: Uint8Array): Parts {
  const places = blocksIn(base)
  const parts: Part[] = []
  for (let at = 0; at < bytes.byteLength; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK)
    const last = parts.at(-1)
    const next = last?.kind === 'range' ? last.to : -1
    if (last?.kind === 'range' && Buffer.compare(base.subarray(next, next + block.byteLength), block) === 0) {
      last.to += block.byteLength
      continue
    }
    const place = places.get(textOf(block))
    if (place !== undefined) parts.push({ kind: 'range', from: place, to: place + BLOCK })
    else if (last?.kind === 'literal') last.blocks.push(block)
    else parts.push({ kind: 'literal', blocks: [block] })
  }
  return parts.map((part) =>
    part.kind === 'range' ? [part.from, part.to] : Buffer.concat(part.blocks).toString('base64'),
  )
}

type Part =
  | { readonly kind: 'range'; readonly from: number; to: number }
  | { readonly kind: 'literal'; readonly blocks: Uint8Array[] }

function blocksIn(base: Uint8Array): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (let at = 0; at + BLOCK <= base.byteLength; at += BLOCK) {
    const block = textOf(base.subarray(at, at + BLOCK))
    if (!places.has(block)) places.set(block, at)
  }
  return places
}

function textOf(block: Uint8Array): string {
  return Buffer.from(block).toString('latin1')
}

const FOLDER = fileURLToPath(new URL('../vectors/', import.meta.url))

/** A file that is made of another one; `sha256` is of all of it. */
export interface Recipe {
  /** the vector that it is made of */
  readonly of: string
  readonly sha256: string
  readonly parts: Parts
}

/** The bytes of a vector. */
export async function readVector(name: string): Promise<Uint8Array> {
  const whole = join(FOLDER, name, 'bundle.tar')
  if (existsSync(whole)) return await readFile(whole)
  const recipe = JSON.parse(await readFile(join(FOLDER, name, 'recipe.json'), 'utf8')) as Recipe
  const bytes = fromParts(await readVector(recipe.of), recipe.parts)
  if (digestOf(bytes) !== `sha256:${recipe.sha256}`) throw new Error(`the recipe of ${name} makes another file`)
  return bytes
}
