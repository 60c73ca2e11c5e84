import { expect, test } from 'vitest'
import { recordsRepository } from '../../src/import/records.js'

test('the records of a target lie below its prefix, where it has one', () => {
  expect(recordsRepository({ registry: 'r.example' })).toEqual({ registry: 'r.example', name: 'waybill' })
  expect(recordsRepository({ registry: 'r.example', prefix: 'acme/in' })).toEqual({
    registry: 'r.example',
    name: 'acme/in/waybill',
  })
})

test('a name that the operator gives is a whole one at the registry', () => {
  expect(recordsRepository({ registry: 'r.example', prefix: 'acme' }, 'audit/waybill').name).toBe('audit/waybill')
})

test('what no registry takes for a name is refused', () => {
  for (const name of ['', 'A', '../x', 'host:5000/x', 'x@y'])
    expect(() => recordsRepository({ registry: 'r.example' }, name)).toThrow(
      expect.objectContaining({ code: 'ERR_REFERENCE_INVALID' }),
    )
})
