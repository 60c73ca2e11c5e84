import { format, inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Secret } from '../../src/registry/secret.js'

it('cannot be printed by accident', () => {
  const secret = new Secret('open sesame')
  const credential = { kind: 'basic', password: secret }

  const printed = [
    `${secret}`,
    JSON.stringify(credential),
    inspect(credential, { showHidden: true, depth: 9 }),
    format('%o %s', secret, secret),
    JSON.stringify(structuredClone({ ...secret })),
  ].join('\n')

  expect(printed).not.toContain('sesame')
  expect(secret.reveal()).toBe('open sesame')
})
