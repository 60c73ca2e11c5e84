import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseChallenges } from '../../src/registry/challenge.js'

const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,10}$/)
const value = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) })
const challenge = fc.record({
  scheme: token,
  parameters: fc.uniqueArray(fc.tuple(token, value), { selector: ([name]) => name.toLowerCase(), maxLength: 5 }),
})

it('reads back every challenge that can be written, several in one header', () => {
  fc.assert(
    fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
      const header = challenges.map(({ scheme, parameters }) => {
        const written = parameters.map(([name, text]) => `${name}="${text.replace(/["\\]/g, '\\$&')}"`)
        return `${scheme} ${written.join(', ')}`
      })

      const found = parseChallenges([header.join(', ')])

      expect(found.map((one) => [one.scheme, ...one.parameters])).toEqual(
        challenges.map(({ scheme, parameters }) => [
          scheme.toLowerCase(),
          ...parameters.map(([name, text]) => [name.toLowerCase(), text]),
        ]),
      )
    }),
  )
})

it('never throws, whatever a header holds', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (header) => void parseChallenges([header])))
})
