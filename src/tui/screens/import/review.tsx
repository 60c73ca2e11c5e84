import { Box } from 'ink'
import { useMemo, useState } from 'react'
import type { Review as Reviewed, ReviewNode } from '../../../import/review/review.js'
import { LIMITS } from '../../../limits.js'
import { Ask } from '../../components/ask.js'
import { Frame } from '../../components/frame.js'
import { Lines } from '../../components/lines.js'
import { useSize } from '../../components/use-size.js'
import type { Command, KeyPlace } from '../../keys.js'
import { Tree } from '../../tree/tree.js'
import { useKeys } from '../../use-keys.js'
import { markedLines, packed, wrapLines } from '../../wrap-lines.js'
import type { ScreenProps } from '../screen.js'
import { Reason } from './reason.js'
import { artifactOf, countsOf, countWords, isRefused, loadQuestion, reasons, shownNodes } from './review-model.js'

/** What is answered just now, if anything. */
type Answering =
  | { readonly kind: 'reason'; readonly artifact: ReviewNode; readonly root: number }
  | { readonly kind: 'load'; readonly lines: readonly string[] }
  | { readonly kind: 'stop' }

export interface ReviewProps extends ScreenProps {
  readonly review: Reviewed
}

/** Everything that is known before anything is written: to be read, taken from, and loaded. */
export function Review(props: ReviewProps) {
  const { state, session, work, review, onTyping, onOver } = props
  const { refusals, asked } = state.work
  const { columns, rows } = useSize()
  const [answering, setAnswering] = useState<Answering>()
  const [told, setTold] = useState('')
  const [busy, setBusy] = useState({ typing: false, over: false })
  const nodes = useMemo(() => shownNodes(review, refusals), [review, refusals])
  const counts = useMemo(() => countsOf(review, refusals), [review, refusals])
  const why = useMemo(() => reasons(review).slice(0, HEAD_ROWS), [review])
  const head = headOf({ review, why, asked, columns, words: countWords(counts, review.size) })
  const done = (): void => setAnswering(undefined)
  const refuse = (artifact: ReviewNode | undefined): void => {
    if (artifact?.root === undefined)
      setTold('Go to an artifact, or to something below it: whole artifacts are refused.')
    else if (isRefused(artifact)) setTold('The policy refuses it already.')
    else setAnswering({ kind: 'reason', artifact, root: artifact.root })
  }
  const approve = (artifact: ReviewNode | undefined): void => {
    if (artifact?.root === undefined) setTold('Go to an artifact of which you want to take your refusal back.')
    else if (isRefused(artifact)) setTold('The policy refuses it: nobody can let it in from here.')
    else if (!refusals.has(artifact.root)) setTold('It is admitted: there is nothing to take back.')
    else session.tell({ type: 'refusal-taken-back', root: artifact.root })
  }
  const leave = (command: Command): void => {
    if (command === 'back') work.answer(refusals)
  }
  const load = (): void => {
    const lines = loadQuestion(counts)
    if (lines.length === 0) work.answer(refusals)
    else setAnswering({ kind: 'load', lines })
  }
  useKeys({
    places: review.admitted ? ['review'] : ['everywhere'],
    active: answering === undefined && !busy.typing && !busy.over,
    on(command) {
      if (!review.admitted) leave(command)
      else if (command === 'load') load()
      else if (command === 'stop') setAnswering({ kind: 'stop' })
    },
  })
  const about = (command: Command, { id }: ReviewNode): void => {
    setTold('')
    if (command === 'refuse') refuse(artifactOf(review, id))
    else if (command === 'approve') approve(artifactOf(review, id))
    else if (command === 'read') setTold('Documents are read in Audit, which opens the same bundle.')
  }
  const foot = footOf({ answering, told, columns })
  const free = Math.max(3, rows - 2 - head.length - foot)
  return (
    <Frame title={review.admitted ? 'Import: review' : 'Import: refused'} places={placesOf(answering, review)}>
      <Lines lines={head} bold />
      <Tree
        {...{ nodes, columns, rows: free, active: answering === undefined }}
        places={review.admitted ? ['review'] : []}
        marks={({ root = -1, verdict }) => (verdict !== 'fail' && refusals.has(root) ? 'refused' : undefined)}
        onCommand={about}
        onTyping={(typing) => {
          setBusy((before) => ({ ...before, typing }))
          onTyping(typing)
        }}
        onOver={(over) => {
          setBusy((before) => ({ ...before, over }))
          onOver(over)
        }}
      />
      <Box flexGrow={1} />
      {answering === undefined && told !== '' ? <Lines lines={wrapLines(told, columns)} bold /> : null}
      <Answer
        answering={answering}
        onTyping={onTyping}
        onNo={done}
        onReason={(root, reason) => {
          session.tell({ type: 'refused', root, reason })
          done()
        }}
        onLoad={() => {
          done()
          work.answer(refusals)
        }}
        onStop={() => {
          done()
          work.stop()
        }}
      />
    </Frame>
  )
}

function placesOf(answering: Answering | undefined, { admitted }: Reviewed): readonly KeyPlace[] {
  if (answering !== undefined) return answering.kind === 'reason' ? ['form'] : ['question']
  return admitted ? ['review', 'tree', 'everywhere'] : ['tree', 'everywhere']
}

interface AnswerProps {
  readonly answering: Answering | undefined
  readonly onTyping: (typing: boolean) => void
  readonly onNo: () => void
  readonly onReason: (root: number, reason: string) => void
  readonly onLoad: () => void
  readonly onStop: () => void
}

function Answer({ answering, onTyping, onNo, onReason, onLoad, onStop }: AnswerProps) {
  switch (answering?.kind) {
    case undefined:
      return null
    case 'reason': {
      const { artifact, root } = answering
      return (
        <Reason
          {...{ label: artifact.label, max: LIMITS.reviewReasonLength, onTyping, onNo }}
          onReason={(reason) => onReason(root, reason)}
        />
      )
    }
    case 'load':
      return <Ask lines={answering.lines} onYes={onLoad} onNo={onNo} onTyping={onTyping} />
    case 'stop':
      return <Ask lines={[STOP]} onYes={onStop} onNo={onNo} onTyping={onTyping} />
  }
}

const STOP = 'Stop? Nothing has been written, and nothing will be.'

/** of reasons: the tree has them all */
const HEAD_ROWS = 4

interface Head {
  readonly review: Reviewed
  readonly why: readonly string[]
  readonly asked: number
  readonly columns: number
  readonly words: readonly string[]
}

function headOf({ review, why, asked, columns, words }: Head): readonly string[] {
  if (!review.admitted) {
    const lines = why.flatMap((reason) => markedLines(reason, columns))
    return [...wrapLines('Nothing can be loaded. Esc: what to do next', columns), ...lines.slice(0, HEAD_ROWS)]
  }
  const again = asked < 2 ? [] : wrapLines('The target has changed while you were reading. Look again:', columns)
  return [...again, ...packed(words, columns)]
}

/** Rows that stand below the tree. */
function footOf(foot: { readonly answering: Answering | undefined; readonly told: string; readonly columns: number }) {
  const { answering, told, columns } = foot
  switch (answering?.kind) {
    case undefined:
      return told === '' ? 0 : wrapLines(told, columns).length
    case 'reason':
      return 3
    case 'load':
      return answering.lines.flatMap((line) => wrapLines(line, columns)).length + 1
    case 'stop':
      return wrapLines(STOP, columns).length + 1
  }
}
