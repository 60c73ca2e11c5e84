import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Acceptance, assignKeys, isMet } from '../../../src/import/policy/matching.js'

const by = (signer: string, ...keys: readonly string[]): Acceptance[] => keys.map((key) => ({ signer, key }))
const all = (...of: readonly string[]) => ({ atLeast: of.length, of })

describe('assigning keys to signers', () => {
  it('gives one key to one signer only', () => {
    const way = assignKeys([...by('vendor', 'k'), ...by('certifier', 'k')], [all('vendor', 'certifier')])

    expect(way.size).toBe(1)
    expect(isMet(all('vendor', 'certifier'), way)).toBe(false)
  })

  it('counts a signer once, however many keys it has', () => {
    const way = assignKeys(by('vendor', 'a', 'b', 'c'), [{ atLeast: 2, of: ['vendor', 'certifier'] }])

    expect([...way.keys()]).toEqual(['vendor'])
  })

  it('finds the way that a greedy count would miss', () => {
    const way = assignKeys([...by('wide', 'a', 'b'), ...by('narrow', 'a')], [all('wide', 'narrow')])

    expect(Object.fromEntries(way)).toEqual({ wide: 'b', narrow: 'a' })
  })

  it('prefers the signers that requirements need over those that only fill', () => {
    const accepted = [...by('a', 'one'), ...by('c', 'one'), ...by('b', 'two')]
    const requirements = [{ atLeast: 1, of: ['a', 'b'] }, all('c')]

    const way = assignKeys(accepted, requirements)

    expect(requirements.every((requirement) => isMet(requirement, way))).toBe(true)
  })

  it('does not count a name that a requirement has twice for two', () => {
    const way = assignKeys(by('vendor', 'a'), [all('vendor', 'vendor')])

    expect(isMet(all('vendor', 'vendor'), way)).toBe(false)
  })

  it('covers as many signers as any choice does, and never gives a key twice', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const edge = fc.record({ signer: names, key: fc.constantFrom('1', '2', '3', '4') })
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 14 }), (accepted) => {
        const way = assignKeys(accepted, [])

        expect(new Set(way.values()).size).toBe(way.size)
        for (const [signer, key] of way) expect(accepted).toContainEqual({ signer, key })
        expect(way.size).toBe(most(accepted))
      }),
    )
  })
})

/** The size of a largest matching, by trying everything. */
function most(accepted: readonly Acceptance[]): number {
  const [first, ...rest] = accepted
  if (first === undefined) return 0
  const left = rest.filter(({ signer, key }) => signer !== first.signer && key !== first.key)
  return Math.max(most(rest), 1 + most(left))
}
