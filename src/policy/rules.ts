import { parseDuration } from '../encoding/duration.js'
import type { ArtifactRule, DocumentRequirement, ImportPolicy, NameRules, StreamRule } from './import-policy.js'
import { quoted } from './mistake.js'
import type { Notes, PolicyPath } from './notes.js'
import { opaRule } from './opa-rule.js'
import { widerPatterns } from './patterns.js'
import { splitTag } from './rename.js'
import type { WrittenPolicy } from './schema.js'
import type { Signers } from './signers.js'

type Written<Name extends keyof WrittenPolicy> = NonNullable<WrittenPolicy[Name]>
type WrittenArtifact = Written<'artifacts'>[number]

export interface RulesContext {
  readonly notes: Notes
  readonly signers: Signers
  /** of the file, for the lines of rules without a name */
  readonly text: string
}

/** The rules of a policy, with what they leave out filled in; what is wrong with them is noted. */
export function rulesOf(
  written: WrittenPolicy,
  context: RulesContext,
): Omit<ImportPolicy, 'path' | 'digest' | 'signers'> {
  const { notes, signers } = context
  const { bundles = {}, streams = [], unstreamed, artifacts = [], names = {}, opa } = written
  return {
    bundles: {
      maxAgeMs: bundles.maxAge === undefined ? undefined : parseDuration(bundles.maxAge),
      requireExpiry: bundles.requireExpiry ?? false,
    },
    streams: streamRules(streams, context),
    unstreamed: unstreamed && { signedBy: signers.named(unstreamed.signedBy, ['unstreamed', 'signedBy']) },
    artifacts: artifactRules(artifacts, context),
    names: nameRules(names, notes),
    partial: written.partial ?? false,
    opa: opa && opaRule(opa, notes),
  }
}

function streamRules(streams: Written<'streams'>, { notes, signers }: RulesContext): readonly StreamRule[] {
  const covered = new Covered(notes)
  return streams.map(({ stream, signedBy, requireChain = false }, at) => {
    covered.add(stream, ['streams', at, 'stream'])
    return { stream, signedBy: signers.named(signedBy, ['streams', at, 'signedBy']), requireChain }
  })
}

function artifactRules(artifacts: readonly WrittenArtifact[], context: RulesContext): readonly ArtifactRule[] {
  const covered = new Covered(context.notes)
  return artifacts.map((one, at) => {
    const path = ['artifacts', at]
    for (const [index, pattern] of one.from.entries()) covered.add(pattern, [...path, 'from', index])
    return artifactRule(one, path, context)
  })
}

function artifactRule(
  written: WrittenArtifact,
  path: PolicyPath,
  { notes, signers, text }: RulesContext,
): ArtifactRule {
  const { from, signatures, documents = [], unsigned = 'refuse', immutableTags = [] } = written
  if (signatures === undefined && unsigned === 'refuse') {
    notes.value(path, {
      expected: 'the member signatures',
      found: 'none',
      next: 'say who must have signed, or trust-policy for what the trust policy says, or unsigned: admit',
    })
  }
  notes.once(immutableTags, [...path, 'immutableTags'])
  const required = signatures === undefined || signatures === 'trust-policy' ? [] : signatures
  return {
    name: written.name ?? `artifacts[${path[1]}] (line ${notes.line(path, text)})`,
    sources: from,
    signatures: signers.requirements(required, [...path, 'signatures']),
    documents: documents.map((one, at): DocumentRequirement => {
      const below = [...path, 'documents', at]
      notes.once(one.types, [...below, 'types'])
      return {
        types: one.types,
        atLeast: one.atLeast ?? 1,
        on: one.on ?? 'root',
        signatures: signers.requirements(one.signatures ?? [], [...below, 'signatures']),
      }
    }),
    unsigned,
    immutableTags,
  }
}

function nameRules({ registries = [], allowed = [], rename = [] }: Written<'names'>, notes: Notes): NameRules {
  notes.once(registries, ['names', 'registries'])
  notes.once(allowed, ['names', 'allowed'])
  const covered = new Covered(notes)
  for (const [at, { from, to }] of rename.entries()) {
    const path = ['names', 'rename', at]
    covered.add(from, [...path, 'from'])
    if (formOf(from) !== formOf(to)) {
      const found = `${quoted(to)}, which is ${formOf(to)}`
      notes.value([...path, 'to'], {
        expected: `${formOf(from)}, as \`from\` is`,
        found,
        next: 'write both in one form',
      })
    }
    const { repository } = splitTag(to)
    if (allowed.length === 0 || widerPatterns(repository).some((one) => allowed.includes(one))) continue
    notes.value([...path, 'to'], {
      expected: `a name that names.allowed has: ${allowed.slice(0, 5).join(', ')}${allowed.length > 5 ? ', …' : ''}`,
      found: quoted(to),
      next: 'write another name, or allow this one',
    })
  }
  return { registries, allowed, rename }
}

function formOf(name: string): string {
  if (name === '*' || name.endsWith('/*')) return 'all below a path ("/*")'
  return splitTag(name).tag === undefined ? 'a name' : 'a name with a tag'
}

/** Patterns of rules of which the first one counts. */
class Covered {
  readonly #notes: Notes
  readonly #earlier = new Map<string, PolicyPath>()

  constructor(notes: Notes) {
    this.#notes = notes
  }

  add(pattern: string, path: PolicyPath): void {
    const { repository } = splitTag(pattern)
    const wider = new Set([pattern, ...widerPatterns(repository)])
    const covering = [...wider].find((one) => this.#earlier.has(one))
    if (covering === undefined) this.#earlier.set(pattern, path)
    else {
      this.#notes.value(path, {
        expected: 'what no earlier rule has',
        found: `${quoted(pattern)}, which ${quoted(covering)} before it has already`,
        next: 'put it before that one, or remove it: it would never count',
      })
    }
  }
}
