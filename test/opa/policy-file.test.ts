import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readPolicyFile } from '../../src/opa/policy-file.js'

const POLICIES = join(import.meta.dirname, 'policies')
const BUNDLE = readFileSync(join(POLICIES, 'answers.tar.gz'))
const MODULE = readFileSync(join(POLICIES, 'example.wasm'))
const FAILED = expect.objectContaining({ code: 'ERR_OPA_FAILED' })

/** One file of a tar, as `opa build` writes it. */
function entry(name: string, body: Uint8Array, folder = ''): Buffer {
  const head = Buffer.alloc(512)
  head.write(name, 0, 'latin1')
  head.write(`${body.byteLength.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  head.write('0', 156, 'latin1')
  head.write('ustar\u000000', 257, 'latin1')
  head.write(folder, 345, 'latin1')
  return Buffer.concat([head, body, Buffer.alloc((512 - (body.byteLength % 512)) % 512)])
}

const bundleOf = (...entries: readonly Buffer[]) => gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]))
const wasm = entry('/policy.wasm', MODULE)
const data = Buffer.from('{"a":1}')

describe('a file with a policy', () => {
  test('is a module, without data', () => {
    const { module, data: none } = readPolicyFile(MODULE, 'p.wasm')

    expect([module.byteLength, none]).toEqual([MODULE.byteLength, undefined])
  })

  test('is the bundle of opa build, with its data', () => {
    const policy = readPolicyFile(BUNDLE, 'p.tar.gz')

    expect(JSON.parse(String(Buffer.from(policy.data ?? [])))).toEqual({ lists: { forbidden: ['acme/withdrawn'] } })
    expect(readPolicyFile(bundleOf(wasm, entry('data.json', data)), 'p').data).toEqual(Uint8Array.from(data))
    expect(readPolicyFile(bundleOf(wasm), 'p').data).toBeUndefined()
  })

  test('is never read in part: no cut of a bundle is one', () => {
    for (let at = 2; at < BUNDLE.byteLength; at += 1_501) {
      expect(() => readPolicyFile(BUNDLE.subarray(0, at), 'p'), `${at}`).toThrow(FAILED)
    }
  })

  test('is never read in part: no cut of a module is one that runs', () => {
    // What ends between two sections is a module still; it lacks what an entrypoint is found by.
    const whole = [...Array(60).keys()].filter((at) => {
      try {
        readPolicyFile(MODULE.subarray(0, 8 + at * 2_617), 'p')
        return true
      } catch {
        return false
      }
    })

    expect(whole).toEqual([0])
  })

  test.each<[string, Uint8Array]>([
    ['no module', bundleOf(entry('data.json', data))],
    ['two modules', bundleOf(wasm, entry('/other.wasm', MODULE))],
    ['one name twice', bundleOf(wasm, entry('data.json', data), entry('/data.json', data))],
    ['data that would be left out', bundleOf(wasm, entry('/lists/data.json', data))],
    ['data below a folder of the header', bundleOf(wasm, entry('data.json', data, 'lists'))],
    ['data in YAML', bundleOf(wasm, entry('/data.yaml', data))],
    ['a module that is none', bundleOf(entry('/policy.wasm', data))],
    ['a size that is no number', gzipSync(Buffer.concat([wasm]).fill('x', 124, 135))],
    ['more than it says', gzipSync(gunzipSync(bundleOf(wasm)).subarray(0, 100_000))],
    ['nothing', gzipSync(Buffer.alloc(0))],
    ['too much', gzipSync(Buffer.alloc(80 * 1024 * 1024))],
  ])('is refused where it is a bundle with %s', (_, bytes) => {
    expect(() => readPolicyFile(bytes, 'p')).toThrow(FAILED)
  })

  test('is refused where it is too large', () => {
    expect(() => readPolicyFile(Buffer.concat([MODULE, Buffer.alloc(16 * 1024 * 1024)]), 'p')).toThrow(FAILED)
  })
})
