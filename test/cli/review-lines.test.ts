import { describe, expect, it } from 'vitest'
import { reviewLines } from '../../src/cli/render/review.js'
import { aBundle } from '../support/bundles.js'
import { COMMANDS, trustingFolder } from '../support/bundles-commands.js'
import { VERIFIED_AT } from '../support/clock.js'
import { aNode } from '../support/review-nodes.js'
import { tmpFolder } from '../support/tmp.js'

describe('a review without a terminal', () => {
  it('is the tree in lines, each with the facts that its name does not say', () => {
    const review = {
      bundle: aNode('bundle.tar', { kind: 'bundle', verdict: 'pass', size: 1_200_000 }),
      artifacts: [
        aNode('app:1', {
          verdict: 'fail',
          change: 'moved',
          details: [
            ['source', 'app:1'],
            ['because', 'nobody signed it'],
          ],
          children: [aNode('linux/amd64', { kind: 'platform', details: [['digest', 'sha256:00']] })],
        }),
      ],
      removed: [aNode('app:0', { kind: 'removed', change: 'removed' })],
      size: 1,
      admitted: false,
    }

    expect(reviewLines(review)).toEqual([
      'ok     bundle, 1.20 MB: bundle.tar',
      'FAIL   artifact, moved: app:1',
      '    - because: nobody signed it',
      '  -      platform: linux/amd64',
      '      - digest: sha256:00',
      '-      removed, removed: app:0',
    ])
  })

  it('is what `verify --review` prints, with the verdict as its last line', async () => {
    const config = await trustingFolder(await tmpFolder())
    const given = { config, now: VERIFIED_AT, target: 'http://target.example' }
    const path = await aBundle()

    const { exit, lines } = await COMMANDS.review(path, given)

    expect(exit).toBe(0)
    expect(lines.at(-1)).toBe(`VERIFIED ${path}`)
    expect(lines.filter((line) => /^ {2}-\s+platform/.test(line))).toHaveLength(2)
    expect(lines.some((line) => /^ {4}- {6}certificate: signer, until \d{4}-.*C=ZZ/.test(line))).toBe(true)
    expect(lines.some((line) => line.includes('- action: enforce'))).toBe(true)
  })
})
