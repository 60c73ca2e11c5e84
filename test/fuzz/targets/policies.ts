import { parse } from 'yaml'
import { hasCode } from '../../../src/errors.js'
import type { ImportPolicy, PolicySigner, SignatureRequirement } from '../../../src/policy/import-policy.js'
import { readImportPolicy } from '../../../src/policy/read-policy.js'
import { SOUND_POLICY } from '../../support/policies.js'
import { believed, type FuzzTarget } from '../target.js'

const WORDS = [
  ...['version: 1', 'vendor', '"*"', '*', 'vendor/*', '*a', '&a', '!!str ', '%YAML', '---', '...', '<<: ', '? ', '- '],
  ...['{', '[', '}', ']', ': ', '\n', '\n  ', '\t', '\r', '|', '>', '"', "'", '#', '__proto__: 1', 'constructor', '..'],
  ...[
    'atLeast: 0',
    'unsigned: admit',
    'identities: ["*"]',
    '0d',
    '1e999',
    '0x1',
    '~',
    'null',
    'yes',
    '\u202e',
    '\u0000',
  ],
]

/** What a policy that was read has to keep, whatever was written in it. */
function mustHold(policy: ImportPolicy): void {
  const requirements = policy.artifacts.flatMap(({ signatures, documents }) => [
    ...signatures,
    ...documents.flatMap((one) => one.signatures),
  ])
  for (const one of requirements) mustBePossible(one, policy)
  const asked = [...policy.streams, ...(policy.unstreamed === undefined ? [] : [policy.unstreamed])]
  for (const { signedBy } of asked) if (signedBy.length === 0) believed('nobody who signs')
  const used = new Set([...requirements.flatMap(({ of }) => of), ...asked.flatMap(({ signedBy }) => signedBy)])
  const names = [...used, ...policy.signers.keys()]
  const odd = names.find((name) => !used.has(name) || !policy.signers.has(name))
  if (odd !== undefined) believed(`the signer ${odd}`)
  for (const signer of policy.signers.values()) mustProve(signer)
}

function mustProve(signer: PolicySigner): void {
  if (signer.by !== 'statement') return
  const { level, identities, stores } = signer.statement
  if (level.actions.authenticity !== 'enforce') believed('a level that enforces nothing')
  if (identities.length === 0 || stores.length === 0) believed('anybody')
}

function mustBePossible({ atLeast, of }: SignatureRequirement, { signers }: ImportPolicy): void {
  if (atLeast < 1 || atLeast > of.length || new Set(of).size !== of.length) believed('a requirement of nothing')
  if (!of.every((name) => signers.has(name))) believed('a stranger')
}

function read(bytes: Uint8Array): void {
  try {
    mustHold(readImportPolicy(bytes, 'p.yaml'))
  } catch (cause) {
    if (hasCode(cause, 'ERR_POLICY_INVALID'))
      for (const one of cause.details)
        if (!/^p\.yaml:(?: and \d+ more|\d+:\d+: .*expected .+, found .+; .+)/s.test(one))
          believed(`the sentence ${one}`)
    throw cause
  }
}

const target = { codes: ['ERR_POLICY_INVALID'], words: WORDS } as const

export const POLICIES: readonly FuzzTarget[] = [
  {
    ...target,
    name: 'import policy',
    shape: 'bytes',
    prepare: async () => ({ seeds: [Buffer.from(SOUND_POLICY), Buffer.from('version: 1\n')], read }),
  },
  {
    ...target,
    name: 'import policy, as JSON',
    shape: 'json',
    prepare: async () => ({ seeds: [Buffer.from(JSON.stringify(parse(SOUND_POLICY)))], read }),
  },
]
