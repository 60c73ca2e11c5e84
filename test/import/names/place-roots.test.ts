import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Root, rootName } from '../../../src/bundle/document.js'
import { placeRoots } from '../../../src/import/names/names.js'
import type { Place } from '../../../src/import/names/place.js'
import { describe as descriptorOf } from '../../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../../src/oci/media-types.js'
import { formatReference, formatRepository, isRepositoryName } from '../../../src/oci/reference.js'
import type { NameRules } from '../../../src/policy/import-policy.js'
import { matchesName } from '../../../src/policy/patterns.js'

const TARGET = { registry: 'target.example' }
const BELOW = { registry: 'target.example', prefix: 'mirror' }

function root(reference: string) {
  const [repository = '', tag] = reference.split('#')
  const descriptor = descriptorOf(OCI_MANIFEST, Buffer.from(reference))
  return { repository, descriptor, ...(tag === undefined ? {} : { tag }) }
}

function names(rules: Partial<NameRules>): NameRules {
  return { registries: [], allowed: [], rename: [], ...rules }
}

function placed(references: readonly string[], placing: Parameters<typeof placeRoots>[1]) {
  const { places, findings } = placeRoots(references.map(root), placing)
  return { places: [...places.values()].map((place) => formatReference(place)), findings }
}

describe('placeRoots', () => {
  it('keeps the path at the source, below the prefix of the destination', () => {
    const { places, findings } = placed(['registry.example:5000/team/app#1.0'], { destination: BELOW })

    expect(findings).toEqual([])
    expect(places).toEqual(['target.example/mirror/team/app:1.0'])
  })

  it.each([
    ['registry.example/*', 'vendor/*', 'vendor/team/app:1.0'],
    ['registry.example/team/*', 'vendor/*', 'vendor/app:1.0'],
    ['registry.example/team/*', '*', 'app:1.0'],
    ['registry.example/team/app', 'vendor/monitor', 'vendor/monitor:1.0'],
    ['registry.example/team/app:1.0', 'vendor/monitor:stable', 'vendor/monitor:stable'],
    ['registry.example/team/app:2.0', 'vendor/monitor:stable', 'team/app:1.0'],
    ['registry.example/team', 'vendor/monitor', 'team/app:1.0'],
    ['other.example/*', 'vendor/*', 'team/app:1.0'],
  ])('renames by %s to %s', (from, to, expected) => {
    const rules = names({ rename: [{ from, to }] })

    expect(placed(['registry.example/team/app#1.0'], { destination: TARGET, names: rules })).toEqual({
      places: [`target.example/${expected}`],
      findings: [],
    })
  })

  it('takes the first rule that has the source', () => {
    const rename = [
      { from: 'registry.example/team/app', to: 'first' },
      { from: 'registry.example/*', to: 'second/*' },
    ]

    const { places } = placed(['registry.example/team/app#1', 'registry.example/b#1'], {
      destination: TARGET,
      names: names({ rename }),
    })

    expect(places).toEqual(['target.example/first:1', 'target.example/second/b:1'])
  })

  it('refuses a name outside the allowed ones, renamed or not, and says which are allowed', () => {
    const rules = names({ allowed: ['vendor/*'], rename: [{ from: 'registry.example/a', to: 'vendor/a' }] })

    const { places, findings } = placed(['registry.example/a#1', 'registry.example/b#1'], {
      destination: TARGET,
      names: rules,
    })

    expect(places).toEqual(['target.example/vendor/a:1'])
    expect(findings).toEqual([
      expect.objectContaining({ subject: 'registry.example/b:1', code: 'ERR_POLICY_REFUSED', result: 'fail' }),
    ])
    expect(findings[0]?.detail).toContain('vendor/*')
  })

  it('refuses everything at a registry that the policy does not name', () => {
    const { places, findings } = placed(['registry.example/a#1', 'registry.example/b#1'], {
      destination: TARGET,
      names: names({ registries: ['registry.acme.internal:5000'] }),
    })

    expect(places).toEqual([])
    expect(findings).toEqual([expect.objectContaining({ subject: 'target.example', code: 'ERR_POLICY_REFUSED' })])
  })

  it('refuses a renamed root that would leave the prefix of the destination', () => {
    const rules = names({ rename: [{ from: 'registry.example/*', to: 'mirror-of-others/*' }] })

    const { findings } = placed(['registry.example/a#1'], { destination: BELOW, names: rules })

    expect(findings).toEqual([expect.objectContaining({ code: 'ERR_POLICY_REFUSED' })])
  })

  it.each([
    ['two registries', ['one.example/app#1', 'two.example/app#2']],
    ['two registries, by digest alone', ['one.example/app', 'two.example/app']],
    ['a renamed source and one that has the name anyway', ['one.example/old#1', 'one.example/app#1']],
  ])('refuses sources of %s in one repository of the target, with and without tags in common', (_, references) => {
    const rules = names({ rename: [{ from: 'one.example/old', to: 'app' }] })

    const { places, findings } = placed(references, { destination: TARGET, names: rules })

    expect(places).toEqual([])
    expect(findings.map(({ code }) => code)).toEqual(['ERR_COLLISION', 'ERR_COLLISION'])
    for (const reference of references) {
      for (const { detail } of findings) expect(detail).toContain(reference.split('#')[0])
    }
  })

  it('refuses two tags of one source under one tag, and lets its other tags pass', () => {
    const rename = [
      { from: 'one.example/app:1', to: 'app:stable' },
      { from: 'one.example/app:2', to: 'app:stable' },
    ]

    const { places, findings } = placed(['one.example/app#1', 'one.example/app#2', 'one.example/app#3'], {
      destination: TARGET,
      names: names({ rename }),
    })

    expect(places).toEqual(['target.example/app:3'])
    expect(findings.map(({ subject, code }) => [subject, code])).toEqual([
      ['one.example/app:1', 'ERR_COLLISION'],
      ['one.example/app:2', 'ERR_COLLISION'],
    ])
    expect(findings[0]?.detail).toContain('one.example/app:2')
  })

  it('takes several tags and digests of one source', () => {
    const { places, findings } = placed(['one.example/app#1', 'one.example/app#2', 'one.example/app'], {
      destination: TARGET,
    })

    expect(findings).toEqual([])
    expect(places).toHaveLength(3)
  })

  it('refuses a name that is too long at the target', () => {
    const { findings } = placed([`registry.example/${'a'.repeat(250)}#1`], { destination: BELOW })

    expect(findings).toEqual([expect.objectContaining({ code: 'ERR_REFERENCE_INVALID' })])
  })

  it('lets nothing into the repository of the importer’s own records', () => {
    const records = { registry: 'target.example', name: 'waybill' }

    const { places, findings } = placed(['registry.example/waybill#1'], { destination: TARGET, records })

    expect(places).toEqual([])
    expect(findings).toEqual([expect.objectContaining({ code: 'ERR_COLLISION' })])
  })
})

const part = fc.constantFrom('a', 'b', 'c', 'vendor', '..', 'A', '')
const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const source = fc.tuple(fc.constantFrom('one.example', 'two.example:5000'), path).map((two) => two.join('/'))
const rule = fc.oneof(
  fc.record({ from: source, to: path }),
  fc.tuple(source, path).map(([from, to]) => ({ from: `${from}/*`, to: `${to}/*` })),
  fc.tuple(source, path).map(([from, to]) => ({ from: `${from}:1`, to: `${to}:2` })),
)
const aRoot = fc.tuple(source, fc.constantFrom('', '#1', '#2')).map((two) => two.join(''))

describe('whatever a bundle and a policy say', () => {
  it('a place is a name below the prefix and within the allowed ones, and nobody else’s', () => {
    const rules = fc.record({
      registries: fc.constant([]),
      allowed: fc.array(fc.oneof(path, fc.constantFrom('vendor/*', 'a/*')), { maxLength: 2 }),
      rename: fc.array(rule, { maxLength: 4 }),
    })
    fc.assert(
      fc.property(fc.uniqueArray(aRoot, { maxLength: 8 }), rules, fc.boolean(), (references, given, below) => {
        const roots = references.map(root)

        const { places, findings } = placeRoots(roots, { destination: below ? BELOW : TARGET, names: given })

        const subjects = new Set(findings.map(({ subject }) => subject))
        for (const one of roots) expect(places.has(one)).toBe(!subjects.has(rootName(one)))
        for (const place of places.values()) expectAllowed(place, given, below ? 'mirror/' : '')
        expectDisjoint(places)
      }),
      { numRuns: 2000 },
    )
  })
})

function expectAllowed({ repository: { name } }: Place, { allowed }: NameRules, prefix: string): void {
  expect(isRepositoryName(name)).toBe(true)
  expect(name.split('/')).not.toContain('..')
  expect(allowed.length === 0 || allowed.some((one) => matchesName(one, name))).toBe(true)
  expect(name.startsWith(prefix)).toBe(true)
}

function expectDisjoint(places: ReadonlyMap<Root, Place>): void {
  const owners = new Map<string, string>()
  const names = new Set<string>()
  for (const [{ repository }, place] of places) {
    const target = formatRepository(place.repository)
    expect(owners.get(target) ?? repository).toBe(repository)
    owners.set(target, repository)
    if (place.tag === undefined) continue
    expect(names).not.toContain(formatReference(place))
    names.add(formatReference(place))
  }
}
