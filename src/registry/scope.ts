/** What a token is asked for: `repository:NAME:pull,push` (distribution, token scope grammar). */
export type Scope = string

/** For the list of all repositories (distribution, token scope grammar). */
export const CATALOGUE_SCOPE: Scope = 'registry:catalog:*'

export function pullScope(name: string): Scope {
  return `repository:${name}:pull`
}

export function pushScope(name: string): Scope {
  return `repository:${name}:pull,push`
}

/** What the registry demands comes first, because some token services read only the first; one entry per resource. */
export function mergeScopes(demanded: string, own: readonly Scope[]): readonly Scope[] {
  const actions = new Map<string, Set<string>>()
  for (const scope of [...demanded.split(' '), ...own]) {
    const colon = scope.lastIndexOf(':')
    if (colon <= 0) continue
    const resource = scope.slice(0, colon)
    const known = actions.get(resource) ?? new Set()
    for (const action of scope.slice(colon + 1).split(',')) known.add(action)
    actions.set(resource, known)
  }
  return [...actions].map(([resource, allowed]) => `${resource}:${[...allowed].join(',')}`)
}

/** Every single action of scopes, with its resource. */
export function allActions(scopes: readonly Scope[]): readonly string[] {
  return scopes.flatMap((scope) => {
    const colon = scope.lastIndexOf(':')
    return scope
      .slice(colon + 1)
      .split(',')
      .map((action) => `${scope.slice(0, colon)}:${action}`)
  })
}
