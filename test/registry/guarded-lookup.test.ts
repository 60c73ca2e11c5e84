import { expect, it } from 'vitest'
import { guardedLookup } from '../../src/registry/guarded-lookup.js'

function looked(hostname: string, named: readonly string[], all: boolean): Promise<unknown> {
  return new Promise((resolve) => {
    guardedLookup((name) => named.includes(name))(hostname, { all }, (error, address) => resolve(error ?? address))
  })
}

it.each([true, false])('gives what a name leads to (all addresses: %s)', async (all) => {
  const found = JSON.stringify(await looked('127.0.0.1', [], all))

  expect(found).toContain('127.0.0.1')
})

it.each([true, false])('does not lead to link-local addresses (all addresses: %s)', async (all) => {
  expect(await looked('169.254.169.254', [], all)).toBeInstanceOf(Error)
})

it('leads there where the operator named the host', async () => {
  expect(await looked('169.254.1.1', ['169.254.1.1'], false)).toBe('169.254.1.1')
})
