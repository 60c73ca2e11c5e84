import { expect, it } from 'vitest'
import { mergeScopes, pullScope, pushScope } from '../../src/registry/scope.js'

it('puts what the registry demands first and names each resource once', () => {
  const merged = mergeScopes('repository:library/a:pull repository:a:pull', [pushScope('a'), pullScope('b')])

  expect(merged).toEqual(['repository:library/a:pull', 'repository:a:pull,push', 'repository:b:pull'])
})

it('keeps its own scopes where nothing is demanded', () => {
  expect(mergeScopes('', [pullScope('a')])).toEqual(['repository:a:pull'])
})
