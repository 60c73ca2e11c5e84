import { describe, expect, it } from 'vitest'
import { guardedLookup, isForbiddenAddress } from '../../src/web/addresses.js'

describe('an address that a certificate names', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '100.100.100.200',
    '[fe80::1]',
    '[::]',
    '[ff02::1]',
    '[fd00:ec2::254]',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    new URL('http://2852039166/').hostname,
    new URL('http://0xa9fea9fe/').hostname,
    new URL('http://169.254.43518/').hostname,
  ])('is forbidden: %s', (address) => {
    expect(isForbiddenAddress(address)).toBe(true)
  })

  it.each(['10.0.0.1', '127.0.0.1', '[::1]', '[fd00::1]', '192.0.2.1', 'crl.example', '169.254.169.254.example'])(
    'is allowed: %s',
    (address) => {
      expect(isForbiddenAddress(address)).toBe(false)
    },
  )
})

describe('looking a name up', () => {
  const look = (name: string, all: boolean) =>
    new Promise<unknown>((resolve) => {
      guardedLookup(name, { all }, (error, address) => resolve(error ?? address))
    })

  it.each([true, false])('fails where it leads to a forbidden address; all addresses: %s', async (all) => {
    expect(await look('169.254.169.254', all)).toMatchObject({ name: 'ForbiddenAddress' })
  })

  it('gives every other address, and what DNS says of names that are not there', async () => {
    expect(await look('127.0.0.1', false)).toBe('127.0.0.1')
    expect(await look('no-such-name.invalid', true)).toMatchObject({ code: expect.stringMatching(/^E/) })
  })
})
