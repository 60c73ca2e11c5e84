import { describe, expect, it } from 'vitest'
import { digestOf } from '../../src/oci/digest.js'
import { policyOf, SOUND_POLICY } from '../support/policies.js'
import { mistakesIn } from '../support/policy-mistakes.js'

const DAY = 86_400_000

describe('readImportPolicy', () => {
  it('reads every member, and fills in what is left out with what refuses', () => {
    const policy = policyOf(SOUND_POLICY)

    expect(policy).toMatchObject({
      path: 'import-policy.yaml',
      digest: digestOf(Buffer.from(SOUND_POLICY)),
      bundles: { maxAgeMs: 30 * DAY, requireExpiry: true },
      streams: [
        { stream: 'acme/nightly', signedBy: ['exporter'], requireChain: true },
        { stream: 'acme/*', signedBy: ['exporter'], requireChain: false },
      ],
      unstreamed: { signedBy: ['exporter'] },
      artifacts: [
        {
          name: 'the monitor',
          sources: ['registry.wabbit.example/net-monitor'],
          signatures: [
            { atLeast: 2, of: ['vendor', 'certifier'] },
            { atLeast: 2, of: ['vendor', 'certifier', 'house'] },
          ],
          documents: [
            { types: ['application/spdx+json'], atLeast: 1, on: 'root', signatures: [{ atLeast: 1, of: ['vendor'] }] },
          ],
          unsigned: 'refuse',
          immutableTags: ['v*', '1.0'],
        },
        { name: 'artifacts[1] (line 21)', sources: ['*'], signatures: [], documents: [], unsigned: 'refuse' },
      ],
      names: {
        registries: ['registry.acme.internal:5000'],
        allowed: ['vendor/*'],
        rename: [{ from: 'registry.wabbit.example/*', to: 'vendor/wabbit/*' }],
      },
      partial: false,
      opa: { by: 'wasm', path: 'last-word.wasm', entrypoint: 'waybill/allow' },
    })
  })

  it('makes a statement of each signer, with the staleness of all where it has none of its own', () => {
    const { signers } = policyOf(SOUND_POLICY)

    expect(signers.get('vendor')).toMatchObject({
      by: 'statement',
      kinds: ['jws', 'cose'],
      statement: {
        level: { name: 'strict', actions: { authenticity: 'enforce', revocation: 'enforce' } },
        stores: [{ type: 'ca', name: 'wabbit' }],
        waybill: { maxStalenessMs: 7 * DAY, acceptNv2: false, matchTarget: false },
      },
    })
    expect(signers.get('certifier')).toMatchObject({ kinds: ['cose'], statement: { waybill: { maxStalenessMs: DAY } } })
    expect(signers.get('house')).toEqual({
      name: 'house',
      kinds: [],
      by: 'trust-policy',
      statementName: 'acme-house',
    })
  })

  it('takes signatures of the nv2 prototype only where they are named', () => {
    const policy = (kinds: string) =>
      policyOf(
        `version: 1\nsigners: {a: {stores: [ca:a], identities: ["*"]${kinds}}}\nunstreamed: {signedBy: [a]}\n`,
      ).signers.get('a')

    expect(policy('')).toMatchObject({ kinds: ['jws', 'cose'], statement: { waybill: { acceptNv2: false } } })
    expect(policy(', kinds: [nv2]')).toMatchObject({ kinds: ['nv2'], statement: { waybill: { acceptNv2: true } } })
  })

  it('allows nothing where nothing is written', () => {
    expect(policyOf('version: 1\n')).toMatchObject({
      bundles: { maxAgeMs: undefined, requireExpiry: false },
      streams: [],
      unstreamed: undefined,
      artifacts: [],
      names: { registries: [], allowed: [], rename: [] },
      partial: false,
      opa: undefined,
    })
  })

  it.each([
    ['CRLF', SOUND_POLICY.replaceAll('\n', '\r\n')],
    ['a mark at the beginning', `---\n${SOUND_POLICY}`],
    ['comments before, between and behind', `# a\n${SOUND_POLICY.replace('bundles', '# b\nbundles')}# c`],
    ['members in quotes', SOUND_POLICY.replace('version:', '"version":')],
  ])('reads the same from a file with %s', (_, text) => {
    expect(policyOf(text).artifacts[0]).toEqual(policyOf(SOUND_POLICY).artifacts[0])
  })

  it('tells all mistakes at once, in the order in which they stand in the file', () => {
    const text = 'version: 2\nsigner: {}\nartifact: []\nbundles:\n  maxage: 3d\n  requireExpiry: maybe\n'

    expect(mistakesIn(text)).toEqual([
      'import-policy.yaml:1:10: version: expected 1, found 2; write 1',
      expect.stringMatching(/^import-policy.yaml:2:1: signer: .*did you mean signers\?$/),
      expect.stringMatching(/^import-policy.yaml:3:1: artifact: .*did you mean artifacts\?$/),
      expect.stringMatching(/^import-policy.yaml:5:3: bundles.maxage: .*did you mean maxAge\?$/),
      expect.stringMatching(/^import-policy.yaml:6:18: bundles.requireExpiry: expected true or false, found "maybe"/),
    ])
  })

  it('tells one slip in one sentence', () => {
    const text = 'version: 1\nsigners: {vendor: {statement: a}}\nunstreamed: {signedBy: [vendr]}\n'

    expect(mistakesIn(text)).toEqual([
      'import-policy.yaml:3:25: unstreamed.signedBy[0]: expected a signer that is defined under `signers`, found "vendr"; did you mean vendor?',
    ])
  })

  it('tells twenty mistakes, and how many there are', () => {
    const text = `version: 1\n${Array.from({ length: 30 }, (_, at) => `wrong${at}: 1\n`).join('')}`

    const mistakes = mistakesIn(text)

    expect(mistakes).toHaveLength(21)
    expect(mistakes[20]).toContain('10 more')
  })
})
