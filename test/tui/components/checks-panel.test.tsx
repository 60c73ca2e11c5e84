import { describe, expect, test } from 'vitest'
import type { TransferEvent } from '../../../src/events.js'
import { ChecksPanel } from '../../../src/tui/components/checks-panel.js'
import { drawAt } from '../../support/frames.js'
import { digestNo, transferOf } from '../../support/transfers.js'

type Result = Extract<TransferEvent, { readonly type: 'checked' }>['result']

const STARTED: TransferEvent = { type: 'stage-started', stage: 'verify', total: { blobs: 4, bytes: 4_000_000 } }
const ENDED: TransferEvent = { type: 'stage-ended', stage: 'verify' }
const checked = (check: string, result: Result, subject = 'all'): TransferEvent => {
  return { type: 'checked', check, subject, result }
}

describe('the panel of checks', () => {
  test.each([
    [80, 24],
    [120, 40],
    [40, 15],
  ])('has a word for each at %i×%i, in their order', async (columns, rows) => {
    const transfer = transferOf([
      STARTED,
      { type: 'blob-progress', digest: digestNo(1), bytes: 1_000_000 },
      checked('structure', 'pass'),
      checked('signature', 'logged'),
      checked('signer', 'pass'),
      checked('validity', 'not-applicable'),
    ])

    const screen = drawAt(<ChecksPanel transfer={transfer} rows={rows - 3} />, { columns, rows })

    await screen.sees('structure')
    expect(screen.screen().map((line) => line.trimEnd())).toEqual(
      [
        'structure  ok',
        'signature  logged',
        'signer     ok',
        'validity   not applicable',
        'revocation under way',
        'freshness  waiting',
        'rollback   waiting',
        'closure    waiting',
        'policy     waiting',
        expect.stringMatching(/^content {4}under way 25 % · 1.0/),
      ].concat(['signature'].map(() => 'logged signature: all')),
    )
  })

  test('calls no policy right before each root was asked about', async () => {
    const before = [STARTED, checked('policy', 'pass'), checked('policy', 'pass')]
    const running = drawAt(<ChecksPanel transfer={transferOf(before)} rows={12} />)
    await running.sees(/^policy +under way +2 ok$/m)

    const over = drawAt(<ChecksPanel transfer={transferOf([...before, ENDED])} rows={12} />)
    await over.sees(/^policy +ok +2 ok$/m)

    const failed = drawAt(<ChecksPanel transfer={transferOf([...before, checked('policy', 'fail')])} rows={12} />)
    await failed.sees(/^policy +FAIL +1 FAIL · 2 ok$/m)
  })

  test('names what failed first, and cannot be told to say something else', async () => {
    const transfer = transferOf([
      STARTED,
      checked('closure', 'fail', 'sha256:1\u001b[1A\rclosure ok'),
      ...Array.from({ length: 20 }, (_, at) => checked('content', 'fail', `blob ${at}`)),
      checked('target', 'fail', 'a name that is taken'),
      ENDED,
    ])

    const screen = drawAt(<ChecksPanel transfer={transfer} rows={13} />)

    await screen.sees('FAIL closure: sha256:1\\u{1b}[1A\\u{d}closure ok')
    await screen.sees('FAIL content: blob 0')
    await screen.sees(/^target +FAIL$/m)
    expect(screen.screen().length).toBe(13)
  })
})
