import { describe, expect, test } from 'vitest'
import { printable } from '../../src/encoding/printable.js'
import { TransferError } from '../../src/errors.js'
import type { Review, ReviewNode } from '../../src/import/review/review.js'
import { digestOf } from '../../src/oci/digest.js'
import type { Audit, Means, WorkEnd } from '../../src/tui/means.js'
import { misdrawn } from '../support/drawn-well.js'
import { HOSTILE_TEXTS } from '../support/hostile-texts.js'
import { KEY } from '../support/pty.js'
import { type OpenedScreens, openedAt } from '../support/screens.js'

const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 40, rows: 15 },
] as const
const DIGEST = digestOf(Buffer.from('a document'))

interface Hostile {
  readonly screens: OpenedScreens
  /** Lets the work end. */
  readonly end: () => void
}

type Drive = (hostile: Hostile) => Promise<void>

/** Ways to a screen on which foreign text is. */
const SCREENS: Readonly<Record<string, readonly [start: 'import' | 'audit', drive: Drive]>> = {
  'the list of files': ['import', async ({ screens }) => await screens.sees('› bundle')],
  'the fields of an import': ['import', toFields],
  'a review': ['import', toReview],
  'the details of a review': [
    'import',
    async (hostile) => {
      await toReview(hostile)
      await hostile.screens.press('g', KEY.enter)
      await hostile.screens.sees(/^details, lines|^details; Esc/m)
    },
  ],
  'an import that loads': ['import', toLoading],
  'an import that has ended': [
    'import',
    async (hostile) => {
      await toLoading(hostile)
      hostile.end()
      await hostile.screens.sees('Enter go on')
    },
  ],
  'an audit': [
    'audit',
    async ({ screens }) => {
      await screens.sees('› bundle')
      await screens.press(KEY.enter)
      await screens.sees('AUDIT of')
    },
  ],
  'a list of documents': ['audit', toDocuments],
  'a document': [
    'audit',
    async (hostile) => {
      await toDocuments(hostile)
      await hostile.screens.press(KEY.enter)
      await hostile.screens.sees('lines 1')
    },
  ],
}

describe.each(Object.entries(SCREENS))('%s', (_, [start, drive]) => {
  test.each(SIZES)('is drawn well at $columns×$rows, whatever foreign text is on it', async (size) => {
    const wrong: Record<string, readonly string[]> = {}
    // Narrow screens are broken first; there is room for all of them in one test only.
    const texts = Object.entries(HOSTILE_TEXTS).filter((_, at) => size.columns === 40 || at % 4 === 0)
    for (const [what, text] of texts) {
      const hostile = hostileScreens(start, { text, ...size })
      await drive(hostile)
      wrong[what] = await misdrawn(hostile.screens.screen(), size)
      hostile.end()
      hostile.screens.session.close()
    }

    expect(Object.fromEntries(Object.entries(wrong).filter(([, sentences]) => sentences.length > 0))).toEqual({})
  })
})

async function toFields({ screens }: Hostile): Promise<void> {
  await screens.sees('› bundle')
  await screens.press(KEY.enter)
  await screens.sees('› Target')
}

async function toReview(hostile: Hostile): Promise<void> {
  const { sees, press } = hostile.screens
  await toFields(hostile)
  await press('host', KEY.enter)
  await sees('› Verify')
  await press(KEY.enter)
  await sees('Import: review')
  await sees(/line \d/)
}

async function toLoading(hostile: Hostile): Promise<void> {
  await toReview(hostile)
  await hostile.screens.press('L')
  await hostile.screens.press('y')
  await hostile.screens.sees('trying again')
}

async function toDocuments({ screens }: Hostile): Promise<void> {
  await screens.sees('› bundle')
  await screens.press(KEY.enter)
  await screens.sees('AUDIT of')
  await screens.press('d')
  await screens.sees('document 1 of')
}

/** Screens on which everything that somebody else may write is this text. */
function hostileScreens(
  start: 'import' | 'audit',
  { text, ...size }: { readonly text: string; readonly columns: number; readonly rows: number },
): Hostile {
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const shown = printable(text)
  const review = reviewOf(shown)
  const means: Partial<Means> = {
    machine: async () => ({ configDir: `/config/${text}`, trusted: 1, folder: `/media/${text}` }),
    list: async () => [
      { name: 'a.tar', path: `/media/${text}`, kind: 'bundle', size: 1 },
      { name: text, path: `/media/${text}/x`, kind: 'bundle', size: 1 },
    ],
    importCommand: () => `waybill import '${text}' --to host`,
    async importBundle(_, { emit, ready, review: ask }) {
      emit({ type: 'stage-started', stage: 'verify', total: { blobs: 1, bytes: 1 } })
      emit({ type: 'checked', check: 'signature', subject: text, result: 'fail' })
      emit({ type: 'checked', check: text, subject: text, result: 'logged' })
      await ask(review, { read: async () => [text] })
      await ready()
      emit({ type: 'stage-started', stage: 'load', total: { blobs: 1, bytes: 1 } })
      emit({ type: 'warning', code: 'WARNING', message: text })
      emit({ type: 'tagged', reference: text, digest: DIGEST })
      emit({ type: 'retrying', what: text, waitMs: 1, reason: text })
      await ended
      throw new TransferError('ERR_REGISTRY_PROTOCOL', text, { details: [text, text] })
    },
    openAudit: async (path) => auditOf({ path, review, shown }),
  }
  return { screens: openedAt(start, { ...means, ...size }), end }
}

function reviewOf(shown: string): Review {
  const below = node('below', shown, { kind: 'signature', verdict: 'logged', details: [[shown, shown]] })
  const bundle = node('bundle', shown, { kind: 'bundle', details: [['name', shown]], children: [below] })
  const artifacts = [
    node('a0', shown, { root: 0, change: 'new', size: 1, verdict: 'fail', details: [[shown, shown]] }),
    node('a1', shown, { root: 1, change: 'moved', children: [below] }),
  ]
  return {
    bundle,
    artifacts,
    removed: [node('r', shown, { kind: 'removed', change: 'removed' })],
    size: 1,
    admitted: true,
  }
}

function node(id: string, label: string, more: Partial<ReviewNode> = {}): ReviewNode {
  return { id, label, kind: 'artifact', verdict: 'pass', details: [], children: [], ...more }
}

function auditOf({ path, review, shown }: Pick<Audit, 'path' | 'review'> & { readonly shown: string }): Audit {
  const end: WorkEnd = { exit: 0, headline: shown, good: false, lines: [shown], next: [shown], command: shown }
  return {
    ...{ kind: 'bundle', path, verdict: 'NOT VERIFIED', summary: shown, review, end },
    documents: [{ name: shown, digest: DIGEST, size: 1 }],
    read: async () => [shown, shown.repeat(5)],
    close: async () => {},
  }
}
