import { describe, expect, test } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import type { Refusals, Review, ReviewNode } from '../../../src/import/review/review.js'
import type { ReadsDocuments } from '../../../src/tui/means.js'
import { NO_DOCUMENTS } from '../../support/screen-means.js'
import { openedAt } from '../../support/screens.js'
import { digestFor } from '../../support/streams.js'

function node(id: string, label: string, more: Partial<ReviewNode> = {}): ReviewNode {
  return { id, label, kind: 'artifact', verdict: 'pass', details: [], children: [], ...more }
}

const ARTIFACTS = [
  node('a0', 'registry.wabbit.example/net-monitor:v1', {
    root: 0,
    change: 'new',
    children: [node('a0/p0', 'linux/amd64', { kind: 'platform', verdict: 'note' })],
  }),
  node('a1', 'registry.wabbit.example/net-probe:v1', { root: 1, change: 'same' }),
  node('a2', 'registry.wabbit.example/net-admin:v1', {
    root: 2,
    verdict: 'fail',
    details: [['because', 'no signature of a certifier']],
  }),
]

const REVIEW: Review = {
  bundle: node('bundle', 'release.tar', { kind: 'bundle' }),
  artifacts: ARTIFACTS,
  removed: [],
  size: 1_500_000,
  admitted: true,
}

interface Given {
  readonly review?: Partial<Review>
  readonly columns?: number
  readonly rows?: number
  readonly read?: ReadsDocuments['read']
}

/** An import at its review, and what was answered. */
async function reviewing({ review = {}, read = NO_DOCUMENTS.read, ...size }: Given = {}) {
  const answers: Refusals[] = []
  const screens = openedAt('import', {
    ...size,
    list: async () => [{ name: 'a.tar', path: '/media/usb/a.tar', kind: 'bundle', size: 10 }],
    async importBundle(_, given) {
      answers.push(await given.review({ ...REVIEW, ...review }, { read }))
      return { exit: 3, headline: 'LOADED IN PART', good: false, lines: [], next: [], command: '' }
    },
  })
  await screens.sees('a.tar')
  await screens.press('\r')
  await screens.sees('› Target')
  await screens.press('host', '\r')
  await screens.sees('› Verify')
  await screens.press('\r')
  await screens.sees(/Import: (review|refused)/)
  await screens.sees(/line \d/)
  return { screens, answers }
}

const DOWN = '\u001b[B'

describe('a review', () => {
  test.each([
    [80, 24],
    [40, 15],
  ])('says how many are admitted, and refuses one with a reason, at %i×%i', async (columns, rows) => {
    const { screens, answers } = await reviewing({ columns, rows })

    await screens.sees('2 admitted · 1 refused by policy')
    expect(screens.screen()).toHaveLength(rows - 1)
    await screens.press('g', DOWN, 'r')
    await screens.sees('Why:')
    await screens.press('\r')
    await screens.sees('A reason is needed')
    await screens.press('not before the audit', '\r')
    await screens.sees('1 refused by you')
    await screens.sees(/^› refused new .*or:v1/m)
    await screens.press('L')
    await screens.sees('Load 1 artifact?')
    expect(screens.screen()).toHaveLength(rows - 1)
    await screens.press('y')

    await screens.sees('LOADED IN PART')
    expect(answers).toEqual([new Map([[0, 'not before the audit']])])
  })

  test('takes a refusal back, and a reason with Esc', async () => {
    const { screens, answers } = await reviewing()

    await screens.press('g', DOWN, 'r')
    await screens.sees('Why:')
    await screens.press('q?', '\u001b')
    await screens.gone('Why:')
    expect(screens.screen().join('\n')).not.toContain('refused by you')
    await screens.press('r')
    await screens.sees('Why:')
    await screens.press('x', '\r')
    await screens.sees('1 refused by you')
    await screens.press('a')
    await screens.gone('1 refused by you')
    await screens.press('L')
    await screens.sees('y: yes')
    await screens.press('y')

    await screens.sees('LOADED IN PART')
    expect(answers).toEqual([new Map()])
  })

  test('lets nobody admit what the policy refuses', async () => {
    const { screens } = await reviewing()

    await screens.press('a')

    await screens.sees('nobody can let it in from here')
    await screens.press('r')
    await screens.sees('The policy refuses it already')
  })

  test('keeps what was refused while the help is read', async () => {
    const { screens } = await reviewing()

    await screens.press('g', DOWN, 'r')
    await screens.sees('Why:')
    await screens.press('x', '\r')
    await screens.sees('1 refused by you')
    await screens.press('?')
    await screens.sees('· Keys')
    await screens.press('?')

    await screens.sees('1 refused by you')
  })

  test('loads at once where nothing is moved or refused', async () => {
    const { screens, answers } = await reviewing({ review: { artifacts: ARTIFACTS.slice(0, 2) } })

    await screens.sees('2 admitted')
    await screens.press('L')

    await expect.poll(() => answers).toEqual([new Map()])
  })

  test('asks before a name comes to mean something else', async () => {
    const { screens } = await reviewing({
      review: { artifacts: [node('a0', 'net-monitor', { root: 0, change: 'moved' })] },
    })

    await screens.press('L')

    await screens.sees('1 name at the target will mean something else')
    await screens.press('\r')
    await screens.gone('mean something else')
  })

  test('is only read where nothing is admitted, and has the reasons first', async () => {
    const { screens, answers } = await reviewing({
      review: {
        admitted: false,
        artifacts: ARTIFACTS.slice(2),
        bundle: node('bundle', 'net-monitor.tar', { kind: 'bundle' }),
      },
    })

    await screens.sees('no signature of a certifier')
    await screens.press('L', 'r', 'a')
    expect(answers).toEqual([])
    await screens.press('\u001b')

    await expect.poll(() => answers).toHaveLength(1)
  })

  test.each([
    [80, 24],
    [40, 15],
  ])('lets an SBOM be read before anything is decided, at %i×%i', async (columns, rows) => {
    const document = { digest: digestFor('sbom'), mediaType: 'application/spdx+json', size: 20 }
    const sbom = node('a0/d0', 'application/spdx+json sha256:4b2', { kind: 'document', verdict: 'note', document })
    const read = async (digest: string) => (digest === document.digest ? ['│ SPDX-2.3', '│ libfoo'] : [])
    const artifact = node('a0', 'net-monitor:v1', { root: 0, children: [sbom] })
    const { screens, answers } = await reviewing({ columns, rows, review: { artifacts: [artifact] }, read })

    await screens.press(DOWN, '\u001b[C', DOWN, '\r')
    await screens.sees('Esc: back to the tree')
    await screens.press('\r')
    await screens.sees('│ libfoo')
    await screens.sees('Reading: application/spdx+json')
    expect(screens.screen().length).toBeLessThan(rows)
    await screens.press('L', 'r', 's')
    expect(answers).toEqual([])
    await screens.press('\u001b')
    await screens.gone('libfoo')
    await screens.press('\u001b')
    await screens.sees(/line 3 of 3/)
    await screens.press('L')

    await expect.poll(() => answers).toHaveLength(1)
  })

  test('says why a document cannot be read', async () => {
    const document = { digest: digestFor('sbom'), mediaType: 'text/plain', size: 20 }
    const notes = node('a0', 'notes', { root: 0, document })
    const read = async () => {
      throw new TransferError('ERR_CONTENT_MISMATCH', 'the medium has changed')
    }
    const { screens } = await reviewing({ review: { artifacts: [notes] }, read })

    await screens.press(DOWN, '\r', '\r')
    await screens.sees('It cannot be read.')
    await screens.sees('the medium has changed')
  })

  test('is stopped without anything being written', async () => {
    const { screens } = await reviewing()

    await screens.press('s')
    await screens.sees('Nothing has been written')
    await screens.press('y')

    await screens.sees('Stopped before the end')
  })
})
