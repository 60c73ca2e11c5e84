import { expect, test } from 'vitest'
import { choiceOf, exportForm, filledIn, newestFirst } from '../../../src/tui/screens/export/form.js'

test('versions stand newest first', () => {
  expect(newestFirst(['v1.2', 'v1.10', 'v1.9.1'])).toEqual(['v1.10', 'v1.9.1', 'v1.2'])
})

test('a source is carried once, and can be taken out again', () => {
  const add = { type: 'source', name: 'a.example/b:v1', on: true } as const
  const twice = [add, add].reduce(filledIn, exportForm({ keys: false }))

  expect(twice.sources).toEqual(['a.example/b:v1'])
  expect(filledIn(twice, { ...add, on: false }).sources).toEqual([])
})

test('a key that is there signs unless somebody says no, and one that is not there never', () => {
  const signs = (keys: boolean, sign?: boolean): boolean =>
    choiceOf(exportForm({ keys, ...(sign === undefined ? {} : { sign }) })).sign

  expect([signs(true), signs(true, false), signs(false), signs(false, true)]).toEqual([true, false, false, false])
})

test('going back leads the way that one came, and no further than the sources', () => {
  const ways = ['tags', 'repositories', 'registry', 'sources'] as const
  const form = filledIn({ ...exportForm({ keys: false }), view: 'tags' }, { type: 'back' })

  expect(form.view).toBe(ways[1])
  expect(ways.slice(1).reduce((at) => filledIn(at, { type: 'back' }), form).view).toBe('sources')
})
