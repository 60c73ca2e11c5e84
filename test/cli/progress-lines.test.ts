import { describe, expect, test } from 'vitest'
import { progressLines } from '../../src/cli/render/progress.js'
import type { TransferEvent } from '../../src/events.js'
import { digestFor } from '../support/streams.js'

const DIGEST = digestFor('blob')
const KiB = 1024

/** The lines about these events, each a second after the one before. */
function linesOf(events: readonly TransferEvent[], everyMs = 0): readonly string[] {
  const lines: string[] = []
  let now = 0
  const emit = progressLines({ write: (line) => lines.push(line), now: () => now, everyMs })
  for (const event of events) {
    now += 1000
    emit(event)
  }
  return lines
}

const loading = (blobs: number, bytes: number): TransferEvent => ({
  ...{ type: 'stage-started', stage: 'load', total: { blobs, bytes } },
})
const started: TransferEvent = { type: 'blob-started', digest: DIGEST, size: 4 * KiB }
const moved = (bytes: number): TransferEvent => ({ type: 'blob-progress', digest: DIGEST, bytes })
const ended = (how: 'copied' | 'present'): TransferEvent => ({
  ...{ type: 'blob-ended', digest: DIGEST, size: 4 * KiB, how },
})
const failed = (subject: string): TransferEvent => ({ type: 'checked', check: 'signature', subject, result: 'fail' })

describe('plain lines about the work', () => {
  test('count each byte once, with what is sent anew, and all of a blob that is there', () => {
    const lines = linesOf([
      loading(2, 8 * KiB),
      ...[started, moved(3 * KiB), started, moved(1 * KiB), moved(3 * KiB), ended('copied')],
      ended('present'),
    ])

    expect(lines.slice(1).map((line) => /\((\d+) %\)/.exec(line)?.[1])).toEqual(['37', '12', '50', '50', '100'])
  })

  test('come no more often than somebody wants to read them', () => {
    const lines = linesOf([loading(1, 4 * KiB), started, ...Array.from({ length: 40 }, () => moved(100))], 10_000)

    expect(lines).toHaveLength(5)
  })

  test('name what did not pass as words, once, and no more than can be read', () => {
    const many = Array.from({ length: 100 }, (_, at) => failed(`subject ${at}`))
    const logged: TransferEvent = { type: 'checked', check: 'artifacts', subject: 'a\u001b[2J', result: 'logged' }
    const passed: TransferEvent = { type: 'checked', check: 'closure', subject: 'x', result: 'pass' }

    const lines = linesOf([logged, passed, ...many], 10_000)

    expect(lines[0]).toBe('logged artifacts: a\\u{1b}[2J')
    expect(lines[1]).toBe('FAIL signature: subject 0')
    expect(lines).toHaveLength(21)
  })

  test('say that names are being set, where there are many', () => {
    const tags = Array.from({ length: 25 }, (_, at): TransferEvent => {
      return { type: 'tagged', reference: `registry.example/app:${at}`, digest: DIGEST }
    })

    expect(linesOf([{ type: 'stage-started', stage: 'tag' }, ...tags], 10_000)).toEqual([
      'setting tags',
      'setting tags: 10 set',
      'setting tags: 20 set',
    ])
  })

  test('say how much was found, where there is much to look at', () => {
    const walked: TransferEvent = { type: 'walked', digest: DIGEST }

    const lines = linesOf(
      [{ type: 'stage-started', stage: 'walk' }, ...Array.from({ length: 12 }, () => walked)],
      10_000,
    )

    expect(lines).toEqual(['looking at what is there', 'looking at what is there: 10 manifests read'])
  })

  test('say why something is tried again, and what is odd', () => {
    const lines = linesOf([
      { type: 'retrying', what: 'push', waitMs: 1500, reason: '503\n' },
      { type: 'warning', code: 'trust-policy', message: 'm' },
    ])

    expect(lines).toEqual(['trying again in 2 s: push: 503\\u{a}', 'warning: m (trust-policy)'])
  })
})
