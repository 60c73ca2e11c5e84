import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type MemoryStore, memoryStore } from '../src/content/memory.js'
import { TransferError } from '../src/errors.js'
import { findBase } from '../src/import/target/base.js'
import { load } from '../src/import/target/load.js'
import { digestOf } from '../src/oci/digest.js'
import { judge, opened, verification } from './support/bundles.js'
import { partsOf, type Recipe, readVector, type Vector } from './support/bundles-vectors.js'
import { allVectors } from './support/bundles-vectors-all.js'
import { makeFixedChains } from './support/chains-fixed.js'
import { decided } from './support/decided.js'
import { makeFixedEvidence } from './support/evidence-fixed.js'
import { fixedTrust, type Recorded, readFixed } from './support/keys-fixed.js'
import { CALL, tmpFolder } from './support/tmp.js'

const FOLDER = fileURLToPath(new URL('vectors/', import.meta.url))
const NAMES = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'expect.json')))

interface Expected {
  readonly why: string
  readonly now: string
  readonly verdict: string
  readonly code?: string
  readonly after?: string
}

async function readJson<T>(...path: readonly string[]): Promise<T> {
  return JSON.parse(await readFile(join(FOLDER, ...path), 'utf8')) as T
}

describe('the vectors', () => {
  it.each(NAMES)('%s', async (name) => {
    const { why, now, after, ...expected } = await readJson<Expected>(name, 'expect.json')
    const path = await fileOf(name)

    const { subject, ...found } = await judge(path, { anchors: fixedTrust(), now: new Date(now) })

    expect(found, why).toEqual(expected)
    if (found.verdict === 'damaged') expect(subject, 'a refusal names what it is about').toBeTruthy()
    expect(await loadedTags(path, new Date(now), after), 'what is loaded').toBe(found.verdict === 'verified')
  })

  it('are the ones that the generator makes, byte for byte', async () => {
    const recorded = readRecorded()
    if (process.env['WAYBILL_WRITE_VECTORS'] === '1') {
      await makeFixedEvidence()
      await makeFixedChains()
    }
    const made = await allVectors(recorded)

    if (process.env['WAYBILL_WRITE_VECTORS'] === '1') await writeNew(made, recorded)
    for (const { name, bytes } of made) {
      expect(Buffer.compare(await readVector(name), bytes), name).toBe(0)
    }
  })
})

/** True where a target has something after an import; a target that is refused a bundle is not even asked for. */
async function loadedTags(path: string, now: Date, after: string | undefined): Promise<boolean> {
  const target = memoryStore()
  if (after !== undefined) await loadInto(target, await fileOf(after), now)
  const before = target.stored.length
  const asked = await loadInto(target, path, now)
  expect(target.stored.length > before).toBe(asked)
  return asked
}

async function loadInto(target: MemoryStore, path: string, now: Date): Promise<boolean> {
  let asked = false
  const open = async () => {
    asked = true
    return target
  }
  try {
    const bundle = await opened(path)
    const verified = await verification(bundle, { anchors: fixedTrust(), now })
    const destination = { registry: 'target.example' }
    const decision = decided(verified, destination)
    const given = { ...CALL, destination, open, emit: () => {}, concurrency: 2 }
    await load(decision, { ...given, base: (await findBase(decision, given)).places })
  } catch (cause) {
    if (!(cause instanceof TransferError)) throw cause
  }
  return asked
}

async function fileOf(name: string): Promise<string> {
  const path = join(await tmpFolder(), 'bundle.tar')
  await writeFile(path, await readVector(name))
  return path
}

function readRecorded(): Recorded {
  if (!existsSync(join(FOLDER, 'signatures.json'))) return new Map()
  return new Map(Object.entries(JSON.parse(readFixed('signatures.json')) as Record<string, string>))
}

/** Writes what is not there; what is there stays as it is for ever. */
async function writeNew(made: readonly Vector[], recorded: Recorded): Promise<void> {
  const sorted = [...recorded].sort(([a], [b]) => (a < b ? -1 : 1))
  await writeFile(join(FOLDER, 'signatures.json'), `${JSON.stringify(Object.fromEntries(sorted), undefined, 1)}\n`)
  for (const vector of made) {
    const { name, why, now = '2026-11-22T12:00:00Z', verdict, code, after } = vector
    const folder = join(FOLDER, name)
    const expected = {
      why,
      now,
      verdict,
      ...(code === undefined ? {} : { code }),
      ...(after === undefined ? {} : { after }),
    }
    try {
      await mkdir(folder)
      await writeFile(join(folder, 'expect.json'), `${JSON.stringify(expected, undefined, 2)}\n`, { flag: 'wx' })
      await writeBytes(folder, vector, made)
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
    }
  }
}

async function writeBytes(folder: string, { bytes, of }: Vector, made: readonly Vector[]): Promise<void> {
  const base = made.find(({ name }) => name === of)?.bytes
  const parts = base === undefined ? undefined : partsOf(base, bytes)
  if (parts === undefined || JSON.stringify(parts).length > bytes.byteLength) {
    await writeFile(join(folder, 'bundle.tar'), bytes, { flag: 'wx' })
    return
  }
  const recipe: Recipe = { of: of ?? '', sha256: digestOf(bytes).slice('sha256:'.length), parts }
  await writeFile(join(folder, 'recipe.json'), `${JSON.stringify(recipe)}\n`, { flag: 'wx' })
}
