import { Box, Text } from 'ink'
import { useCallback, useMemo, useState } from 'react'
import type { Review as Reviewed, ReviewNode } from '../../../import/review/review.js'
import { LIMITS } from '../../../limits.js'
import { Ask } from '../../components/ask.js'
import { Frame } from '../../components/frame.js'
import { Lines } from '../../components/lines.js'
import { useSize } from '../../components/use-size.js'
import type { Command, KeyPlace } from '../../keys.js'
import { Tree } from '../../tree/tree.js'
import { useKeys } from '../../use-keys.js'
import { wrapLines } from '../../wrap-lines.js'
import { DocumentPane } from '../document-pane.js'
import type { ScreenProps } from '../screen.js'
import { Reason } from './reason.js'
import { type Answering, footOf, HEAD_ROWS, headOf, STOP } from './review-lines.js'
import { artifactOf, countsOf, countWords, isRefused, loadQuestion, reasons, shownNodes } from './review-model.js'

export interface ReviewProps extends ScreenProps {
  readonly review: Reviewed
}

/** Everything that is known before anything is written: to be read, taken from, and loaded. */
export function Review(props: ReviewProps) {
  const { state, session, work, review, onTyping, onOver } = props
  const { refusals, asked, documents } = state.work
  const { columns, rows } = useSize()
  const [answering, setAnswering] = useState<Answering>()
  const [told, setTold] = useState('')
  const [reading, setReading] = useState<ReviewNode>()
  const [busy, setBusy] = useState({ typing: false, over: false, filtered: false })
  const nodes = useMemo(() => shownNodes(review, refusals), [review, refusals])
  const counts = useMemo(() => countsOf(review, refusals), [review, refusals])
  const why = useMemo(() => reasons(review).slice(0, HEAD_ROWS), [review])
  const head = headOf({ review, why, asked, columns, words: countWords(counts) })
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
    if (command === 'back' && !busy.filtered) work.answer(refusals)
  }
  const load = (): void => {
    const lines = loadQuestion(counts)
    if (lines.length === 0) work.answer(refusals)
    else setAnswering({ kind: 'load', lines })
  }
  useKeys({
    places: review.admitted ? ['review'] : ['everywhere'],
    active: answering === undefined && reading === undefined && !busy.typing && !busy.over,
    on(command) {
      if (!review.admitted) leave(command)
      else if (command === 'load') load()
      else if (command === 'stop') setAnswering({ kind: 'stop' })
    },
  })
  useKeys({
    places: ['everywhere'],
    active: reading !== undefined && !busy.typing,
    on: (command) => (command === 'back' ? setReading(undefined) : undefined),
  })
  const about = (command: Command, node: ReviewNode): void => {
    const { id } = node
    setTold('')
    if (command === 'refuse') refuse(artifactOf(review, id))
    else if (command === 'approve') approve(artifactOf(review, id))
    else if (command === 'read' && node.document !== undefined) setReading(node)
  }
  const foot = footOf({ answering, told, columns })
  const free = Math.max(3, rows - 2 - head.length - foot)
  const filter = useCallback((filtered: boolean) => setBusy((before) => ({ ...before, filtered })), [])
  const type = (typing: boolean): void => {
    setBusy((before) => ({ ...before, typing }))
    onTyping(typing)
  }
  const places: readonly KeyPlace[] = reading === undefined ? placesOf(answering, review) : ['pane', 'everywhere']
  return (
    <Frame title={review.admitted ? 'Import: review' : 'Import: refused'} places={places}>
      {reading === undefined ? <Lines lines={head} bold /> : <Text wrap="truncate">{`Reading: ${reading.label}`}</Text>}
      <Box display={reading === undefined ? 'flex' : 'none'}>
        <Tree
          {...{ nodes, columns, rows: free, active: answering === undefined && reading === undefined }}
          places={review.admitted ? ['review'] : []}
          marks={({ root = -1, verdict }) => (verdict !== 'fail' && refusals.has(root) ? 'refused' : undefined)}
          onCommand={about}
          onTyping={type}
          onFiltered={filter}
          onOver={(over) => {
            setBusy((before) => ({ ...before, over }))
            onOver(over)
          }}
        />
      </Box>
      {documents === undefined || reading?.document === undefined ? null : (
        <DocumentPane
          {...{ from: documents, digest: reading.document.digest, columns, rows: Math.max(3, rows - 3) }}
          onTyping={type}
        />
      )}
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
