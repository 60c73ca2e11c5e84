import { describe, expect, test } from 'vitest'
import type { TransferEvent } from '../../../src/events.js'
import { TransferBoard } from '../../../src/tui/components/transfer-board.js'
import type { Work } from '../../../src/tui/state.js'
import { laterTransfer } from '../../../src/tui/transfer.js'
import { drawAt } from '../../support/frames.js'
import { digestNo, transferOf } from '../../support/transfers.js'

const MB = 1_000_000
const SIZES = [
  [80, 24],
  [120, 40],
  [40, 15],
] as const

/** Half a minute of a load: some blobs are there already, some are on their way, and something went wrong. */
function events(): readonly TransferEvent[] {
  return [
    { type: 'stage-started', stage: 'load', total: { blobs: 300, bytes: 4000 * MB } },
    ...[1, 2, 3].map((number): TransferEvent => {
      return { type: 'blob-ended', digest: digestNo(number), size: 100 * MB, how: 'present' }
    }),
    { type: 'blob-started', digest: digestNo(0x1234abcd), size: 600 * MB },
    { type: 'blob-started', digest: digestNo(5), size: 20 * MB },
    ...Array.from({ length: 30 }, (): TransferEvent => {
      return { type: 'blob-progress', digest: digestNo(0x1234abcd), bytes: 10 * MB }
    }),
    { type: 'retrying', what: 'PUT \u001b[2J evil', waitMs: 1000, reason: 'HTTP 503' },
    { type: 'warning', code: 'odd', message: `${'very '.repeat(40)}long` },
  ]
}

function workOf(more: Partial<Work> = {}): Pick<Work, 'phase' | 'paused' | 'transfer'> {
  return { phase: 'loading', paused: false, transfer: transferOf(events(), 1000), ...more }
}

describe('the board of a transfer', () => {
  test.each(SIZES)('says the most important at %i×%i', async (columns, rows) => {
    const screen = drawAt(<TransferBoard work={workOf()} columns={columns} rows={rows - 3} />, { columns, rows })

    await screen.sees(/loading · \d+ s/)
    await screen.sees('600.0 MB of 4.00 GB')
    await screen.sees(/15 %$/m)
    await screen.sees('10.0 MB/s · 5 min 40 s left')
    await screen.sees('3 of 300 blobs · 1 retry')
    await screen.sees(/1234abcd1234 .*300.0 MB of 600.0 MB/)
    await screen.sees('trying again: PUT \\u{1b}[2J evil')
    await screen.sees('warning: very very')
    expect(screen.screen().length).toBe(rows - 3)
    for (const line of screen.screen()) expect(line.length).toBeLessThanOrEqual(columns)
  })

  test('at 80×24', async () => {
    const screen = drawAt(<TransferBoard work={workOf()} columns={80} rows={9} />)
    await screen.sees('15 %')

    expect(screen.screen().join('\n')).toMatchInlineSnapshot(`
      "loading · 35 s
      ███████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  15 %
      600.0 MB of 4.00 GB · 10.0 MB/s · 5 min 40 s left
      3 of 300 blobs · 1 retry · present 3
      1234abcd1234 [===============---------------] 300.0 MB of 600.0 MB
      000000050000 [------------------------------] 0 bytes of 20.0 MB


      warning: very very very very very very very very very very very very very very …"
    `)
  })

  test('says in words that it is held, and how long the work went on without', async () => {
    const paused = drawAt(<TransferBoard work={workOf({ paused: true })} columns={80} rows={12} />)
    await paused.sees('loading · PAUSED')

    const stopping = drawAt(<TransferBoard work={workOf({ phase: 'stopping' })} columns={80} rows={12} />)
    await stopping.sees('STOPPING, what is there stays')
  })

  test('counts what is read while nobody knows how much there is', async () => {
    const walked = [1, 2].map((number): TransferEvent => ({ type: 'walked', digest: digestNo(number) }))
    const transfer = transferOf([{ type: 'stage-started', stage: 'walk' }, ...walked], 1000)

    const screen = drawAt(<TransferBoard work={workOf({ transfer })} columns={80} rows={10} />, {
      columns: 80,
      rows: 24,
    })

    await screen.sees(/looking at what is there · \d+ s/)
    await screen.sees('2 manifests read')
  })

  test('says how many more are under way where not all have a row', async () => {
    const many = transferOf([
      ...events().slice(0, 1),
      ...Array.from({ length: 12 }, (_, at): TransferEvent => {
        return { type: 'blob-started', digest: digestNo(at), size: 5 }
      }),
    ])
    const screen = drawAt(<TransferBoard work={workOf({ transfer: many })} columns={80} rows={8} />)

    await screen.sees('and 9 more')
    expect(screen.screen().length).toBe(8)
  })

  test('tells a screen reader as much in two lines, and not more often than every five seconds', async () => {
    const transfer = transferOf(events(), 1000)
    const said: string[] = []
    const first = drawAt(<TransferBoard work={workOf({ transfer })} columns={80} rows={12} />, { screenReader: true })
    await first.sees('15 percent')
    said.push(first.screen().join('\n'))
    first.redraw(<TransferBoard work={workOf({ transfer: laterTransfer(transfer, 38_500) })} columns={80} rows={12} />)
    said.push(first.screen().join('\n'))
    first.redraw(<TransferBoard work={workOf({ transfer: laterTransfer(transfer, 44_000) })} columns={80} rows={12} />)
    said.push(first.screen().join('\n'))

    expect(said[0]?.split('\n').length).toBe(2)
    expect(said[1]).toBe(said[0])
    expect(said[2]).not.toBe(said[0])
  })
})
