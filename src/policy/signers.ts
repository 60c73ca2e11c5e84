import { LIMITS } from '../limits.js'
import { inspectIdentities } from '../trust/policy/identities.js'
import { LEVELS } from '../trust/policy/levels.js'
import type { TrustStatement } from '../trust/policy/trust-policy.js'
import type { PolicySigner, SignatureRequirement } from './import-policy.js'
import { quoted } from './mistake.js'
import { nearest } from './nearest.js'
import type { Notes, PolicyPath } from './notes.js'
import { parseStaleness, parseStore, type WrittenPolicy } from './schema.js'

type WrittenSigner = NonNullable<WrittenPolicy['signers']>[string]
type WrittenRequirement = Exclude<
  NonNullable<NonNullable<WrittenPolicy['artifacts']>[number]['signatures']>,
  string
>[number]

/** The signers of a policy, and which of them are asked for. */
export class Signers {
  readonly all: ReadonlyMap<string, PolicySigner>
  readonly #notes: Notes
  readonly #used = new Set<string>()

  constructor({ signers = {}, revocation }: WrittenPolicy, notes: Notes) {
    this.#notes = notes
    this.all = new Map(
      Object.entries(signers).map(([name, one]) => {
        const maxStaleness = one.maxStaleness ?? revocation?.maxStaleness
        return [name, signerOf(one, { name, notes, maxStaleness })]
      }),
    )
  }

  /** Names of signers: each is defined, and there once. */
  named(names: readonly string[], path: PolicyPath): readonly string[] {
    this.#notes.once(names, path)
    for (const [at, name] of names.entries()) {
      this.#used.add(name)
      if (this.all.has(name)) continue
      const meant = nearest(name, this.all.keys())
      // One slip, one sentence: whom it was about is not also told to be of no use.
      if (meant !== undefined) this.#used.add(meant)
      this.#notes.value([...path, at], {
        expected: 'a signer that is defined under `signers`',
        found: quoted(name),
        next: meant === undefined ? 'define it there, or remove it here' : `did you mean ${meant}?`,
      })
    }
    return names
  }

  requirements(written: readonly WrittenRequirement[], path: PolicyPath): readonly SignatureRequirement[] {
    return written.map((one, at) => this.#requirement(one, [...path, at]))
  }

  #requirement({ allOf, anyOf, atLeast, of }: WrittenRequirement, path: PolicyPath): SignatureRequirement {
    const forms = [allOf, anyOf, of ?? atLeast].filter((one) => one !== undefined)
    if (forms.length !== 1 || (atLeast === undefined) !== (of === undefined)) {
      const found = forms.length > 1 ? 'several of them' : 'a part of one'
      this.#notes.value(path, {
        expected: 'one of `allOf`, `anyOf`, or `atLeast` with `of`',
        found: forms.length === 0 ? 'none' : found,
        next: 'write one of them; several requirements are several items of the list',
      })
    }
    if (allOf !== undefined) return { atLeast: allOf.length, of: this.named(allOf, [...path, 'allOf']) }
    if (anyOf !== undefined) return { atLeast: 1, of: this.named(anyOf, [...path, 'anyOf']) }
    const names = this.named(of ?? [], [...path, 'of'])
    if (of !== undefined && atLeast !== undefined && atLeast > of.length) {
      const found = `${atLeast}, which nobody can fulfil`
      this.#notes.value([...path, 'atLeast'], {
        expected: `1 to ${of.length}, as many as \`of\` names`,
        found,
        next: 'lower it, or name more',
      })
    }
    return { atLeast: atLeast ?? 1, of: names }
  }

  /** To be called when every rule has been read. */
  refuseUnused(): void {
    for (const name of this.all.keys()) {
      if (this.#used.has(name)) continue
      this.#notes.key(['signers', name], {
        expected: 'a signer that some rule asks for',
        found: `${quoted(name)}, whom none does`,
        next: 'use the name in a rule, or remove it: it is mostly a slip of the pen',
      })
    }
  }
}

interface SignerContext {
  readonly name: string
  readonly notes: Notes
  readonly maxStaleness: string | undefined
}

function signerOf(written: WrittenSigner, context: SignerContext): PolicySigner {
  const { name, notes } = context
  const path = ['signers', name]
  const { statement, kinds = [], ...own } = written
  notes.once(kinds, [...path, 'kinds'])
  if (statement !== undefined) {
    for (const member of Object.keys(own)) {
      const found = 'one beside `statement`'
      notes.key([...path, member], {
        expected: 'no such member',
        found,
        next: 'remove it: the trust policy says so, or `statement`',
      })
    }
    return { name, kinds, by: 'trust-policy', statementName: statement }
  }
  return {
    name,
    kinds: kinds.length === 0 ? ['jws', 'cose'] : kinds,
    by: 'statement',
    statement: statementOf(written, context),
  }
}

function statementOf(written: WrittenSigner, { name, notes, maxStaleness }: SignerContext): TrustStatement {
  const path = ['signers', name]
  const { stores = [], identities = [], level = 'strict', verifyTimestamp = 'always', kinds = [] } = written
  for (const member of ['stores', 'identities'] as const) {
    if (written[member] !== undefined) continue
    notes.value(path, {
      expected: `the members stores and identities, or statement`,
      found: `no ${member}`,
      next: 'say who this is',
    })
  }
  const parsed = stores.flatMap((one) => parseStore(one) ?? [])
  notes.once(stores, [...path, 'stores'])
  if (stores.length > 0 && parsed.every(({ type }) => type === 'tsa')) {
    const found = 'only timestamp authorities'
    notes.value([...path, 'stores'], {
      expected: 'a store of the type ca or signingAuthority',
      found,
      next: 'add one: ca:NAME',
    })
  }
  checkIdentities(identities, [...path, 'identities'], notes)
  const maxStalenessMs = maxStaleness === undefined ? undefined : parseStaleness(maxStaleness)
  return {
    name,
    scopes: ['*'],
    global: false,
    level: { name: level, actions: LEVELS[level] },
    verifyTimestamp,
    stores: parsed,
    identities,
    waybill: {
      ...(maxStalenessMs === undefined ? {} : { maxStalenessMs }),
      matchTarget: false,
      acceptNv2: kinds.includes('nv2'),
    },
  }
}

/** Ends the look at some identities. */
class Unfit extends Error {}

function checkIdentities(identities: readonly string[], path: PolicyPath, notes: Notes): void {
  if (identities.length > LIMITS.trustedIdentities) {
    const expected = `at most ${LIMITS.trustedIdentities} identities`
    notes.value(path, { expected, found: String(identities.length), next: 'divide them among several signers' })
    return
  }
  const before = notes.mistakes.length
  for (const [at, one] of identities.entries()) inspect([one], [...path, at], notes)
  // What is wrong with several of them together: "*" beside others, overlaps.
  if (notes.mistakes.length === before && identities.length > 1) inspect(identities, path, notes)
}

function inspect(identities: readonly string[], path: PolicyPath, notes: Notes): void {
  try {
    const odd = inspectIdentities(identities, (mistake) => {
      notes.value(path, mistake)
      throw new Unfit()
    })
    if (odd[0] === undefined) return
    notes.value(path, { expected: 'an identity that a certificate can have', found: odd[0], next: 'correct it' })
  } catch (cause) {
    if (!(cause instanceof Unfit)) throw cause
  }
}
