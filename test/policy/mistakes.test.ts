import { describe, expect, it } from 'vitest'
import { SOUND_POLICY } from '../support/policies.js'
import { mistakesIn } from '../support/policy-mistakes.js'

/** What stands in the sound policy, what is written in its place, and what is said about it. */
type Slip = readonly [what: string, from: string, to: string, said: RegExp]

const SLIPS: readonly Slip[] = [
  ['no version', 'version: 1\n', '', /:1:1: version: expected 1, found nothing; write 1$/],
  ['a version as a text', 'version: 1', 'version: "1"', /:1:10: version: expected 1, found "1"/],
  ['a version in other digits', 'version: 1', 'version: 0x1', /:1:10: version: expected 1/],
  ['a huge number', 'atLeast: 2', 'atLeast: 99999999999999999999', /:16:\d+: .*atLeast: expected a whole number/],
  ['an endless number', 'atLeast: 2', 'atLeast: 1e999', /atLeast: expected a whole number, found "1e999"/],
  [
    'a signer that is not defined',
    'anyOf: [vendor]',
    'anyOf: [vendr]',
    /:18:\d+: artifacts\[0\]\.documents\[0\]\.signatures\[0\]\.anyOf\[0\]: .*"vendr"; did you mean vendor\?$/,
  ],
  [
    'a signer of streams that is not defined',
    'signedBy: [exporter], req',
    'signedBy: [nobody], req',
    /streams\[0\]\.signedBy\[0\]: .*define it there/,
  ],
  [
    'a signer that nobody asks for',
    'revocation:',
    '  spare: {statement: a}\nrevocation:',
    /:7:3: signers\.spare: expected a signer that some rule asks for/,
  ],
  ['more than there are', 'atLeast: 2, of', 'atLeast: 4, of', /:16:\d+: .*atLeast: expected 1 to 3.*found 4/],
  ['none at least', 'atLeast: 2, of', 'atLeast: 0, of', /atLeast: expected at least 1, found 0/],
  ['less than none', 'atLeast: 2, of', 'atLeast: -1, of', /atLeast: expected a whole number, found "-1"/],
  [
    'a signer twice',
    'of: [vendor, certifier, house]',
    'of: [vendor, house, vendor]',
    /of\[2\]: expected each once, found "vendor"/,
  ],
  ['an empty list', 'allOf: [vendor, certifier]', 'allOf: []', /allOf: expected at least 1 in the list, found none/],
  [
    'two forms in one requirement',
    '{anyOf: [vendor]}',
    '{anyOf: [vendor], allOf: [vendor]}',
    /signatures\[0\]: expected one of `allOf`/,
  ],
  ['atLeast without of', '{anyOf: [vendor]}', '{atLeast: 1}', /signatures\[0\]: expected one of `allOf`/],
  [
    'atLeast with anyOf',
    '{anyOf: [vendor]}',
    '{atLeast: 1, anyOf: [vendor]}',
    /signatures\[0\]: expected one of `allOf`/,
  ],
  ['an unknown form', '{anyOf: [vendor]}', '{any: [vendor]}', /signatures\[0\]\.any: .*did you mean anyOf\?$/],
  [
    'a rule that never holds',
    'from: ["*"]',
    'from: [registry.wabbit.example/net-monitor]',
    /:21:12: artifacts\[1\]\.from\[0\]: expected what no earlier rule has/,
  ],
  [
    'a stream that an earlier rule has',
    'stream: acme/nightly',
    'stream: acme/*',
    /streams\[1\]\.stream: expected what no earlier rule has/,
  ],
  [
    'a pattern in the middle',
    'from: ["*"]',
    'from: ["registry.example/*/app"]',
    /:21:12: artifacts\[1\]\.from\[0\]: expected HOST\/NAME/,
  ],
  [
    'a name without a host',
    'from: ["*"]',
    'from: [net-monitor]',
    /from\[0\]: expected HOST\/NAME.*found "net-monitor"/,
  ],
  ['a source with a tag', 'from: ["*"]', 'from: ["registry.example/app:1"]', /from\[0\]: expected HOST\/NAME/],
  ['one source and not a list', 'from: ["*"]', 'from: "*"', /from: expected a list, found "\*"/],
  ['no signatures', '    signatures: trust-policy\n', '', /artifacts\[1\]: expected the member signatures, found none/],
  [
    'another word for signatures',
    'signatures: trust-policy',
    'signatures: trustpolicy',
    /did you mean trust-policy\?$/,
  ],
  [
    'a rule without a source',
    '    from: [registry.wabbit.example/net-monitor]\n',
    '',
    /artifacts\[0\]\.from: expected a list, found nothing; add it/,
  ],
  [
    'another word for unsigned',
    'unsigned: refuse',
    'unsigned: refused',
    /unsigned: expected refuse or admit, found "refused"; did you mean refuse\?/,
  ],
  [
    'another place for documents',
    'on: root',
    'on: platform',
    /on: expected root or platforms, found "platform"; did you mean platforms\?/,
  ],
  ['no artifact type', 'application/spdx+json', 'spdx', /types\[0\]: expected an artifact type/],
  ['a bad tag', '"1.0"]', '"v*x"]', /immutableTags\[1\]: expected a tag/],
  ['a rename in two forms', 'to: vendor/wabbit/*', 'to: vendor/wabbit', /to: expected all below a path/],
  [
    'a rename out of what is allowed',
    'to: vendor/wabbit/*',
    'to: other/*',
    /to: expected a name that names\.allowed has: vendor\/\*, found "other\/\*"/,
  ],
  ['a rename upwards', 'to: vendor/wabbit/*', 'to: vendor/../other/*', /to: expected NAME/],
  ['a rename to a registry', 'to: vendor/wabbit/*', 'to: "other.example:5000/*"', /to: expected NAME/],
  ['a rename of everything', 'from: registry.wabbit.example/*, to', 'from: "*", to', /from: expected HOST\/NAME/],
  [
    'a rename to the name of a signature',
    'from: registry.wabbit.example/*, to: vendor/wabbit/*',
    'from: "registry.wabbit.example/a:1", to: "vendor/a:sha256-0"',
    /to: expected NAME/,
  ],
  [
    'a rename that an earlier one has',
    '/wabbit/*}]',
    '/wabbit/*}, {from: "registry.wabbit.example/a:1", to: "vendor/a:1"}]',
    /rename\[1\]\.from: expected what no earlier rule has/,
  ],
  [
    'a registry with a path',
    '"registry.acme.internal:5000"',
    'registry.acme.internal/a',
    /registries\[0\]: expected HOST/,
  ],
  ['a duration without a unit', 'maxAge: 30d', 'maxAge: 30', /:8:19: bundles\.maxAge: expected a text, found 30/],
  [
    'a duration in words',
    'maxAge: 30d',
    'maxAge: 30 days',
    /maxAge: expected a time, found "30 days"; write it like 30d/,
  ],
  ['no time at all', 'maxAge: 30d', 'maxAge: 0d', /maxAge: expected a time/],
  ['a bad staleness', 'maxStaleness: 7d', 'maxStaleness: 7w', /:3:\d+: signers\.vendor\.maxStaleness: expected a time/],
  ['yes', 'requireExpiry: true', 'requireExpiry: yes', /requireExpiry: expected true or false, found "yes"/],
  ['a store without a type', '[ca:wabbit]', '[wabbit]', /stores\[0\]: expected a trust store/],
  ['a store of another type', '[ca:wabbit]', '[kms:wabbit]', /stores\[0\]: expected a trust store/],
  ['a store that leads elsewhere', '[ca:wabbit]', '["ca:.."]', /stores\[0\]: expected a trust store/],
  [
    'only timestamp authorities',
    '[ca:wabbit]',
    '[tsa:wabbit]',
    /stores: expected a store of the type ca or signingAuthority/,
  ],
  ['a store twice', '[ca:wabbit]', '[ca:wabbit, ca:wabbit]', /stores\[1\]: expected each once/],
  [
    'no stores',
    'stores: [ca:wabbit], ',
    '',
    /:3:11: signers\.vendor: expected the members stores and identities, or statement, found no stores/,
  ],
  ['an identity without C', 'C=US, ST=WA, O=', 'ST=WA, O=', /identities\[0\]: expected identities.*lacks C/],
  [
    'an identity without quotes',
    '["x509.subject: C=US, ST=WA, O=Wabbit Networks"]',
    '[x509.subject: C=US]',
    /identities\[0\]: expected a text, found a member; write all of it between quotes: "x509\.subject: …"/,
  ],
  [
    'an identity of another kind',
    '"x509.subject: C=US, ST=WA, O=Wabbit Networks"',
    '"spiffe: a"',
    /identities\[0\]: expected an identity that a certificate can have/,
  ],
  [
    'everybody beside others',
    'Wabbit Networks"]',
    'Wabbit Networks", "*"]',
    /identities: expected identities.*beside others/,
  ],
  [
    'a level that enforces nothing',
    'maxStaleness: 7d}',
    'level: audit}',
    /level: expected strict or permissive, found "audit"/,
  ],
  [
    'another kind of signature',
    'kinds: [cose]',
    'kinds: [cosign]',
    /kinds\[0\]: expected jws or cose or nv2, found "cosign"/,
  ],
  [
    'a statement and stores',
    '{statement: acme-house}',
    '{statement: acme-house, level: strict}',
    /:5:34: signers\.house\.level: expected no such member/,
  ],
  [
    'a signer’s name with a space',
    '  house:',
    '  "the house":',
    /signers\.the house: expected a name of a signer, found "the house"/,
  ],
  [
    'both kinds of OPA',
    'opa: {wasm: last-word.wasm,',
    'opa: {wasm: a, server: "http://127.0.0.1",',
    /opa: expected wasm, or server, found both/,
  ],
  [
    'OPA at another machine without TLS',
    'opa: {wasm: last-word.wasm, entrypoint: waybill/allow}',
    'opa: {server: "http://opa.example"}',
    /opa\.server: expected https:\/\//,
  ],
  [
    'OPA with a password',
    'opa: {wasm: last-word.wasm, entrypoint: waybill/allow}',
    'opa: {server: "https://a:secret@opa.example"}',
    /opa\.server: expected an address alone(?!.*secret)/,
  ],
  [
    'OPA at no address',
    'opa: {wasm: last-word.wasm, entrypoint: waybill/allow}',
    'opa: {server: "127.0.0.1:8181"}',
    /opa\.server: expected an address/,
  ],
  [
    'an entrypoint for a server',
    'opa: {wasm: last-word.wasm,',
    'opa: {server: "http://localhost:8181",',
    /opa\.entrypoint: expected path/,
  ],
  [
    'a member without a value',
    'partial: false',
    'partial:',
    /:27:9: partial: expected true or false, found nothing; write it, or remove the member/,
  ],
  [
    'a list for members',
    'bundles: {maxAge: 30d, requireExpiry: true}',
    'bundles: [a]',
    /bundles: expected members, found a list/,
  ],
]

describe('a policy with a mistake', () => {
  it.each(SLIPS)('is refused with %s, and the place, what was expected, found, and what to do', (_, from, to, said) => {
    expect(SOUND_POLICY).toContain(from)

    const mistakes = mistakesIn(SOUND_POLICY.replace(from, to))

    expect(mistakes).toContainEqual(expect.stringMatching(said))
    for (const one of mistakes) expect(one).toMatch(/^import-policy\.yaml:\d+:\d+: (?:.+: )?expected .+, found .+; .+$/)
  })
})
